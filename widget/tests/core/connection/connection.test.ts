import { describe, expect, test } from "vitest";
import type { ConnectionState, CredentialsReason, Http, SocketListener } from "../../../src/core";
import { createWorld, SELLER, texts, type VisitorTab } from "../../world/world";

const MINUTE = 60_000;

describe("before the visitor opens the chat", () => {
  test("nothing is stored and no socket is opened", async () => {
    const { device, server, clock, visitorTab } = createWorld();
    const { chat } = visitorTab();
    expect(chat.hasSession()).toBe(false);
    await clock.advance(MINUTE);
    expect(device.stored.size).toBe(0);
    expect(server.opened).toEqual([]);
    expect(chat.getSnapshot()).toMatchObject({ connection: "idle", phase: "idle" });
  });

  test("the device's secret name is made when he does", async () => {
    const { server, clock, visitorTab, device } = createWorld();
    visitorTab().chat.open();
    await clock.advance(100);
    expect(server.opened[0]?.url).toBe(`wss://chat.test/local?userId=${device.stored.get("seller-chat:device")}`);
  });
});

describe("a connection that is lost", () => {
  test("is shown as connecting, online, reconnecting, online", async () => {
    const { server, clock, visitorTab } = createWorld();
    const { chat } = visitorTab();
    const states = statesOf(chat);
    chat.open();
    await clock.advance(1_000);
    server.cutAll();
    await clock.advance(5_000);
    expect(states).toEqual(["connecting", "online", "reconnecting", "online"]);
  });

  test("is tried again after random delays that double, up to 30 seconds", async () => {
    const { server, clock, visitorTab, disturb, chance } = createWorld();
    chance.fraction = () => 0.999;
    disturb({ mayOpen: () => false, latency: () => 0 });
    const at: number[] = [];
    const start = clock.now();
    visitorTab().chat.open();
    for (let second = 0; second < 130; second++) {
      const before = server.opened.length;
      await clock.advance(1_000);
      if (server.opened.length > before) at.push(Math.round((clock.now() - start) / 1_000));
    }
    const gaps = at.slice(1).map((time, place) => time - (at[place] ?? 0));
    expect(gaps).toEqual([2, 4, 8, 16, 30, 30, 30]);
  });

  test("is not opened again and again where each is cut after its first answers", async () => {
    const { server, clock, chattingTab } = createWorld();
    await chattingTab();
    const before = server.opened.length;
    for (let tenth = 0; tenth < 600; tenth++) {
      await clock.advance(100);
      if (tenth % 2) server.cutAll();
    }
    expect(server.opened.length - before).toBeLessThan(15);
  });

  test("is opened again within a second where it carried something, however late that came", async () => {
    const { server, clock, chattingTab, disturb, chance } = createWorld();
    await chattingTab();
    chance.fraction = () => 0.999;
    disturb({ latency: () => 2_500 });
    for (let round = 0; round < 6; round++) {
      server.cutAll();
      await clock.advance(MINUTE);
    }
    const before = server.opened.length;
    server.cutAll();
    await clock.advance(1_000);
    expect(server.opened.length).toBe(before + 1);
  });

  test("is opened at once when the network is back", async () => {
    const { server, clock, chattingTab } = createWorld();
    const tab = await chattingTab();
    server.faults = { ...server.faults, mayOpen: () => false };
    tab.setOnline(false);
    server.cutAll();
    await clock.advance(5 * MINUTE);
    expect(tab.chat.getSnapshot().connection).toBe("offline");
    server.faults = { ...server.faults, mayOpen: () => true };
    tab.setOnline(true);
    await clock.advance(100);
    expect(tab.chat.getSnapshot().connection).toBe("online");
  });

  test("is found out by an unanswered ping within ten seconds of it", async () => {
    const { server, clock, chattingTab } = createWorld();
    const tab = await chattingTab();
    server.cutAll(true);
    await clock.advance(4 * MINUTE + 9_000 - 5_000);
    expect(tab.chat.getSnapshot().connection).toBe("online");
    await clock.advance(8_000);
    expect(server.opened.length).toBe(2);
    expect(tab.chat.getSnapshot().connection).toBe("online");
  });

  test("is found out within ten seconds when the visitor comes back to the page", async () => {
    const { server, clock, chattingTab } = createWorld();
    const tab = await chattingTab();
    server.cutAll(true);
    tab.focus();
    await clock.advance(12_000);
    expect(server.opened.length).toBe(2);
    expect(tab.chat.getSnapshot().connection).toBe("online");
  });
});

