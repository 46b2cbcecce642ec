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
  const menu = document.querySelector<HTMLDetailsElement>(".hand-over details");
  if (!menu) return;
  menu.open = true;
  menu.querySelector<HTMLElement>("input")?.focus();
}
