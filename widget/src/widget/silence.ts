import type { KeyValueStore } from "../core";

const KEY = "seller-chat:device:muted";

/** A visitor's own choice to hear nothing, on this device. */
export interface Silence {
  isWanted(): boolean;
  want(isWanted: boolean): void;
}

export function createSilence(store: KeyValueStore, changed: () => void): Silence {
  return {
    isWanted: () => store.get(KEY) !== undefined,
    want: (isWanted) => {
      if (isWanted) store.set(KEY, "muted");
      else store.remove(KEY);
      changed();
    },
  };
}
