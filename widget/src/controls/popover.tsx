import type { ComponentChildren } from "preact";
import { Icon } from "./icon";

interface Props {
  readonly label: string;
  /** See icon.tsx; without one the label itself is read. */
  readonly icon?: string;
  readonly children: ComponentChildren;
}

/** A button that unfolds what belongs to it; Escape, and going elsewhere, folds it again. */
export function Popover({ label, icon, children }: Props) {
  return (
    <details class="menu" onKeyDown={closeOnEscape} onFocusOut={closeWhenLeft}>
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

function closeOnEscape(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.key !== "Escape" || !menu.open) return;
  // This Escape is for the popover, and not for what it is in.
  event.preventDefault();
  event.stopPropagation();
  fold(menu);
}

function closeWhenLeft({ currentTarget, relatedTarget }: FocusEvent): void {
  const menu = currentTarget as HTMLDetailsElement;
  if (!menu.contains(relatedTarget as Node | null)) menu.open = false;
}

function fold(menu: HTMLDetailsElement): void {
  menu.querySelector("summary")?.focus();
  menu.open = false;
}
