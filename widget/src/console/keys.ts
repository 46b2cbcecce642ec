import { useEffect, useRef } from "preact/hooks";

/** Calls `pressed` for each key that nothing on the page has kept to itself. */
export function useKeys(pressed: (event: KeyboardEvent) => void): void {
  const newest = useRef(pressed);
  newest.current = pressed;
  useEffect(() => {
    const listener = (event: KeyboardEvent) => newest.current(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}

/** From the field where one writes to the list; false if one was not writing. */
export function leaveField(target: Element): boolean {
  if (!target.closest?.("input, textarea, select")) return false;
  (document.querySelector<HTMLElement>('.inbox .contact[tabindex="0"]') ?? (target as HTMLElement)).focus();
  if (document.activeElement === target) (target as HTMLElement).blur();
  return true;
}

export function openHandOver(): void {
  openMenu(".hand-over", "input");
}

export function openSnooze(): void {
  openMenu(".snooze", ".choices button");
}

function openMenu(place: string, first: string): void {
  const menu = document.querySelector<HTMLDetailsElement>(`${place} details`);
  if (!menu) return;
  // As a person does, by way of its button: a menu that is about to open hears of it.
  menu.querySelector("summary")?.focus();
  menu.open = true;
  menu.querySelector<HTMLElement>(first)?.focus();
}
