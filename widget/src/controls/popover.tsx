import type { ComponentChildren } from "preact";
import { Icon } from "./icon";

interface Props {
  readonly label: string;
  /** See icon.tsx; without one the label itself is read. */
  readonly icon?: string;
  readonly children: ComponentChildren;
  readonly folded?: () => void;
}

/** A button that unfolds what belongs to it; Escape, and going elsewhere, folds it again. */
export function Popover({ label, icon, children, folded }: Props) {
  const toggled = ({ currentTarget }: Event) => (currentTarget as HTMLDetailsElement).open || folded?.();
  return (
    <details class="menu" onKeyDown={keyPressed} onFocusOut={closeWhenLeft} onToggle={toggled}>
      <summary class={icon ? "quiet" : "secondary"} aria-label={label} title={label}>
        {icon ? <Icon path={icon} /> : label}
      </summary>
      {/* It takes focus itself, so that a press between its buttons, or on one in Safari, is not taken for leaving. */}
      <div class="choices" tabIndex={-1}>
        {children}
      </div>
    </details>
  );
}

/** For what is chosen from a popover: it has done its service. */
export function closePopover({ currentTarget }: Event): void {
  const menu = (currentTarget as Element).closest("details");
  if (menu) fold(menu);
}

function keyPressed(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (!menu.open) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") goOn(event, menu);
  if (event.key !== "Escape") return;
  // This Escape is for the popover, and not for what it is in.
  event.preventDefault();
  event.stopPropagation();
  fold(menu);
}

/** Arrows go from one button to the next, and round; in a field they are the field's. */
function goOn(event: KeyboardEvent, menu: HTMLElement): void {
  if ((event.target as Element).matches("input, textarea")) return;
  const buttons = [...menu.querySelectorAll<HTMLElement>(".choices button")];
  const place = buttons.indexOf(event.target as HTMLElement);
  const next = event.key === "ArrowDown" ? place + 1 : Math.max(place, 0) - 1;
  event.preventDefault();
  buttons.at(next % buttons.length)?.focus();
}

function closeWhenLeft({ currentTarget, relatedTarget }: FocusEvent): void {
  const menu = currentTarget as HTMLDetailsElement;
  if (!menu.contains(relatedTarget as Node | null)) menu.open = false;
}

function fold(menu: HTMLDetailsElement): void {
  menu.querySelector("summary")?.focus();
  menu.open = false;
}
