// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { visitorToken } from "../world/tokens";
import { createWorld } from "../world/world";
import { openChat, openPage, type Page, startChat } from "./page";

const HOSTILE = ['<img src=x onerror="alert(1)">', "<script>alert(1)</script>", "javascript:alert(1)", "&lt;b&gt;"];

let page: Page;
afterEach(() => page.leave());

const named = (name: string) => page.events.filter((event) => event.name === name).map(({ detail }) => detail);

describe("before the visitor opens it", () => {
  it("stores nothing and connects to nothing", async () => {
    page = openPage();
    await page.settle(60_000);
    expect(page.device.stored.size).toBe(0);
    expect(page.world.server.opened).toEqual([]);
  });

  it("shows a bubble that says what it does", () => {
    page = openPage();
    expect(page.find(".launcher").getAttribute("aria-label")).toBe("Open the chat");
  });

  it("shows nothing when the shop wants it hidden, until the shop shows it", () => {
    page = openPage({ hidden: true });
    expect(page.exists(".launcher")).toBe(false);
    page.widget.show();
    expect(page.exists(".launcher")).toBe(true);
  });
});

describe("the details form", () => {
  it("asks for the fields of the shop and fills in what the shop knows", async () => {
    page = openPage({ fields: [{ name: "order", label: "Order number" }], userInfo: { order: "A-17" } });
    page.widget.open();
    await page.settle(100);
    expect(page.text()).toContain("Order number");
    expect((page.find("input[name=order]") as HTMLInputElement).value).toBe("A-17");
  });

  it("sends what was filled in, with what the shop knows", async () => {
    page = await openChat({ userInfo: { customer: 7 } });
    expect(page.world.frames("InitChat").map(({ userInfo }) => userInfo)).toEqual([{ customer: 7, name: "Ada" }]);
  });

  it("carries the shop's consent line, and a box where the visitor must agree", async () => {
    page = openPage({
      consent: { text: "We keep this chat for a year.", url: "https://shop.test/privacy", required: true },
    });
    page.widget.open();
    await page.settle(100);
    expect(page.text()).toContain("We keep this chat for a year.");
    expect(page.find(".consent a").getAttribute("href")).toBe("https://shop.test/privacy");
    expect((page.find(".consent input") as HTMLInputElement).required).toBe(true);
  });

  it("says so when the chat cannot start, and lets the visitor try again", async () => {
    page = openPage();
    page.world.disturb({ refuses: ({ action }) => (action === "InitChat" ? "unknown_seller" : undefined) });
    page.widget.open();
    await page.settle(100);
    (page.find("input[name=name]") as HTMLInputElement).value = "Ada";
    page.press("Start chat");
    await page.settle();
    expect(page.find("[role=alert]").textContent).toBe("The chat could not be started. Please try again.");
    expect(named("error")).toMatchObject([{ code: "unknown_seller" }]);
    page.world.calm();
    (page.find("input[name=name]") as HTMLInputElement).value = "Ada";
    page.press("Start chat");
    await page.settle();
    expect(page.exists("[role=log]")).toBe(true);
  });
});

