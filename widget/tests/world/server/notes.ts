import type { ClientFrame, Note, NoteFrame, ServerFrame, TagFrame } from "../../../src/core";
import type { FakeClock } from "../clock";
import type { Person } from "./connections";
import type { Contact } from "./contacts";
import { answerEarlier, type EarlierFrames, isForEarlier } from "./earlier";

const PAGE = 3;

export type ShelfFrame = Extract<ClientFrame, { action: "note" | "notes" | "tag" }> | EarlierFrames;

export function isForShelf(frame: ClientFrame): frame is ShelfFrame {
  return ["note", "notes", "tag"].includes(frame.action) || isForEarlier(frame);
}

/** What sellers noted about contacts, and what was before them. */
export interface NoteShelf {
  answer(found: Contact, person: Person, frame: ShelfFrame): ServerFrame;
}

export function createNotes(clock: FakeClock, contacts: ReadonlyMap<string, Contact>): NoteShelf {
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

  function tag({ id, tags }: Contact, { add, remove }: TagFrame): ServerFrame {
    if (remove !== undefined) tags.delete(remove);
    if (add !== undefined) tags.add(add);
    return { action: "tag", contact_id: id, tags: [...tags].sort() };
  }

  return {
    answer: (found, person, frame) => {
      if (isForEarlier(frame)) return answerEarlier(contacts, found, person, frame);
      if (frame.action === "tag") return tag(found, frame);
      return frame.action === "note" ? keep(found, person, frame) : listed(found, frame.after ?? 0);
    },
  };
}
