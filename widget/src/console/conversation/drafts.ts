/** Where something is written about a chat, or to its visitor. */
export type DraftField = "message" | "note" | "tag" | "hand-over";

/**
 * What was begun in the fields of conversations and not sent or kept: it outlasts a look at another one and a reload, and
 * is gone with the session.
 */
export interface Drafts {
  get(contactId: string, field?: DraftField): string;
  set(contactId: string, text: string, field?: DraftField): void;
  /** Empties a field. Gives what puts its text back, unless there is a newer one by then, or the session has ended. */
  take(contactId: string, field: DraftField): () => void;
  subscribe(listener: () => void): () => void;
  forget(): void;
}

const KEY = "seller-console:drafts";

export function createDrafts(storage: Storage = sessionStorage): Drafts {
  const texts = new Map(stored(storage));
  const listeners = new Set<() => void>();
  let session = {};

  const keyOf = (contactId: string, field: DraftField) => (field === "message" ? contactId : `${field} ${contactId}`);
  const get = (contactId: string, field: DraftField = "message") => texts.get(keyOf(contactId, field)) ?? "";

  function set(contactId: string, text: string, field: DraftField = "message"): void {
    if (text) texts.set(keyOf(contactId, field), text);
    else texts.delete(keyOf(contactId, field));
    storage.setItem(KEY, JSON.stringify([...texts]));
    for (const listener of listeners) listener();
  }

  return {
    get,
    set,
    take: (contactId, field) => {
      const text = get(contactId, field);
      const began = session;
      set(contactId, "", field);
      return () => {
        if (began === session && !get(contactId, field)) set(contactId, text, field);
      };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    forget: () => {
      session = {};
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
