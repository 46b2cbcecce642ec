import type { ComponentChildren } from "preact";
import { Icon } from "../timeline/icon";

interface Props {
  readonly label: string;
  /** See icon.tsx. */
  readonly icon: string;
  readonly children: ComponentChildren;
}

/** A button that unfolds what belongs to it; Escape, and going elsewhere, folds it again. */
export function Popover({ label, icon, children }: Props) {
  return (
    <details class="menu" onKeyDown={closeOnEscape} onFocusOut={closeWhenLeft}>
      <summary class="quiet" aria-label={label} title={label}>
        <Icon path={icon} />
      </summary>
      <div class="choices">{children}</div>
    </details>
  );
}

/** For what is chosen from a popover: it has done its service. */
export function closePopover({ currentTarget }: Event): void {
  const menu = (currentTarget as Element).closest("details");
  menu?.removeAttribute("open");
}

function closeOnEscape(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.key !== "Escape" || !menu.open) return;
  event.preventDefault();
  event.stopPropagation();
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

function closeWhenLeft(event: FocusEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.relatedTarget && !menu.contains(event.relatedTarget as Node)) menu.open = false;
}
