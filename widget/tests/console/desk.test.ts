// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { createWorld, SELLER, type World } from "../world/world";
import { visitorOf } from "./chats";
import { button, choose, deskPage, find, leave, listed, press, pressKey, textOf, write } from "./desk-page";

afterEach(leave);

async function deskWith(names: readonly string[], world: World = createWorld()) {
  const page = await deskPage({ world });
  for (const name of names) {
    (await visitorOf(world, name)).send(`Hello from ${name}`);
    await page.settle();
  }
  return page;
}

function contactOf({ server }: World, name: string): string {
  const found = [...server.contacts.values()].find(({ log }) => log[0]?.user_info?.name === name);
  if (!found) throw new Error(`${name} has no contact.`);
  return found.id;
}

describe("a chat that was handed over", () => {
  async function handedOver(page: Awaited<ReturnType<typeof deskWith>>, to: string) {
    const field = find<HTMLInputElement>("#transfer-to");
    field.value = to;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await page.settle();
    find<HTMLFormElement>(".transfer").requestSubmit();
    await page.settle();
  }

  it("closes, says where it went, and the next one that waits opens", async () => {
    const page = await deskWith(["Ada", "Grace"]);
    await choose("Ada");
    await write("This was meant for Ada");
    await handedOver(page, "bob");
    expect(textOf(".toast span")).toBe("Ada was handed over to bob.");
    expect(textOf(".conversation h2")).toBe("Grace");
    expect(listed()).toEqual(["Grace"]);
  });

  it("goes to a colleague by name; how they are is said before and after", async () => {
    const page = await deskWith(["Ada"]);
    page.server.team = [
      { seller_id: "s-8fbe97cf", name: "Bob", status: "away", open_count: 1, capacity: 3 },
      { seller_id: "s-11111111", name: "Eve", status: "online", open_count: 3, capacity: 3 },
      { seller_id: SELLER, name: "Me", status: "online", open_count: 1, capacity: 3 },
    ];
    page.desk.refreshTeam();
    await page.settle();
    await choose("Ada");
    const offered = [...document.querySelectorAll(".colleagues button")].map((each) => [
      each.querySelector("span:not(.avatar)")?.textContent,
      each.querySelector("small")?.textContent,
    ]);
    expect(offered).toEqual([
      ["Bob", "away, room for 2"],
      ["Eve", "available, full"],
    ]);
    find<HTMLButtonElement>(".colleagues button").click();
    await page.settle();
    expect(page.frames("transferChat").map(({ to }) => to)).toEqual(["s-8fbe97cf"]);
    expect(textOf(".toast span")).toContain("Ada was handed over to Bob. They are away");
  });

  it.each([
    ["returns", "2 there, room for 3", "Ada was handed over to one-of-returns of the team returns."],
    ["repairs", "1 there, full, waits", "Ada waits for the team repairs now: nobody of it has room."],
    ["night", "nobody there, waits", "Ada waits for the team night now: nobody of it is there."],
  ])(
    "goes to a team, %s; what the visitor has to expect there is said before and after",
    async (team, before, after) => {
      const page = await deskWith(["Ada"]);
      page.server.teams = [
        { team: "returns", there: 2, room: 3 },
        { team: "repairs", there: 1, room: 0 },
        { team: "night", there: 0, room: 0 },
      ];
      page.desk.refreshTeam();
      await page.settle();
      await choose("Ada");
      const rows = [...document.querySelectorAll<HTMLButtonElement>("[aria-label=Teams] button")];
      const row = rows.find((each) => each.querySelector("span:not(.avatar)")?.textContent === `Team ${team}`);
      expect(row?.querySelector("small")?.textContent).toBe(before);
      row?.click();
      await page.settle();
      expect(page.frames("transferChat").map(({ to }) => to)).toEqual([team]);
      expect(textOf(".toast span")).toBe(after);
      expect(document.querySelector(".conversation")).toBeNull();
    },
  );

  it("takes what was being written for the colleague, and stays open for it", async () => {
    const page = await deskWith(["Ada"]);
    await choose("Ada");
    await write("She sent a picture");
    find<HTMLDetailsElement>(".hand-over details").open = true;
    find(".hand-over summary").focus();
    await page.settle();
    const take = button("Take what you were writing");
    take.focus();
    take.click();
    await page.settle();
    expect(find<HTMLTextAreaElement>("#transfer-note").value).toBe("She sent a picture");
    expect(document.activeElement?.id).toBe("transfer-note");
    expect(find<HTMLDetailsElement>(".hand-over details").open).toBe(true);
  });

  it("leaves an empty desk where nobody else waits", async () => {
    const page = await deskWith(["Ada"]);
    await choose("Ada");
    await handedOver(page, "bob");
    expect(document.querySelector(".conversation")).toBeNull();
    expect(listed()).toEqual([]);
  });

  it.each([
    ["unknown_seller", "There is no such colleague"],
    ["bad_field", "This was not accepted. Check what you have entered."],
  ] as const)("stays where that is refused, with a sentence for people: %s", async (code, sentence) => {
    const page = await deskWith(["Ada"]);
    await choose("Ada");
    page.disturb({ refuses: ({ action }) => (action === "transferChat" ? code : undefined) });
    await handedOver(page, "nobody");
    expect(textOf(".toast span")).toContain(sentence);
    expect(textOf(".conversation h2")).toBe("Ada");
  });
});

