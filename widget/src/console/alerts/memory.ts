/** How far a seller has come in each contact, as this device remembers it over reloads and in all its tabs. */
export interface Memory {
  newest(contactId: string): number;
  /** True if `seq` is further than what was noted before. */
  note(contactId: string, seq: number): boolean;
}

/** Contacts go on for a day or two; older ones make room. */
const REMEMBERED = 500;

type Items = Pick<Storage, "getItem" | "setItem">;

export function createMemory(key: string, storage: Items = localStorage): Memory {
  function read(): Map<string, number> {
    try {
      const stored: unknown = JSON.parse(storage.getItem(key) ?? "[]");
      return new Map(Array.isArray(stored) ? stored.filter(isNoted) : []);
    } catch {
      return new Map();
    }
  }

  return {
    newest: (contactId) => read().get(contactId) ?? 0,
    note: (contactId, seq) => {
      // Read anew each time: another tab may have noted more.
      const noted = read();
      if (seq <= (noted.get(contactId) ?? 0)) return false;
      noted.delete(contactId);
      noted.set(contactId, seq);
      storage.setItem(key, JSON.stringify([...noted].slice(-REMEMBERED)));
      return true;
    },
  };
}

function isNoted(item: unknown): item is [string, number] {
  return Array.isArray(item) && typeof item[0] === "string" && typeof item[1] === "number";
}
