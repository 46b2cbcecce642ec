/** Reads the conversations of rows that are looked at and not known yet: lists carry no names. */
export interface Reading {
  /** These rows are on screen. */
  look(rows: readonly { readonly contactId: string; readonly isKnown: boolean }[]): void;
  stop(): void;
}

/** Not all in the same instant: a list of many must not be told to slow down. */
export const READ_EVERY_MS = 60;

export function createReading(read: (contactId: string) => void): Reading {
  const asked = new Set<string>();
  let wanted: readonly string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function next(): void {
    timer = undefined;
    const [contactId, ...rest] = wanted.filter((id) => !asked.has(id));
    wanted = rest;
    if (contactId === undefined) return;
    asked.add(contactId);
    read(contactId);
    timer = setTimeout(next, READ_EVERY_MS);
  }

  return {
    look: (rows) => {
      // What was scrolled out of sight meanwhile is not read at all.
      wanted = rows.filter(({ isKnown }) => !isKnown).map(({ contactId }) => contactId);
      if (timer === undefined) next();
    },
    stop: () => clearTimeout(timer),
  };
}