describe("a conversation", () => {
  it("begins with the shop's welcome, which is never sent", async () => {
    page = await openChat({ welcomeMessage: "Welcome to our shop!" });
    expect(page.find("[role=log]").textContent).toContain("Welcome to our shop!");
    expect(page.world.contact().log.map(({ kind }) => kind)).toEqual(["opened", "assigned"]);
  });

  it("shows what both sides write, in order", async () => {
    page = await openChat();
    page.write("Is it in stock?");
    await page.settle();
    page.world.server.say(page.world.contact().id, "seller", "It is.");
    await page.settle();
    expect(page.find("[role=log]").textContent).toMatch(/You: Is it in stock\?.*Seller: It is\./);
  });

  it("tells how far a message has come", async () => {
    page = await openChat();
    const ticks = () => page.find(".own svg").getAttribute("aria-label");
    page.write("Hello?");
    await page.settle(1);
    expect(ticks()).toBe("Sending");
    await page.settle();
    expect(ticks()).toBe("Sent");
    const { id: contact_id, log } = page.world.contact();
    const seq = log.length;
    page.world.server.pushToAll({ action: "receipt", contact_id, from: "seller", delivered: seq, read: 0 });
    await page.settle();
    expect(ticks()).toBe("Delivered");
    page.world.server.pushToAll({ action: "receipt", contact_id, from: "seller", delivered: seq, read: seq });
    await page.settle();
    expect(ticks()).toBe("Read");
  });

  it("offers to send a refused message again, and to forget it", async () => {
    page = await openChat();
    page.world.disturb({ refuses: ({ action }) => (action === "sendMessage" ? "forbidden" : undefined) });
    page.write("one");
    await page.settle();
    expect(page.text()).toContain("Not sent.");
    page.world.calm();
    page.press("Try again");
    await page.settle();
    expect(page.world.contact().log.at(-1)?.message).toBe("one");
    page.world.disturb({ refuses: ({ action }) => (action === "sendMessage" ? "forbidden" : undefined) });
    page.write("two");
    await page.settle();
    page.press("Delete");
    await page.settle();
    expect(page.text()).not.toContain("two");
  });

  it("shows that the seller types, until he has written", async () => {
    page = await openChat();
    const contact_id = page.world.contact().id;
    page.world.server.pushToAll({ action: "typing", contact_id, from: "seller", typing: true });
    await page.settle(100);
    expect(page.exists(".typing")).toBe(true);
    page.world.server.say(contact_id, "seller", "Here.");
    await page.settle(100);
    expect(page.exists(".typing")).toBe(false);
  });

  it("shows the place in the queue, and that it has moved", async () => {
    page = await openChat();
    const { id: contact_id } = page.world.contact();
    page.world.server.append(contact_id, { kind: "queued", from: "system" });
    page.world.contact().status = "queued";
    await page.settle();
    expect(page.find(".banner").textContent).toBe("You are in line. A seller will be with you soon.");
    page.world.server.pushToAll({ action: "queue", contact_id, position: 2 });
    await page.settle();
    expect(page.find(".banner").textContent).toBe("You are number 2 in line.");
  });

  it("says that nobody is there when the shop is closed", async () => {
    page = await openChat();
    page.world.server.append(page.world.contact().id, { kind: "queued", from: "system", reason: "out_of_hours" });
    await page.settle();
    expect(page.find(".banner").textContent).toContain("We are away at the moment.");
  });

  it("says that the connection is lost, and no longer once it is back", async () => {
    page = await openChat();
    page.world.disturb({ mayOpen: () => false });
    page.world.server.cutAll();
    await page.settle(200);
    expect(page.find(".banner").textContent).toContain("Reconnecting");
    page.world.calm();
    await page.settle(60_000);
    expect(page.exists(".banner")).toBe(false);
  });

  it("can be ended by the visitor, and another one started", async () => {
    page = await openChat();
    page.press("End chat");
    await page.settle();
    expect(page.text()).toContain("The chat has ended.");
    expect(page.exists("textarea")).toBe(false);
    page.press("Start a new chat");
    await page.settle();
    expect(page.world.server.contacts.size).toBe(2);
    expect(page.exists("textarea")).toBe(true);
  });

  it("makes text of whatever is written, and links of http and https alone", async () => {
    page = await openChat({ welcomeMessage: HOSTILE[0] ?? "", title: HOSTILE[1] ?? "" });
    const contact = page.world.contact().id;
    for (const text of [...HOSTILE, 'https://shop.test/"onmouseover="alert(1)'])
      page.world.server.say(contact, "seller", text);
    await page.settle();
    expect(page.exists("[role=log] img, [role=log] script, [onmouseover], [onerror]")).toBe(false);
    expect(page.find("[role=log] a").getAttribute("href")).toBe("https://shop.test/");
    for (const text of HOSTILE) expect(page.text()).toContain(text);
  });
});

describe("what is begun", () => {
  const field = (selector: string) => page.find(selector) as HTMLInputElement;
  const type = (selector: string, text: string) => {
    field(selector).value = text;
    field(selector).dispatchEvent(new Event("input", { bubbles: true }));
  };

  it.each(["minimizing", "a reload"])("is still there after %s", async (what) => {
    page = await openChat();
    type("textarea", "half a sentence that took me a while");
    if (what === "a reload") {
      page.leave();
      page = openPage({}, page);
    } else {
      page.widget.close();
      page.widget.open();
    }
    await page.settle();
    expect(field("textarea").value).toBe("half a sentence that took me a while");
  });

  it("in the details form is still there after minimizing and after a reload", async () => {
    page = openPage();
    page.widget.open();
    await page.settle();
    type("input[name=email]", "ada@shop.test");
    page.widget.close();
    page.widget.open();
    await page.settle();
    expect(field("input[name=email]").value).toBe("ada@shop.test");
    page.leave();
    page = openPage({}, page);
    page.widget.open();
    await page.settle();
    expect(field("input[name=email]").value).toBe("ada@shop.test");
  });

  it("is still there when the chat ended meanwhile, and is sent once the visitor sends it", async () => {
    page = await openChat();
    const { world } = page;
    world.server.reopens = false;
    type("textarea", "My order number is 4711-0815");
    world.server.append(world.contact().id, { kind: "closed", from: "seller" });
    await page.settle();
    page.press("Start a new chat");
    await page.settle();
    expect(field("textarea").value).toBe("My order number is 4711-0815");
    expect(world.server.received.filter(({ frame }) => frame.action === "sendMessage")).toEqual([]);
  });

  it("is gone once it is sent, and after a reset", async () => {
    page = await openChat();
    type("textarea", "Hello?");
    page.write("Hello?");
    await page.settle();
    page.widget.close();
    page.widget.open();
    await page.settle();
    expect(field("textarea").value).toBe("");
    type("textarea", "a secret");
    page.widget.reset();
    await page.settle();
    expect(page.device.stored.size).toBe(0);
  });

  it("by one customer is not shown to the next", async () => {
    const world = createWorld();
    world.server.visitorsNeedTokens = true;
    page = openPage({ visitorToken: () => visitorToken("customer-7") }, world);
    await startChat(page);
    type("textarea", "a secret");
    page.leave();
    page = openPage({ visitorToken: () => visitorToken("customer-8") }, page);
    page.widget.open();
    await page.settle();
    expect([...page.device.stored.values()].join()).not.toContain("a secret");
  });
});

