import type { ChatProblem, FailureCode } from "../core";

/** What a seller is told when something could not be done; the protocol's own words are for programs. */
const SENTENCES: Readonly<Record<FailureCode | "seller_full", string>> = {
  bad_frame: "The chat service did not understand this. Reload the page and try again.",
  unknown_action: "This chat service is older than this page and cannot do that yet.",
  missing_field: "Something is missing. Check what you have entered.",
  bad_field: "This was not accepted. Check what you have entered.",
  too_large: "This is too long.",
  forbidden: "This chat is with somebody else now.",
  blocked: "This visitor is blocked.",
  contact_closed: "This chat has ended and cannot be reopened. A new message of the visitor starts another one.",
  contact_taken: "A colleague was quicker and answers this chat now.",
  contact_expired: "This chat is too old to be gone on with.",
  unknown_seller: "There is no such colleague, or they have never signed in. Choose somebody else.",
  seller_full: "They have no room for one more chat right now. Choose somebody else, or try again later.",
  slow_down: "That was too much at once. Wait a moment and try again.",
  try_again: "That did not work just now. Try again.",
  session_expired: "Your session has ended. Sign in again.",
  unanswered: "There was no answer. Check your connection and try again.",
  too_old: "This could not be sent for too long. Send it again if it still matters.",
};

export function sentenceFor(problem: Pick<ChatProblem, "code">): string {
  return (SENTENCES as Readonly<Record<string, string>>)[problem.code] ?? SENTENCES.try_again;
}