describe("a connection that lasts", () => {
  test("is never idle for ten minutes", async () => {
    const { server, clock, chattingTab, frames } = createWorld();
    await chattingTab();
    for (let round = 0; round < 9; round++) {
      const before = frames("ping").length;
      await clock.advance(5 * MINUTE);
      expect(frames("ping").length).toBeGreaterThan(before);
    }
    expect(server.opened.length).toBe(1);
  });

  test("is replaced before two hours, with no moment without one and nothing missed", async () => {
    const { server, clock, chattingTab, contact } = createWorld();
    const tab = await chattingTab();
    let said = 0;
    for (let minute = 0; minute < 115; minute++) {
      await clock.advance(MINUTE);
      server.say(contact().id, "seller", `minute ${++said}`);
      expect(server.connections()).toBeGreaterThanOrEqual(1);
    }
    await clock.advance(1_000);
    expect(server.opened.length).toBe(2);
    expect(server.connections()).toBe(1);
    expect(tab.shown()).toEqual(["opened", "assigned", ...texts(contact().log)]);
  });
});

describe("frames that make no sense", () => {
  test.each(["nonsense", "[]", "null", "42", '{"no":"action"}', '{"action":"later"}'])(
    "%s is passed over",
    async (text) => {
      const { server, clock, chattingTab } = createWorld();
      const tab = await chattingTab();
      server.pushToAll(text);
      await clock.advance(1_000);
      expect(tab.chat.getSnapshot().connection).toBe("online");
      expect(tab.shown()).toEqual(["opened", "assigned"]);
    },
  );
});

describe("API Gateway's own frames", () => {
  const throttled = '{"message":"Too Many Requests","connectionId":"c","requestId":"r"}';

  test.each(["", throttled])("%j in place of a pong is a sign of life", async (text) => {
    const { server, clock, chattingTab, disturb } = createWorld();
    const tab = await chattingTab();
    disturb({ losesReply: () => true });
    for (let seconds = 0; seconds < 600; seconds += 5) {
      server.pushToAll(text);
      await clock.advance(5_000);
    }
    expect(server.opened.length).toBe(1);
    expect(tab.shown()).toEqual(["opened", "assigned"]);
  });

  test("in place of an answer leave the question open, which is asked again", async () => {
    const { server, clock, chattingTab, disturb } = createWorld();
    const tab = await chattingTab();
    disturb({ losesFrame: () => true });
    tab.chat.send("Hello");
    await clock.advance(1_000);
    server.pushToAll(throttled);
    await clock.advance(2_000);
    disturb({ losesFrame: () => false });
    await clock.advance(10_000);
    expect(tab.shown()).toEqual(["opened", "assigned", "Hello"]);
    expect(server.opened.length).toBe(1);
  });
});

