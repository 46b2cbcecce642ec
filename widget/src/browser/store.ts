import type { KeyValueStore } from "../core";

/** localStorage; where that is forbidden or full, memory: the chat works, but does not outlive the page. */
export function createBrowserStore(): KeyValueStore {
  const memory = new Map<string, string>();
  const inStorage = <Result>(use: (storage: Storage) => Result): Result | undefined => {
    try {
      return use(localStorage);
    } catch {
      return undefined;
    }
  };

  return {
    get: (key) => memory.get(key) ?? inStorage((storage) => storage.getItem(key)) ?? undefined,
    set: (key, value) => {
      memory.set(key, value);
      inStorage((storage) => {
        storage.setItem(key, value);
        memory.delete(key);
      });
    },
    remove: (key) => {
      memory.delete(key);
      inStorage((storage) => storage.removeItem(key));
    },
    keys: (prefix) => {
      const stored = inStorage(Object.keys) ?? [];
      return [...new Set([...stored, ...memory.keys()])].filter((key) => key.startsWith(prefix));
    },
  };
}
