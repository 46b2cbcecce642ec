import { expect, it } from "vitest";
import type { SharedReply } from "../../../src/core";
import { createSharedReplies } from "../../../src/core/seller/shared-replies";
import { createWorld } from "../../world/world";

const HELLO: SharedReply = { id: "1", name: "hello", text: "Hello" };
const BYE: SharedReply = { id: "2", name: "bye", text: "Good-bye" };

function told() {
  const ports = createWorld().device.openTab().ports;
  const replies = createSharedReplies(ports, { send: () => true, check: () => {} });
  return {
    replies,
    tell: (team: string, version: number, ...shared: SharedReply[]) =>
      replies.receive({ action: "replies", team, version, replies: shared }),
  };
}

it("a seller who is moved to another team sees what that one shares, though it has changed less often", () => {
  const { replies, tell } = told();
  tell("support", 7, HELLO);
  tell("sales", 2, BYE);
  expect(replies.known()).toEqual({ team: "sales", version: 2, replies: [BYE] });
});

it("what a team shared before is not taken for what it shares now", () => {
  const { replies, tell } = told();
  tell("support", 7, HELLO);
  tell("support", 6, BYE);
  expect(replies.known()).toEqual({ team: "support", version: 7, replies: [HELLO] });
});
