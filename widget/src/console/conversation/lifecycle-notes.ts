import type { Colleague, Entry, UserInfo } from "../../core";

const ENDS: Readonly<Record<string, string>> = {
  idle: "The chat ended because nobody wrote any more.",
  blocked: "The chat has ended, and the visitor was blocked.",
};

/** What a line in the conversation says of an entry that is no message. */
export function noteOf(
  { kind, from, seller_id: seller, reason, user_info: told = {} }: Entry,
  ownName: string,
  team: readonly Colleague[],
): string | undefined {
  const colleague = team.find(({ seller_id }) => seller_id === seller);
  const person = seller === ownName ? "you" : (colleague?.name ?? seller ?? "a colleague");
  switch (kind) {
    case "opened":
      return "The visitor started the chat.";
    case "queued":
      if (from !== "system" && !from.startsWith("visitor-"))
        return "Handed over to a team, for which the visitor waits.";
      return reason === "out_of_hours" ? "The visitor came out of hours and waits." : "The visitor waits in the queue.";
    case "assigned":
      return `Given to ${person}.`;
    case "transferred":
      return reason === "lease" ? `Given to ${person}, since nobody answered.` : `Handed over to ${person}.`;
    case "reopened":
      return "The chat goes on.";
    case "closed":
      return ENDS[reason ?? ""] ?? "The chat has ended.";
    case "identified":
      return newsOf(told);
    default:
      return undefined;
  }
}

/** What the shop's page told in the middle of a chat; the rest of it stands beside the conversation. */
function newsOf({ page, ...others }: UserInfo): string {
  const facts = Object.entries(others).map(([name, value]) => (typeof value === "object" ? name : `${name} ${value}`));
  const said = facts.length ? `The page now says: ${facts.join(", ")}.` : "";
  const seen = page ? `The visitor looks at ${page}` : "";
  return [said, seen].filter(Boolean).join(" ");
}
