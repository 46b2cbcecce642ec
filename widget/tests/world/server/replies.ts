import type { ClientFrame, ServerFrame, SharedReply } from "../../../src/core";
import { TEAM } from "./contacts";
import { errorOf } from "./frames";

export type ReplyFrames = Extract<ClientFrame, { action: "replies" | "shareReply" }>;

export function isForReplies(frame: ClientFrame): frame is ReplyFrames {
  return frame.action === "replies" || frame.action === "shareReply";
}

/** What the team shares. */
export function createReplies(): (frame: ReplyFrames) => ServerFrame {
  const all = new Map<string, SharedReply & { version: number }>();
  let version = 0;
  let removedIn = 0;
  const listed = () => ({
    team: TEAM,
    version,
    replies: [...all.values()].map(({ id, name, text }) => ({ id, name, text })),
  });

  function isRefused({ id, base, name, text }: Extract<ReplyFrames, { action: "shareReply" }>): boolean {
    const known = all.get(id);
    if (known?.text === text && known?.name === name) return false;
    if (base < (known?.version ?? removedIn)) return true;
    version += 1;
    if (text !== undefined && name !== undefined) all.set(id, { id, name, text, version });
    else if (all.delete(id)) removedIn = version;
    return false;
  }

  return (frame) => {
    if (frame.action === "replies") return { action: "replies", ...listed() };
    if (isRefused(frame)) return { ...errorOf(frame, "bad_field"), field: "base" };
    return { action: "shareReply", id: frame.id, ...listed() };
  };
}
