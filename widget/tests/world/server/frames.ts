import type { ClientFrame, Entry, ErrorCode, ErrorFrame, Http, ServerFrame } from "../../../src/core";

/** The frame that a REST call stands for. */
export function frameOf({ method, url, body }: Parameters<Http["request"]>[0]): ClientFrame {
  const { pathname, searchParams } = new URL(url);
  const [, first, contact_id = "", call = ""] = pathname.split("/");
  if (method === "GET") return { action: "sync", contact_id, after: Number(searchParams.get("after")) };
  const action =
    { receipts: "receipt", identify: "identify", close: "closeChat" }[call] ??
    (first === "chats" ? "InitChat" : "sendMessage");
  return { ...JSON.parse(body ?? "{}"), ...(contact_id && { contact_id }), action };
}

export function messageOf(contactId: string, { seq, from, timestamp, id = "", message = "" }: Entry): ServerFrame {
  return { action: "sendMessage", type: "message", from, message, timestamp, id, seq, contact_id: contactId };
}

/** Frames that lead to an entry of the log. */
export type Commanding = Exclude<
  Extract<ClientFrame, { id: string }>,
  { action: "note" | "shareReply" | "blockVisitor" }
>;

export function ackOf(frame: Commanding, contactId: string, { seq, id, timestamp }: Entry): ServerFrame {
  return { action: "ack", of: frame.action, contact_id: contactId, seq, timestamp, ...(id !== undefined && { id }) };
}

export function errorOf(frame: ClientFrame, code: ErrorCode): ErrorFrame {
  return {
    action: "error",
    code,
    reason: `The test said ${code}.`,
    of: frame.action,
    ...("id" in frame && { id: frame.id }),
    ...("contact_id" in frame && { contact_id: frame.contact_id }),
    ...((code === "try_again" || code === "slow_down") && { retry_after_ms: 200 }),
  };
}
