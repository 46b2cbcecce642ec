import type { ChatProblem, ReplySharing } from "../../core";
import { LONGEST_LABEL, seen } from "../inbox/names";
import { leftIn } from "../room";
import type { Toast } from "../toasts";
import { sentenceFor } from "../words";
import type { Sharing } from "./canned-replies";
import { LONGEST_NOTE } from "./note-field";

const TOO_LONG = "The reply was not shared. It has more than 1,000 characters.";

/** What is done with the replies of the team, and said of it. */
export function sharingWith({ refresh, add, change, remove }: ReplySharing, show: (toast: Toast) => void): Sharing {
  const say = (text: string) => show({ id: "shared replies", text });
  const tried = (done: Promise<void>, failed: string) =>
    void done.catch((problem: ChatProblem) => say(`${failed} ${sentenceForReply(problem)}`));
  return {
    refresh,
    add: ({ name, text }) => {
      if (leftIn(text, LONGEST_NOTE) < 0) say(TOO_LONG);
      else tried(add(cut(name), text), "The reply was not shared.");
    },
    change: (base, { name, ...reply }) =>
      change(base, { name: cut(name), ...reply }).then(
        () => undefined,
        (problem: ChatProblem) => ({ sentence: sentenceForReply(problem), field: problem.field }),
      ),
    remove: (base, id) => tried(remove(base, id), "The reply is still there."),
  };
}

/** A name that the console made of a text may be as long as a word, and have in it what a name has not. */
function cut(name: string): string {
  return seen([...seen(name)].slice(0, LONGEST_LABEL).join(""));
}

function sentenceForReply(problem: ChatProblem): string {
  if (problem.code === "too_large") return "The team shares as many replies as it can. Delete one first.";
  if (problem.code === "unknown_seller") return "You are in no team of this shop any more.";
  if (problem.code !== "bad_field") return sentenceFor(problem);
  if (problem.field === "base") return "A colleague has changed the replies meanwhile.";
  return problem.field === "name"
    ? "Choose a name of letters and digits, 32 at most."
    : "Write something to see, 1,000 characters at most.";
}
