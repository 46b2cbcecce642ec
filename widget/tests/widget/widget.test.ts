// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
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

  it("says so where nobody of the team is there, when somebody is back, and asks where to answer", async () => {
    page = await openChat({ team: { awayUntil: "We are back at 9." } });
    page.world.server.append(page.world.contact().id, { kind: "queued", from: "system", reason: "away" });
    await page.settle();
    expect(page.find(".banner").textContent).toMatch(/^We are away at the moment\..* We are back at 9\.$/);
    const email = page.find(".ask input[name=email]") as HTMLInputElement;
    email.value = "ada@shop.test";
    page.press("Save");
    await page.settle();
    expect(page.world.contact().log.at(-1)?.message).toContain("ada@shop.test");
    expect(page.exists(".ask")).toBe(false);
  });

  it("asks nobody for an address that is known", async () => {
    page = await openChat({ userInfo: { email: "ada@shop.test" } });
    page.world.server.append(page.world.contact().id, { kind: "queued", from: "system", reason: "away" });
    await page.settle();
    expect(page.exists(".ask")).toBe(false);
  });

  it("says that the connection is lost, and no longer once it is back", async () => {
    page = await openChat();
    page.world.disturb({ mayOpen: () => false });
    page.world.server.cutAll();
    await page.settle(3_000);
    expect(page.find(".banner").textContent).toContain("Reconnecting");
    page.world.calm();
    await page.settle(60_000);
    expect(page.exists(".banner")).toBe(false);
  });

  it("says nothing of a cut that is over before one could read of it", async () => {
    page = await openChat();
    page.world.server.cutAll();
    await page.settle(200);
    expect(page.exists(".banner")).toBe(false);
  });

  it("that cannot be reached says so after a while, with another way to the shop, and keeps what was written", async () => {
    page = openPage({ otherWay: { email: "hi@shop.test", phone: "+49 30 1234" } });
    page.world.disturb({ mayOpen: () => false });
    await startChat(page);
    page.write("Is anybody there?");
    expect(page.find(".banner").textContent).toContain("Connecting");
    await page.settle(15_000);
    expect(page.find(".banner").textContent).toContain("We cannot be reached just now.");
    expect(page.find(".other").textContent).toContain("hi@shop.test");
    expect(page.find(".other a[href^='tel:']").getAttribute("href")).toBe("tel:+49301234");
    expect(page.find(".own").textContent).toContain("Is anybody there?");
  });

  it("in which the visitor waits for long asks for a message", async () => {
    page = await openChat();
    page.world.server.append(page.world.contact().id, { kind: "queued", from: "system" });
    page.world.contact().status = "queued";
    await page.settle(100_000);
    expect(page.find(".banner").textContent).toContain("It takes longer than usual.");
  });

  it("can be ended by the visitor, and another one started", async () => {
    page = await openChat();
    page.press("End chat");
    await page.settle();
    expect(page.world.contact().log.map(({ kind }) => kind)).not.toContain("closed");
    page.press("Really end the chat?");
    await page.settle();
    expect(page.text()).toContain("The chat has ended.");
    page.press("Start a new chat");
    await page.settle();
    expect(page.world.server.contacts.size).toBe(2);
    expect(page.text()).toContain("The chat has ended.");
    expect(page.exists(".ended")).toBe(false);
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

describe("a chat after one that has ended", () => {
  const again = async () => {
    page = await openChat();
    page.world.server.reopens = false;
    page.world.server.say(page.world.contact().id, "seller", "Your tracking number is 4711.");
    page.world.server.append(page.world.contact().id, { kind: "closed", from: "seller" });
    await page.settle();
    page.press("Start a new chat");
    await page.settle();
    page.write("Thanks!");
    await page.settle();
  };

  it("has what was said before above it", async () => {
    await again();
    expect(page.find("[role=log]").textContent).toMatch(/4711.*The chat has ended.*Thanks!/);
    expect(page.find("[role=log]").textContent?.match(/4711/g)?.length).toBe(1);
  });

  it("has it also after a reload, and not after a reset", async () => {
    await again();
    page.leave();
    page = openPage({}, page);
    await page.settle();
    expect(page.find("[role=log]").textContent).toMatch(/4711.*The chat has ended.*Thanks!/);
    page.widget.reset();
    expect(page.device.stored.size).toBe(0);
  });

  it("goes on when the earlier one is gone for good", async () => {
    await again();
    const [earlier] = page.world.server.contacts.keys();
    page.world.disturb({
      refuses: (frame) => (frame.action === "sync" && frame.contact_id === earlier ? "contact_expired" : undefined),
    });
    page.leave();
    page = openPage({}, page);
    await page.settle();
    expect(page.find("[role=log]").textContent).toContain("Thanks!");
    expect(page.find("[role=log]").textContent).not.toContain("4711");
    page.write("Still here");
    await page.settle();
    expect(page.find("[role=log]").textContent).toContain("Still here");
  });
});

describe("what the seller is told to be read", () => {
  const read = () => page.world.frames("receipt").at(-1)?.read ?? 0;
  const say = async (text: string) => {
    page.world.server.say(page.world.contact().id, "seller", text);
    await page.settle();
    return page.world.contact().log.at(-1)?.seq ?? 0;
  };

  it("is what is on the screen", async () => {
    page = await openChat();
    const seq = await say("Hello");
    expect(read()).toBe(seq);
  });

  it("is nothing that came while the page had taken the widget out, until it is back", async () => {
    page = await openChat();
    page.widget.there(false);
    const seq = await say("Hello");
    expect(read()).toBeLessThan(seq);
    page.widget.there(true);
    await page.settle();
    expect(read()).toBe(seq);
  });

  it("is nothing that came while the visitor read older messages, and is counted on the way back", async () => {
    page = await openChat();
    const list = page.find("[role=log]");
    list.scrollTop = -900;
    list.dispatchEvent(new Event("scroll"));
    const seq = await say("Did you see this?");
    expect(read()).toBeLessThan(seq);
    expect(page.find(".latest").getAttribute("aria-label")).toBe("Latest messages (1)");
    list.scrollTop = 0;
    list.dispatchEvent(new Event("scroll"));
    await page.settle();
    expect(read()).toBe(seq);
    expect(page.exists(".latest")).toBe(false);
  });
});

describe("a visitor who looks away", () => {
  const say = async (text: string) => {
    page.world.server.say(page.world.contact().id, "seller", text);
    await page.settle();
  };

  it("sees what the seller wrote above the bubble, hears it, and is told it in words", async () => {
    page = await openChat({ title: "Kiln & Clay" });
    page.widget.close();
    await say("It is in stock.");
    expect(page.find(".teaser .words").textContent).toBe("It is in stock.");
    expect(page.find(".root > [role=status]").textContent).toBe("New message: It is in stock.");
    expect(page.calls).toEqual({ sounds: 1, isTitled: false });
    (page.find(".preview") as HTMLButtonElement).click();
    await page.settle();
    expect(page.exists(".teaser")).toBe(false);
    expect(page.find("[role=log]").textContent).toContain("It is in stock.");
  });

  it("may put the card away, and sees the next one", async () => {
    page = await openChat();
    page.widget.close();
    await say("one");
    page.press("Dismiss");
    expect(page.exists(".teaser")).toBe(false);
    expect(page.find(".badge").textContent).toBe("1");
    await say("two");
    expect(page.find(".teaser .words").textContent).toBe("two");
  });

  it("does not see a card again on the next page that they have put away", async () => {
    page = await openChat();
    page.widget.close();
    await say("one");
    page.press("Dismiss");
    page.leave();
    page = openPage({}, page);
    await page.settle();
    expect(page.find(".badge").textContent).toBe("1");
    expect(page.exists(".teaser")).toBe(false);
    expect(page.find(".root > [role=status]").textContent).toBe("");
    await say("two");
    expect(page.find(".teaser .words").textContent).toBe("two");
  });

  it("is called by the title while another tab of the browser is in front, and no longer", async () => {
    page = await openChat();
    page.setPageVisible(false);
    await say("Still there?");
    expect(page.calls).toEqual({ sounds: 1, isTitled: true });
    page.setPageVisible(true);
    await page.settle();
    expect(page.calls.isTitled).toBe(false);
  });

  it("is called by nothing of what they see", async () => {
    page = await openChat();
    await say("Hello");
    expect(page.calls).toEqual({ sounds: 0, isTitled: false });
  });

  it("hears nothing once they have turned the sound off, in this chat and after a reload", async () => {
    page = await openChat();
    page.press("Turn the sound off");
    page.widget.close();
    await say("one");
    page.leave();
    page = openPage({}, page);
    await page.settle();
    await say("two");
    expect(page.calls.sounds).toBe(0);
  });

  it("is called once, however many tabs of the shop they have", async () => {
    page = await openChat();
    page.widget.close();
    const other = openPage({}, page);
    await page.settle();
    await say("Hello?");
    expect(page.calls.sounds + other.calls.sounds).toBe(1);
    other.leave();
  });
});

describe("the first contact", () => {
  const fill = (selector: string, text: string) => {
    (page.find(selector) as HTMLInputElement).value = text;
  };

  it("sends what is asked for as a message, and not as a detail", async () => {
    page = openPage({ fields: [{ name: "name" }, { name: "q", message: true }] });
    page.widget.open();
    await page.settle(100);
    fill("input[name=name]", "Ada");
    fill("textarea[name=q]", "Where is my order?");
    page.press("Start chat");
    await page.settle();
    expect(page.world.contact().log.at(-1)?.message).toBe("Where is my order?");
    expect(page.world.frames("InitChat").at(-1)?.userInfo).toEqual({ name: "Ada" });
  });

  it("does not take white space for a name", async () => {
    page = openPage();
    page.widget.open();
    await page.settle(100);
    fill("input[name=name]", "   ");
    page.press("Start chat");
    await page.settle();
    expect(page.world.server.contacts.size).toBe(0);
    expect((page.find("input[name=name]") as HTMLInputElement).value).toBe("");
  });

  it("goes without the signs that an address book leaves around what is copied from it", async () => {
    page = openPage();
    page.widget.open();
    await page.settle(100);
    fill("input[name=name]", "\u202aAda\u000b\u202c");
    page.press("Start chat");
    await page.settle();
    expect(page.world.frames("InitChat").at(-1)?.userInfo).toEqual({ name: "Ada" });
  });

  it("may be the message itself, after which who writes is asked, once", async () => {
    page = openPage({ firstContact: "message", fields: [{ name: "name" }, { name: "email", type: "email" }] });
    page.widget.open();
    await page.settle(100);
    expect(page.exists("form.details")).toBe(false);
    page.write("Is it in stock?");
    await page.settle();
    expect(page.world.contact().log.at(-1)?.message).toBe("Is it in stock?");
    fill(".ask input[name=email]", "ada@shop.test");
    page.press("Save");
    await page.settle();
    expect(page.world.contact().log.at(-1)?.message).toBe("Email: ada@shop.test");
    expect(page.exists(".ask")).toBe(false);
  });

  it("leaves one alone who does not want to say who they are, also after a reload", async () => {
    page = openPage({ firstContact: "message" });
    page.widget.open();
    await page.settle(100);
    page.write("Is it in stock?");
    await page.settle();
    page.press("Skip");
    expect(page.exists(".ask")).toBe(false);
    page.leave();
    page = openPage({ firstContact: "message" }, page);
    await page.settle();
    expect(page.exists(".ask")).toBe(false);
    expect(page.world.contact().log.filter(({ kind }) => kind === "message").length).toBe(1);
  });

  it("is the form all the same where the visitor must agree to something", async () => {
    page = openPage({ firstContact: "message", consent: { text: "We keep it.", required: true } });
    page.widget.open();
    await page.settle(100);
    expect(page.exists("form.details .consent input")).toBe(true);
  });

  it("offers the shop's questions, until there is a message", async () => {
    page = await openChat({ questions: ["Where is my parcel?"] });
    page.press("Where is my parcel?");
    await page.settle();
    expect(page.world.contact().log.at(-1)?.message).toBe("Where is my parcel?");
    expect(page.exists(".questions")).toBe(false);
  });

  it("shows who answers, and how soon", async () => {
    page = openPage({ team: { members: [{ name: "Grace Hopper" }], answerTime: "Answers within minutes" } });
    page.widget.open();
    await page.settle(100);
    expect(page.find(".header .face").textContent).toBe("GH");
    expect(page.find(".header").textContent).toContain("Answers within minutes");
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

  it("knows nothing of one either who was called, or who wanted to hear nothing", async () => {
    page = await openChat();
    page.press("Turn the sound off");
    page.widget.close();
    page.world.server.say(page.world.contact().id, "seller", "Still there?");
    await page.settle();
    page.press("Dismiss");
    page.widget.reset();
    await page.settle();
    expect([...page.device.stored]).toEqual([]);
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
    page.world.server.append(contactId, { kind: "closed", from: "seller" });
    await page.settle();
    expect(page.events).toMatchObject([
      { name: "open" },
      { name: "details", detail: { fields: ["name"] } },
      { name: "chat-started", detail: { contactId } },
      { name: "assigned", detail: { contactId, sellerId: "123456" } },
      { name: "message", detail: { contactId, by: "visitor" } },
      { name: "message-sent", detail: { contactId, text: "Hello?" } },
      { name: "close" },
      { name: "message", detail: { contactId, by: "seller" } },
      { name: "message-received", detail: { contactId, text: "Yes?" } },
      { name: "unread", detail: { count: 1 } },
      { name: "ended", detail: { contactId } },
    ]);
    expect(JSON.stringify(named("message"))).not.toContain("Hello");
  });

  it("is of one who waits, and of nothing that was so before a reload", async () => {
    page = await openChat();
    const contactId = page.world.contact().id;
    page.world.server.append(contactId, { kind: "queued", from: "system" });
    page.world.contact().status = "queued";
    await page.settle();
    expect(named("queued")).toEqual([{ contactId }]);
    page.leave();
    page = openPage({}, page);
    await page.settle();
    expect(page.events.map(({ name }) => name)).toEqual(["open"]);
  });

  it("is after a reset that nothing is unread any more", async () => {
    page = await openChat();
    page.widget.close();
    page.world.server.say(page.world.contact().id, "seller", "Yes?");
    await page.settle();
    page.widget.reset();
    expect(named("unread")).toEqual([{ count: 1 }, { count: 0 }]);
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

  it("may end its token with a line break", async () => {
    const world = createWorld();
    world.server.visitorsNeedTokens = true;
    page = openPage({ visitorToken: () => `${visitorToken("customer-7")}\n` }, world);
    await startChat(page);
    expect(world.server.opened[0]?.protocols).toEqual(["seller-chat", visitorToken("customer-7")]);
  });

  it.each([["nonsense"], [""], [undefined], [5]])("connects nobody with %j for a token, and says so", async (token) => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    page = openPage({ visitorToken: () => token as string });
    page.widget.open();
    await page.settle(60_000);
    vi.unstubAllGlobals();
    expect(page.world.server.opened).toEqual([]);
    expect(reported.mock.calls[0]?.[0].message).toBe("SellerChat: visitorToken has to give a token.");
  });

  it("says nothing of a shop that cannot vouch just now", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    page = openPage({ visitorToken: () => Promise.reject(new Error("offline")) });
    page.widget.open();
    await page.settle(60_000);
    vi.unstubAllGlobals();
    expect(reported).not.toHaveBeenCalled();
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
