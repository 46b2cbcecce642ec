import { LETTERS, type Reply } from "../settings/preferences";

/** What is asked for by a `/` that begins a word before the caret. */
export interface Slash {
  /** Where the `/` is. */
  readonly from: number;
  readonly to: number;
  readonly query: string;
}

const ASKED = new RegExp(String.raw`(?:^|\s)/([${LETTERS}_-]*)$`, "u");
const SHOWN = 6;

export function slashBefore(text: string, caret: number): Slash | undefined {
  const query = ASKED.exec(text.slice(0, caret))?.[1];
  return query === undefined ? undefined : { from: caret - query.length - 1, to: caret, query };
}

/** Those whose name begins so come first, then those that have it anywhere. */
export function repliesFor(replies: readonly Reply[], query: string): readonly Reply[] {
  const wanted = query.toLocaleLowerCase();
  const begins = replies.filter(({ name }) => name.toLocaleLowerCase().startsWith(wanted));
  const holds = replies.filter((reply) => !begins.includes(reply) && reply.text.toLocaleLowerCase().includes(wanted));
  return [...begins, ...holds].slice(0, SHOWN);
}
