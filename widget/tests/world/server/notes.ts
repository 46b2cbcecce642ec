import type { ClientFrame, Note, NoteFrame, ServerFrame } from "../../../src/core";
import type { FakeClock } from "../clock";
import type { Person } from "./connections";
import type { Contact } from "./contacts";

const PAGE = 3;

/** What sellers noted about contacts. */
export interface NoteShelf {
  answer(found: Contact, person: Person, frame: Extract<ClientFrame, { action: "note" | "notes" }>): ServerFrame;
}

export function createNotes(clock: FakeClock): NoteShelf {
  const all = new Map<string, Note[]>();
  const of = (id: string) => all.get(id) ?? [];

  function keep({ id }: Contact, { userId }: Person, frame: NoteFrame): ServerFrame {
    const known = of(id).find((note) => note.id === frame.id && note.from === userId);
    const timestamp = new Date(clock.now()).toISOString();
    const note = known ?? { seq: of(id).length + 1, id: frame.id, from: userId, timestamp, text: frame.text };
    if (!known) all.set(id, [...of(id), note]);
    return { action: "note", contact_id: id, note };
  }

  function listed({ id }: Contact, after: number): ServerFrame {
    const following = of(id).filter(({ seq }) => seq > after);
    const notes = following.slice(0, PAGE);
    return { action: "notes", contact_id: id, after, notes, more: notes.length < following.length };
  }

  return {
    answer: (found, person, frame) =>
      frame.action === "note" ? keep(found, person, frame) : listed(found, frame.after ?? 0),
  };
}
