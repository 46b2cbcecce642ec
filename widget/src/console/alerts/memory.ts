/** How far a seller has come in each contact, as this device remembers it over reloads. */
export interface Memory {
  newest(contactId: string): number;
  /** True if `seq` is further than what was noted before. */
  note(contactId: string, seq: number): boolean;
}

export interface Noted {
  /** What is remembered: mostly a contact. */
  readonly key: string;
  readonly seq: number;
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
      if (!furtherThan(noted)({ key: contactId, seq })) return false;
      storage.setItem(key, JSON.stringify(toKeep(noted)));
      return true;
    },
  };
}

/** Whether something is further than `noted`, which then has it as its newest. */
export function furtherThan(noted: Map<string, number>): (item: Noted) => boolean {
  return ({ key, seq }) => {
    if (seq <= (noted.get(key) ?? 0)) return false;
    noted.delete(key);
    noted.set(key, seq);
    return true;
  };
}

export function toKeep(noted: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...noted].slice(-REMEMBERED);
}

export function isNoted(item: unknown): item is [string, number] {
  return Array.isArray(item) && typeof item[0] === "string" && typeof item[1] === "number";
}
