import { expect, test } from "vitest";
import { createWorld } from "./world";

test("the model server sends nothing that docs/asyncapi.yaml does not allow", async () => {
  const { chattingTab, contact, server } = createWorld();
  await chattingTab();
  const bySomebody = { kind: "assigned", from: "system", id: "given" } as const;
  expect(() => server.append(contact().id, bySomebody)).toThrow("must have required property 'seller_id'");
});

test("the model server takes nothing that docs/asyncapi.yaml does not allow", async () => {
  const { clock, chattingTab, device, server } = createWorld();
  await chattingTab();
  const [opened] = server.opened;
  const socket = device
    .openTab()
    .ports.sockets.open(opened?.url ?? "", [], { opened: () => {}, received: () => {}, closed: () => {} });
  await clock.advance(100);
  socket.send('{"action":"sync","contact_id":"contact-0"}');
  await expect(clock.advance(100)).rejects.toThrow("must have required property 'after'");
});
