import type { BootOptions } from "./settings";

/** What the page's own button opens and closes. */
export interface OwnLauncherModel {
  readonly options: BootOptions;
  readonly isOpen: boolean;
  readonly open: () => void;
  readonly close: () => void;
}

/** The page's own button, in place of the bubble: found at each press, because apps draw theirs anew. */
export interface OwnLauncher {
  follow(model: OwnLauncherModel): void;
  remove(): void;
}

export function hasBubble({ launcher = "bubble" }: BootOptions): boolean {
  return launcher === "bubble";
}

export function createOwnLauncher(): OwnLauncher {
  let current: OwnLauncherModel | undefined;
  const pressed = ({ target }: Event) => {
    const { launcher = "bubble" } = current?.options ?? {};
    if (launcher === "bubble" || launcher === "none" || !(target as Element).closest?.(launcher)) return;
    if (current?.isOpen) current.close();
    else current?.open();
  };
  document.addEventListener("click", pressed);
  return {
    follow: (model) => {
      current = model;
    },
    remove: () => document.removeEventListener("click", pressed),
  };
}
