import type { NoteTaking } from "../api";
import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import { createRequests } from "../connection/requests";
import { createTurns } from "../connection/turns";
import type { Ports } from "../ports";
import type { ErrorFrame, Note, NotesListed, ServerFrame } from "../protocol";
import { createAsking, createTold } from "./asking";

/** What sellers noted about contacts, as far as it was asked for. */
export interface Notes extends NoteTaking {
  all(): ReadonlyMap<string, readonly Note[]>;
  /** Whether the frame is for this. */
  receive(frame: ServerFrame): boolean;
  up(): void;
  stop(): void;
}

export function createNotes(ports: Ports, link: Link): Notes {
  const requests = createRequests(ports, link);
  let notes: ReadonlyMap<string, readonly Note[]> = new Map();
  const asking = createAsking(ports.clock);
  const lately = createTold(ports.clock);
  const inTurn = createTurns();
  let written: string | undefined;
  let read: { readonly contactId: string; readonly after: number } | undefined;
  const question = createQuestion(ports, link, () => {
    if (!read) return undefined;
    asking.asks();
    return { action: "notes", contact_id: read.contactId, ...(read.after && { after: read.after }) };
  });

  const of = (contactId: string) => notes.get(contactId) ?? [];

  /** One after the other, each with the number of the one before it. */
  function write(contactId: string, text: string): Promise<void> {
    const id = ports.random.uuid();
    return inTurn(() => {
      written = id;
      const base = of(contactId).at(-1)?.seq ?? 0;
      return requests.run<void>({ action: "note", contact_id: contactId, text, id, base });
    });
  }

  function take(contactId: string, found: readonly Note[]): void {
    const known = new Map([...of(contactId), ...found].map((note) => [note.seq, note]));
    notes = new Map([...notes, [contactId, [...known.values()].sort((one, other) => one.seq - other.seq)]]);
  }

  function listed({ contact_id: contactId, after, notes: found, more }: NotesListed): void {
    const since = asking.since();
    asking.answered();
    // What was written since it was asked for is not undone, and what has expired is gone.
    const newer = of(contactId).filter(({ id }) => lately.isAfter(id, since));
    if (after === 0) notes = new Map([...notes, [contactId, newer]]);
    take(contactId, found);
    if (contactId !== read?.contactId || after !== read.after) return;
    question.answered();
    if (!more) return;
    read = { contactId, after: found.at(-1)?.seq ?? after };
    question.ask();
  }

  function refused(error: ErrorFrame): boolean {
    if (error.of === "note") requests.refused(error);
    else if (error.of === "notes") question.refused(error);
    else return false;
    return true;
  }

  return {
    all: () => notes,
    read: (contactId) => {
      read = { contactId, after: 0 };
      question.ask();
    },
    write,
    receive: (frame) => {
      if (frame.action === "error") return refused(frame);
      if (frame.action === "notes") listed(frame);
      else if (frame.action !== "note") return false;
      else {
        lately.note(frame.note.id);
        take(frame.contact_id, [frame.note]);
        // What another device wrote answers nothing.
        if (frame.note.id === written) requests.answered("note");
      }
      return true;
    },
    up: () => {
      requests.up();
      if (read) question.ask();
    },
    stop: () => {
      question.stop();
      asking.stop();
    },
  };
}
