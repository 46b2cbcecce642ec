/** Chats whose end was asked for, and can still be taken back. */
export interface Endings {
  /** `newest` is how far the chat had come by then. */
  begin(contactId: string, newest: number): void;
  undo(contactId: string): void;
  pending(): ReadonlySet<string>;
  newest(contactId: string): number;
  /** End all of them now: the seller leaves. */
  finish(): void;
}

interface Ending {
  readonly newest: number;
  readonly timer: ReturnType<typeof setTimeout>;
}

export const UNDO_MS = 5_000;

/** `end` is called once for each chat that nobody took back. */
export function createEndings(end: (contactId: string) => void, changed: () => void): Endings {
  const endings = new Map<string, Ending>();

  function settle(contactId: string, isToEnd: boolean): void {
    const ending = endings.get(contactId);
    if (!ending) return;
    clearTimeout(ending.timer);
    endings.delete(contactId);
    if (isToEnd) end(contactId);
    changed();
  }

  return {
    begin: (contactId, newest) => {
      if (endings.has(contactId)) return;
      endings.set(contactId, { newest, timer: setTimeout(() => settle(contactId, true), UNDO_MS) });
      changed();
    },
    undo: (contactId) => settle(contactId, false),
    pending: () => new Set(endings.keys()),
    newest: (contactId) => endings.get(contactId)?.newest ?? 0,
    finish: () => {
      for (const contactId of [...endings.keys()]) settle(contactId, true);
    },
  };
}