describe("while it is closed", () => {
  it("counts what was not read on the bubble", async () => {
    page = await openChat();
    page.widget.close();
    page.world.server.say(page.world.contact().id, "seller", "Still there?");
    await page.settle();
    expect(page.find(".badge").textContent).toBe("1");
    expect(page.find(".launcher").getAttribute("aria-label")).toBe("Open the chat. Unread messages: 1");
    page.widget.open();
    await page.settle();
    page.widget.close();
    await page.settle();
    expect(page.exists(".badge")).toBe(false);
  });
});

describe("after a reload", () => {
  it("goes on where it was, without telling the past as news", async () => {
    page = await openChat();
    page.write("Hello?");
    await page.settle();
    page.leave();
    page = openPage({}, page);
    await page.settle();
    expect(page.find("[role=log]").textContent).toContain("Hello?");
    expect(named("message-sent")).toEqual([]);
  });

  it("knows nothing any more after a reset", async () => {
    page = await openChat();
    page.widget.reset();
    await page.settle();
    expect(page.device.stored.size).toBe(0);
    expect(page.exists(".panel")).toBe(false);
    page.widget.open();
    await page.settle();
    expect(page.exists("form.details")).toBe(true);
  });
});

describe("what the page is told", () => {
  it("is of a chat that is started anew, once it is", async () => {
    page = await openChat();
    const { world } = page;
    world.server.reopens = false;
    world.server.append(world.contact().id, { kind: "closed", from: "system" });
    await page.settle();
    world.disturb({ latency: () => 300 });
    page.press("Start a new chat");
    await page.settle(100);
    page.widget.close();
    page.widget.open();
    await page.settle();
    expect(named("chat-started")).toEqual([...world.server.contacts.keys()].map((contactId) => ({ contactId })));
  });

  it("is everything a shop may want to count", async () => {
    page = await openChat();
    const contactId = page.world.contact().id;
    page.write("Hello?");
    await page.settle();
    page.widget.close();
    page.world.server.say(contactId, "seller", "Yes?");
    await page.settle();
    expect(page.events).toMatchObject([
      { name: "open" },
      { name: "chat-started", detail: { contactId } },
      { name: "message-sent", detail: { contactId, text: "Hello?" } },
      { name: "close" },
      { name: "message-received", detail: { contactId, text: "Yes?" } },
      { name: "unread", detail: { count: 1 } },
    ]);
  });
});

describe("a shop that vouches for its customers", () => {
  it("is asked for a token, whose subject is the visitor's name", async () => {
    const world = createWorld();
    world.server.visitorsNeedTokens = true;
    page = openPage({ visitorToken: () => visitorToken("customer-7") }, world);
    await startChat(page);
    expect(world.contact().visitor).toBe("customer-7");
  });

  it("may change how it is asked without a new connection", async () => {
    const world = createWorld();
    world.server.visitorsNeedTokens = true;
    page = openPage({ visitorToken: async () => visitorToken("customer-7") }, world);
    await startChat(page);
    let asked = 0;
    page.widget.update({
      visitorToken: () => {
        asked++;
        return visitorToken("customer-7");
      },
    });
    await page.settle();
    expect(world.server.opened.length).toBe(1);
    world.server.cutAll();
    await page.settle();
    expect(asked).toBe(1);
    expect(world.server.connections()).toBe(1);
  });

  it.each([["nonsense"], [""], [undefined]])("connects nobody with %j for a token", async (token) => {
    page = openPage({ visitorToken: () => token as string });
    page.widget.open();
    await page.settle(60_000);
    expect(page.world.server.opened).toEqual([]);
  });

  it("connects with a token that it was given later", async () => {
    const world = createWorld();
    world.server.visitorsNeedTokens = true;
    page = openPage({}, world);
    page.widget.open();
    await page.settle();
    expect(world.server.connections()).toBe(0);
    page.widget.update({ visitorToken: () => visitorToken("customer-7") });
    await page.settle();
    expect(world.server.connections()).toBe(1);
  });
});