describe("the end of a chat", () => {
  it("leaves the list at once, and the next chat opens", async () => {
    const page = await deskWith(["Ada", "Grace"]);
    await choose("Ada");
    await press("End chat");
    expect(listed()).toEqual(["Grace"]);
    expect(textOf(".conversation h2")).toBe("Grace");
    expect(page.frames("closeChat")).toEqual([]);
  });

  it("can be taken back", async () => {
    const page = await deskWith(["Ada"]);
    await choose("Ada");
    await press("End chat");
    await press("Undo");
    await page.settle();
    expect(listed()).toEqual(["Ada"]);
    expect(textOf(".conversation h2")).toBe("Ada");
    expect(page.frames("closeChat")).toEqual([]);
  });

  it("is taken back by a visitor who writes once more", async () => {
    const page = await deskWith(["Ada"]);
    await choose("Ada");
    await press("End chat");
    page.server.say(contactOf(page.world, "Ada"), "visitor", "One more thing");
    await page.settle();
    expect(listed()).toEqual(["Ada"]);
    expect(textOf(".toast span")).toContain("Ada has written again");
  });

  it("happens at once when the page is left", async () => {
    const page = await deskWith(["Ada"]);
    await choose("Ada");
    await press("End chat");
    window.dispatchEvent(new Event("pagehide"));
    await page.settle();
    expect(page.frames("closeChat").length).toBe(1);
  });
});

describe("the page's address", () => {
  it("leads to the conversation, also after a reload", async () => {
    const page = await deskWith(["Ada"]);
    await choose("Ada");
    const { hash } = location;
    expect(hash).toBe(`#/open/${contactOf(page.world, "Ada")}`);
    leave();
    location.hash = hash;
    await deskPage({ world: page, isFresh: false });
    expect(textOf(".conversation h2")).toBe("Ada");
  });

  it("that leads to somebody else's chat says so", async () => {
    location.hash = "#/open/not-mine";
    const page = await deskPage();
    await page.settle();
    expect(textOf(".nothing p")).toBe("This chat is with somebody else now, or there is none.");
  });
});

describe("keys", () => {
  it("lead to the visitor who has waited longest, from within a field too", async () => {
    await deskWith(["Ada", "Grace"]);
    await pressKey("n");
    expect(textOf(".conversation h2")).toBe("Ada");
    await pressKey("n", { altKey: true }, find(".composer textarea"));
    expect(textOf(".conversation h2")).toBe("Grace");
  });

  it("are text where somebody writes", async () => {
    await deskWith(["Ada", "Grace"]);
    await choose("Grace");
    await pressKey("n", {}, find(".composer textarea"));
    expect(textOf(".conversation h2")).toBe("Grace");
  });

  it("go through the list, which is one stop of the Tab key", async () => {
    await deskWith(["Ada", "Grace"]);
    const stops = () => [...document.querySelectorAll<HTMLElement>(".contact")].map(({ tabIndex }) => tabIndex);
    expect(stops()).toEqual([0, -1]);
    find(".contact").focus();
    await pressKey("ArrowDown");
    expect(stops()).toEqual([-1, 0]);
    expect(document.activeElement?.querySelector(".name")?.textContent).toBe("Ada");
  });

  it("Escape leaves the field, and then the chat", async () => {
    await deskWith(["Ada"]);
    await choose("Ada");
    expect(document.activeElement).toBe(find(".composer textarea"));
    await pressKey("Escape");
    expect(document.activeElement).toBe(find(".contact"));
    await pressKey("Escape");
    expect(document.querySelector(".conversation")).toBeNull();
  });
});

