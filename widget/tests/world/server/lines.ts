import type { ContactLine, ContactStatus, Entry, Marks, Role } from "../../../src/core";

interface Known {
  readonly id: string;
  readonly log: readonly Entry[];
  readonly status: ContactStatus;
  readonly marks: Readonly<Record<Role, Marks>>;
}

/** A contact as a list shows it. */
export function lineOf({ id, log, status, marks }: Known): ContactLine {
  const messages = log.filter(({ kind }) => kind === "message");
  const last = messages.at(-1);
  const visitor = `visitor-${id}`;
  const answered = messages.findLastIndex(({ from }) => from !== visitor);
  const names = log.map(({ user_info }) => user_info?.name).filter((name) => typeof name === "string");
  const asked = messages.slice(answered + 1)[0] ?? (answered < 0 ? log.at(-1) : undefined);
  return {
    name: names.at(-1) ?? "",
    tail: log.length,
    timestamp: log.at(-1)?.timestamp ?? "",
    read: marks.seller.read,
    unread: messages.filter(({ from, seq }) => from === visitor && seq > marks.seller.read).length,
    answered: answered >= 0,
    ...(last && { from: last.from, message: (last.message ?? "").slice(0, 120) }),
    ...(asked && status !== "closed" && { waits_since: asked.timestamp }),
  };
}
