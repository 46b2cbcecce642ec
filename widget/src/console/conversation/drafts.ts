/** What was begun in conversations and not sent: kept over a look at another one and over a reload, gone with the session. */
export interface Drafts {
  get(contactId: string): string;
  set(contactId: string, text: string): void;
  forget(): void;
}

const KEY = "seller-console:drafts";

export function createDrafts(storage: Storage = sessionStorage): Drafts {
  const texts = new Map(stored(storage));
  return {
    get: (contactId) => texts.get(contactId) ?? "",
    set: (contactId, text) => {
      if (text) texts.set(contactId, text);
      else texts.delete(contactId);
      storage.setItem(KEY, JSON.stringify([...texts]));
    },
    forget: () => {
      texts.clear();
      storage.removeItem(KEY);
    },
  };
}

function stored(storage: Storage): readonly [string, string][] {
  try {
    const found: unknown = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter(isDraft) : [];
  } catch {
    return [];
  }
}

function isDraft(item: unknown): item is [string, string] {
  return Array.isArray(item) && typeof item[0] === "string" && typeof item[1] === "string";
}