describe("a browser whose WebSockets are blocked", () => {
  const rest = { restUrl: "https://chat.test" };

  test("holds the whole conversation over REST", async () => {
    const { server, clock, visitorTab, contact, disturb } = createWorld();
    disturb({ mayOpen: () => false });
    const tab = visitorTab(rest);
    tab.chat.start({ name: "Ada" });
    await clock.advance(10_000);
    expect(tab.chat.getSnapshot()).toMatchObject({ connection: "online", transport: "rest", phase: "chatting" });
    tab.chat.send("Hello");
    await clock.advance(1_000);
    server.say(contact().id, "seller", "Good morning");
    await clock.advance(3_000);
    expect(tab.shown()).toEqual(["opened", "assigned", "Hello", "Good morning"]);
    expect(tab.outgoing()).toEqual([]);
    expect(contact().marks.visitor).toEqual({ delivered: 4, read: 0 });
    tab.chat.setVisible(true);
    await clock.advance(5_000);
    expect(contact().marks.visitor).toEqual({ delivered: 4, read: 4 });
    await Promise.all([tab.chat.identify({ plan: "gold" }), clock.advance(5_000)]);
    expect(contact().log.at(-1)).toMatchObject({ kind: "identified", user_info: { plan: "gold" } });
    await Promise.all([tab.chat.close(), clock.advance(5_000)]);
    expect(tab.shown().at(-1)).toBe("closed");
  });

  test("polls more and more slowly while nothing happens, at least every 30 seconds", async () => {
    const { clock, visitorTab, disturb, frames } = createWorld();
    disturb({ mayOpen: () => false });
    visitorTab(rest).chat.start({});
    await clock.advance(MINUTE);
    const after = async (milliseconds: number) => {
      const before = frames("sync").length;
      await clock.advance(milliseconds);
      return frames("sync").length - before;
    };
    await clock.advance(2 * MINUTE);
    const polls = await after(10 * MINUTE);
    expect(polls).toBeGreaterThanOrEqual(20);
    expect(polls).toBeLessThanOrEqual(22);
  });

  test("goes back to the WebSocket when it can", async () => {
    const { clock, visitorTab, disturb, calm } = createWorld();
    disturb({ mayOpen: () => false });
    const tab = visitorTab(rest);
    tab.chat.start({});
    await clock.advance(20_000);
    expect(tab.chat.getSnapshot().transport).toBe("rest");
    calm();
    await clock.advance(MINUTE);
    expect(tab.chat.getSnapshot()).toMatchObject({ connection: "online", transport: "socket" });
  });

  test("shows that REST does not work either, and sends when it does", async () => {
    const { clock, visitorTab, disturb, contact } = createWorld();
    disturb({ mayOpen: () => false });
    const tab = visitorTab(rest);
    tab.chat.start({});
    await clock.advance(20_000);
    disturb({ restWorks: () => false });
    tab.chat.send("Are you there?");
    await clock.advance(10_000);
    expect(tab.chat.getSnapshot().connection).toBe("reconnecting");
    expect(tab.outgoing()).toEqual(["Are you there?: sending"]);
    disturb({ restWorks: () => true });
    await clock.advance(MINUTE);
    expect(texts(contact().log)).toEqual(["Are you there?"]);
    expect(tab.outgoing()).toEqual([]);
  });

  test.each([
    [403, { message: "Forbidden" }],
    [404, { message: "Not Found" }],
    [400, { code: 1020, title: "Blocked" }],
    [401, { action: "error", code: "forbidden", reason: "The token has expired." }],
  ])("goes on after a %i that says nothing about the chat itself", async (status, body) => {
    const { server, clock, chattingTab, contact } = createWorld();
    let isRefused = false;
    const http: Http = {
      request: async (request) =>
        isRefused ? { status, body: JSON.stringify(body) } : await server.http.request(request),
    };
    const tab = await chattingTab({ ...rest, transport: "rest" }, { ...server, http });
    isRefused = true;
    tab.chat.send("Hello");
    await clock.advance(15_000);
    expect(tab.chat.getSnapshot()).toMatchObject({ phase: "chatting", problem: undefined });
    expect(tab.outgoing()).toEqual(["Hello: sending"]);
    isRefused = false;
    await clock.advance(MINUTE);
    expect(texts(contact().log)).toEqual(["Hello"]);
    expect(tab.outgoing()).toEqual([]);
  });

  test("holds the conversation over REST also where sockets open but carry nothing", async () => {
    const { server, clock, visitorTab, contact } = createWorld();
    const swallow = (_url: string, _protocols: readonly string[], { opened }: SocketListener) => {
      clock.after(50, opened);
      return { send() {}, close() {} };
    };
    const tab = visitorTab(rest, { ...server, sockets: { open: swallow } });
    tab.chat.start({ name: "Ada" });
    tab.chat.send("Hello");
    await clock.advance(MINUTE);
    expect(texts(contact().log)).toEqual(["Hello"]);
    const states = statesOf(tab.chat);
    for (let minute = 1; minute <= 10; minute++) {
      server.say(contact().id, "seller", `minute ${minute}`);
      await clock.advance(MINUTE);
      expect(tab.shown().at(-1)).toBe(`minute ${minute}`);
    }
    expect(states.filter((state) => state !== "online")).toEqual([]);
  });

  test("is shown as online while REST works, however often a WebSocket is tried", async () => {
    const { clock, visitorTab, disturb } = createWorld();
    disturb({ mayOpen: () => false });
    const tab = visitorTab(rest);
    tab.chat.start({});
    await clock.advance(MINUTE);
    const states = statesOf(tab.chat);
    await clock.advance(10 * MINUTE);
    expect(states.filter((state) => state !== "online")).toEqual([]);
  });

  test("opens no socket at all if told so", async () => {
    const { server, clock, visitorTab } = createWorld();
    const tab = visitorTab({ ...rest, transport: "rest" });
    tab.chat.start({});
    await clock.advance(MINUTE);
    expect(server.opened).toEqual([]);
    expect(tab.shown()).toEqual(["opened", "assigned"]);
  });
});