describe("what is known of the visitor, where it covers the chat", () => {
  it("is closed by Escape before the chat is", async () => {
    await deskWith(["Ada"]);
    await choose("Ada");
    await press("Visitor");
    expect(document.querySelector(".has-details")).not.toBeNull();
    await pressKey("Escape", {}, find(".composer textarea"));
    expect(document.querySelector(".has-details")).toBeNull();
    expect(textOf(".conversation h2")).toBe("Ada");
  });
});

describe("the list", () => {
  it("tells what the seller wrote from what a visitor wrote who begins with the same words", async () => {
    const page = await deskWith(["Ada", "Grace"]);
    page.world.server.say(contactOf(page.world, "Grace"), "visitor", "You: free of charge");
    await choose("Ada");
    await write("free of charge");
    await pressKey("Enter", {}, find(".composer textarea"));
    await page.settle();
    const previews = [...document.querySelectorAll(".contact .preview")];
    expect(previews.map(({ textContent }) => textContent)).toEqual(["You: free of charge", "You: free of charge"]);
    expect(previews.map((each) => each.querySelector("b")?.textContent)).toEqual(["You: ", undefined]);
  });
});

describe("what is written", () => {
  it("keeps its place when a canned reply is asked for by its name", async () => {
    await deskWith(["Ada"]);
    await choose("Ada");
    await write("Well, /hel");
    await pressKey("Enter", {}, find(".composer textarea"));
    expect(find<HTMLTextAreaElement>(".composer textarea").value).toBe("Well, Hello Ada, how can I help you?");
  });

  it("is still there after a look at another chat, and after a reload", async () => {
    const page = await deskWith(["Ada", "Grace"]);
    await choose("Ada");
    await write("Half a sentence");
    await choose("Grace");
    await choose("Ada");
    expect(find<HTMLTextAreaElement>(".composer textarea").value).toBe("Half a sentence");
    const stored = sessionStorage.getItem("seller-console:drafts");
    page.drafts.forget();
    expect(stored).toContain("Half a sentence");
    expect(sessionStorage.getItem("seller-console:drafts")).toBeNull();
  });

  it("is sent without the control characters that another program has left in it", async () => {
    const page = await deskWith(["Ada"]);
    await choose("Ada");
    await write("two\u000blines,\u0000\u0085 and\na third\t.");
    await pressKey("Enter", {}, find(".composer textarea"));
    await page.settle();
    const log = page.server.contacts.get(contactOf(page.world, "Ada"))?.log ?? [];
    expect(log.at(-1)?.message).toBe("two lines,   and\na third\t.");
  });

  it("to a chat that has ended is said to reopen it", async () => {
    const page = await deskWith(["Ada"]);
    await choose("Ada");
    page.server.append(contactOf(page.world, "Ada"), { kind: "closed", from: "system" });
    await page.settle();
    expect(find<HTMLTextAreaElement>(".composer textarea").placeholder).toBe("Reopen the chat with Ada");
  });
});

