import type { KeyValueStore } from "../../core/ports";

/** What the page keeps in localStorage, to look at and to forget; nothing, where that is forbidden. */
export const pageStore: Pick<KeyValueStore, "get" | "keys" | "remove"> = {
  get: (key) => inStorage((storage) => storage.getItem(key)) ?? undefined,
  keys: (prefix) => (inStorage(Object.keys) ?? []).filter((key) => key.startsWith(prefix)),
  remove: (key) => inStorage((storage) => storage.removeItem(key)),
};

function inStorage<Result>(use: (storage: Storage) => Result): Result | undefined {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
}