describe("a seller's credentials", () => {
  test("a token goes as second subprotocol, a ticket into the address", async () => {
    const { server, clock, sellerTab } = createWorld();
    sellerTab({ credentials: async () => ({ token: "a.b.c" }) }).desk.open();
    sellerTab({ credentials: async () => ({ ticket: "once" }) }).desk.open();
    await clock.advance(100);
    expect(server.opened).toEqual([
      { url: `wss://chat.test/local?userId=${SELLER}`, protocols: ["seller-chat", "a.b.c"] },
      { url: `wss://chat.test/local?userId=${SELLER}&ticket=once`, protocols: [] },
    ]);
  });

  test("are asked for anew when the session has expired", async () => {
    const { server, clock, sellerTab } = createWorld();
    const asked: CredentialsReason[] = [];
    const { desk } = sellerTab({
      credentials: async (reason) => {
        asked.push(reason);
        return { token: reason };
      },
    });
    desk.open();
    await clock.advance(1_000);
    server.pushToAll({ action: "error", code: "session_expired", reason: "Connect again." });
    await clock.advance(3_000);
    expect(asked).toEqual(["connect", "expired"]);
    expect(server.opened.at(-1)?.protocols).toEqual(["seller-chat", "expired"]);
    expect(desk.getSnapshot().connection).toBe("online");
  });

  test("that are not given sign the seller out, until he opens the desk again", async () => {
    const { server, clock, sellerTab } = createWorld();
    let isSignedIn = true;
    const { desk } = sellerTab({ credentials: async () => (isSignedIn ? { token: "good" } : undefined) });
    desk.open();
    await clock.advance(1_000);
    isSignedIn = false;
    server.pushToAll({ action: "error", code: "session_expired", reason: "Connect again." });
    await clock.advance(10 * MINUTE);
    expect(desk.getSnapshot()).toMatchObject({ connection: "signed_out", problem: { code: "session_expired" } });
    expect(server.opened.length).toBe(1);
    isSignedIn = true;
    desk.open();
    await clock.advance(1_000);
    expect(desk.getSnapshot()).toMatchObject({ connection: "online", problem: undefined });
  });

  test("that never come are asked for again", async () => {
    const { server, clock, sellerTab } = createWorld();
    let isShopStuck = false;
    const { desk } = sellerTab({
      credentials: () => (isShopStuck ? new Promise(() => {}) : Promise.resolve({ token: "good" })),
    });
    desk.open();
    await clock.advance(1_000);
    isShopStuck = true;
    server.cutAll();
    await clock.advance(5_000);
    isShopStuck = false;
    await clock.advance(MINUTE);
    expect(desk.getSnapshot().connection).toBe("online");
  });

  test("that come too late open no second connection", async () => {
    const { server, clock, sellerTab } = createWorld();
    let asked = 0;
    const { desk } = sellerTab({
      credentials: () => new Promise((resolve) => clock.after(asked++ ? 0 : 11_500, () => resolve({ token: "good" }))),
    });
    desk.open();
    await clock.advance(MINUTE);
    expect(server.opened.length).toBe(1);
    expect(desk.getSnapshot().connection).toBe("online");
  });

  test("that cannot be had just now are asked for again", async () => {
    const { clock, sellerTab } = createWorld();
    let asked = 0;
    const { desk } = sellerTab({
      credentials: async () => {
        if (++asked < 3) throw new Error("The shop does not answer.");
        return { token: "good" };
      },
    });
    desk.open();
    await clock.advance(10_000);
    expect(desk.getSnapshot().connection).toBe("online");
  });
});

function statesOf(chat: VisitorTab["chat"]): ConnectionState[] {
  const states: ConnectionState[] = [];
  chat.subscribe(() => {
    const { connection } = chat.getSnapshot();
    if (states.at(-1) !== connection) states.push(connection);
  });
  return states;
}