describe("what a visitor says of themself", () => {
  it("stands under a heading that says so, apart from what the chat knows", async () => {
    const page = await deskPage({ world: createWorld() });
    const details = { name: "Ada", status: "Verified", started: "1999", customer: "4711" };
    (await visitorOf(page.world, details)).send("Hello");
    await page.settle();
    await choose("Ada");
    const [said, known] = ["visitor says", "chat knows"].map((who) =>
      [...find(`dl[aria-label="As the ${who}"]`).querySelectorAll("dt")].map(({ textContent }) => textContent),
    );
    expect(said).toEqual(["Status", "Started", "Customer"]);
    expect(known).toEqual(["Started", "Status"]);
    expect(textOf('dl[aria-label="As the chat knows"]')).not.toContain("Verified");
    expect([...document.querySelectorAll(".details .caption")].map(({ textContent }) => textContent)).toEqual([
      "As the visitor says",
      "As the chat knows",
    ]);
  });

  it("has no heading where they said nothing", async () => {
    const page = await deskPage();
    (await visitorOf(page.world, { name: "Ada" })).send("Hello");
    await page.settle();
    await choose("Ada");
    expect([...document.querySelectorAll(".details .caption")].map(({ textContent }) => textContent)).toEqual([
      "As the chat knows",
    ]);
  });

  it("has nothing in it that nobody sees", async () => {
    const page = await deskPage({ world: createWorld() });
    const details = {
      name: "Ada",
      email: "ada@sh\u200bop.exa\u00admple\u2060",
      phone: "+351\ufeff 21\u3164 000",
      address: "Rua\u200b 1\nLisbo\u0301a",
      shop: "https://sh\u200bop.example/",
      orders: [{ number: "47\u200b11" }, "cafe\u0301\u2062"],
      time_zone: "Lis\u200bbon",
    };
    (await visitorOf(page.world, details)).send("Hello");
    await page.settle();
    await choose("Ada");
    const told = [...find('dl[aria-label="As the visitor says"]').querySelectorAll("dd")].map(
      ({ firstElementChild, textContent }) => firstElementChild?.textContent ?? textContent,
    );
    expect(told).toEqual([
      "ada@shop.example",
      "+351 21 000",
      "Rua 1 Lisbóa",
      "https://shop.example/",
      "Number 4711",
      "café",
      "Lisbon",
    ]);
    expect(find<HTMLAnchorElement>('.details a[href^="mailto"]').href).toBe("mailto:ada@shop.example");
  });

  it("is a link only where it would be one in a message", async () => {
    const page = await deskPage({ world: createWorld() });
    const details = {
      name: "Ada",
      order: "https://shop.example/orders/7",
      bank: "https://bank.example@evil.example/",
      again: "https://аррӏе.com/",
      script: "javascript:alert(1)",
    };
    (await visitorOf(page.world, details)).send("Hello");
    await page.settle();
    await choose("Ada");
    const links = [...document.querySelectorAll<HTMLAnchorElement>(".details dl a")].map(({ href }) => href);
    expect(links).toEqual(["https://shop.example/orders/7"]);
  });
});

describe("search", () => {
  it("is forgotten with Escape and with another list", async () => {
    await deskWith(["Ada"]);
    const field = find<HTMLInputElement>(".find input");
    const search = async (text: string) => {
      field.value = text;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await pressKey("Shift", {}, field);
    };
    await search("nobody");
    expect(textOf(".empty")).toBe("Nothing found for “nobody” in this list.");
    await pressKey("Escape", {}, field);
    expect(listed()).toEqual(["Ada"]);
    await search("nobody");
    await press("Closed");
    expect(textOf(".empty")).toBe("No closed chats.");
  });
});

describe("the closed chats", () => {
  it("have their names and last lines after a reload, without a click", async () => {
    const page = await deskWith(["Ada", "Grace"]);
    for (const name of ["Ada", "Grace"]) {
      page.server.append(contactOf(page.world, name), { kind: "closed", from: "system" });
    }
    leave();
    location.hash = "#/closed";
    const after = await deskPage({ world: page.world, isFresh: false });
    await after.settle();
    await after.settle();
    expect([...listed()].sort()).toEqual(["Ada", "Grace"]);
    expect(textOf(".contact .preview")).toContain("Hello from");
  });
});

describe("a seller who has not just signed in", () => {
  it("does not say that they are available", async () => {
    const { server, frames } = await deskPage({ isFresh: false });
    expect(frames("presence").filter(({ status }) => status === "online")).toEqual([]);
    expect(server.isThere(SELLER)).toBe(false);
  });
});
