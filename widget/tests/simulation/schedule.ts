import {
  type ConversationView,
  createSellerDesk,
  createVisitorChat,
  type SellerDesk,
  type VisitorChat,
} from "../../src/core";
import { createChance } from "../world/chance";
import { createFakeClock } from "../world/clock";
import { createDevice, type Device, type Tab } from "../world/device";
import { createModelServer, type Faults, type ModelServer, NO_FAULTS } from "../world/server";

const SELLER = "123456";
const THE_END = "the end";
const FAULTY_MS = 120_000;
/** Longer than the longest backoff, a silent socket's discovery and a lock held by a suspended tab together. */
const QUIET_MS = 120_000;

/** What one seeded run led to; an empty list of violations is what is wanted. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly messages: number;
  readonly failed: number;
}

interface Person {
  readonly device: Device;
  readonly tabs: Client[];
}

interface Actor {
  readonly person: Person;
  readonly client: Client;
}

interface Client {
  readonly name: string;
  readonly tab: Tab;
  say(text: string): string | undefined;
  views(): readonly ConversationView[];
  retryFailed(): void;
  destroy(): void;
}

/** One run: a visitor with tabs, a seller with devices, and a network that does everything a network does. */
export async function runSchedule(seed: number): Promise<Outcome> {
  const chance = createChance(seed);
  const clock = createFakeClock();
  const server = createModelServer(clock);
  const violations: string[] = [];
  const saidBy = new Map<string, string[]>();
  const everFailed = new Set<string>();
  let opened = 0;

  const blocksSockets = chance.happens(0.2);
  const loss = chance.pick([0, 0.05, 0.2]);
  const faults: Faults = {
    latency: () => (chance.happens(0.05) ? chance.between(500, 12_000) : chance.between(5, 300)),
    lookupDelay: () => chance.between(0, 2_500),
    takesForDead: () => chance.happens(0.1),
    mayOpen: () => !blocksSockets && chance.happens(0.8),
    losesFrame: () => chance.happens(loss),
    losesReply: () => chance.happens(loss),
    losesPush: () => chance.happens(loss * 2),
    refuses: () => (chance.happens(0.03) ? chance.pick(["try_again", "slow_down"] as const) : undefined),
    failsAfterStoring: () => chance.happens(0.03),
    restWorks: () => chance.happens(0.9),
    isOlder: () => chance.happens(0.05),
  };
  server.faults = faults;
  server.reopens = chance.happens(0.7);

  const watch = (client: Client) => {
    for (const view of client.views()) {
      violations.push(...broken(view, server).map((what) => `${client.name}: ${what}`));
      for (const { id, state } of view.outgoing) if (state === "failed") everFailed.add(id);
    }
  };

  const visitor: Person = { device: createDevice(clock, chance, server, () => chance.between(0, 50)), tabs: [] };
  const sellers: Person[] = [1, 2].map(() => ({ device: createDevice(clock, chance, server), tabs: [] }));
  const openVisitor = () => visitor.tabs.push(openVisitorTab(visitor.device, `visitor-tab-${++opened}`, watch));
  const openSeller = (person: Person) =>
    person.tabs.push(openSellerTab(person.device, `seller-tab-${++opened}`, watch));

  openVisitor();
  for (const person of sellers) openSeller(person);
  if (chance.happens(0.7)) openVisitor();

  let texts = 0;
  const say = ({ client }: Actor) => {
    const id = client.say(`text ${++texts}`);
    if (id) saidBy.set(client.name, [...(saidBy.get(client.name) ?? []), id]);
  };
  const cutConnections = () => {
    server.cutSome(
      () => chance.happens(0.5),
      () => chance.happens(0.3),
    );
  };
  /** The old tab is gone without a word, a new one takes its place. */
  const reload = ({ person, client }: Actor) => {
    client.tab.kill();
    person.tabs.splice(person.tabs.indexOf(client), 1);
    if (person === visitor) openVisitor();
    else openSeller(person);
  };
  const openAnotherTab = () => {
    if (visitor.tabs.length < 3) openVisitor();
  };
  const actions: readonly [number, (actor: Actor) => void][] = [
    [60, say],
    [12, cutConnections],
    [6, reload],
    [3, openAnotherTab],
    [4, ({ client }) => client.tab.setOnline(chance.happens(0.7))],
    [4, ({ client }) => client.tab.focus()],
    [4, ({ client }) => client.retryFailed()],
    [2, () => closeAll(server)],
    [2, () => expireSome(server)],
    [3, () => {}],
  ];
  const step = () => {
    const person = chance.pick([visitor, ...sellers]);
    const act = chance.pick(actions.flatMap(([weight, action]) => Array<typeof action>(weight).fill(action)));
    act({ person, client: chance.pick(person.tabs) });
  };

  const until = clock.now() + FAULTY_MS;
  while (clock.now() < until) {
    step();
    await clock.advance(chance.between(1, 2_500));
  }

  server.faults = NO_FAULTS;
  for (const person of [visitor, ...sellers]) for (const client of person.tabs) client.tab.setOnline(true);
  await clock.advance(QUIET_MS);

  const clients = [visitor, ...sellers].flatMap((person) => person.tabs);
  for (const client of clients) {
    watch(client);
    violations.push(...unfinished(client, server));
  }
  for (const { id } of server.contacts.values()) server.say(id, "visitor", THE_END);
  await clock.advance(2_000);
  for (const client of clients) violations.push(...unfinished(client, server).map((what) => `at the end ${what}`));
  violations.push(...storedTwice(server), ...lost(saidBy, server, clients), ...outOfOrder(saidBy, everFailed, server));
  for (const client of clients) client.destroy();
  return { seed, violations: [...new Set(violations)], messages: texts, failed: everFailed.size };

  function openVisitorTab(device: Device, name: string, seen: (client: Client) => void): Client {
    const tab = device.openTab();
    const chat: VisitorChat = createVisitorChat(
      { sellerId: SELLER, socketUrl: "wss://chat.test/local", restUrl: "https://chat.test" },
      tab.ports,
    );
    const client: Client = {
      name,
      tab,
      say: (text) => chat.send(text),
      views: () => {
        const { conversation } = chat.getSnapshot();
        return conversation ? [conversation] : [];
      },
      retryFailed: () => {
        for (const { id, state } of outgoingOf(chat)) if (state === "failed") chat.retry(id);
      },
      destroy: chat.destroy,
    };
    chat.subscribe(() => seen(client));
    chat.start({ name: "Ada" });
    chat.setVisible(chance.happens(0.5));
    return client;
  }

  function openSellerTab(device: Device, name: string, seen: (client: Client) => void): Client {
    const tab = device.openTab();
    const desk: SellerDesk = createSellerDesk(
      { sellerId: SELLER, socketUrl: "wss://chat.test/local", credentials: async () => ({ token: "good" }) },
      tab.ports,
    );
    const client: Client = {
      name,
      tab,
      say: (text) => {
        const open = [...desk.getSnapshot().conversations.keys()];
        return open.length > 0 ? desk.send(chance.pick(open), text) : undefined;
      },
      views: () => [...desk.getSnapshot().conversations.values()],
      retryFailed: () => {
        for (const view of client.views()) {
          for (const { id, state } of view.outgoing) if (state === "failed") desk.retry(view.contactId, id);
        }
      },
      destroy: desk.destroy,
    };
    desk.subscribe(() => seen(client));
    desk.open();
    return client;
  }
}

function outgoingOf(chat: VisitorChat) {
  const { conversation, outgoing } = chat.getSnapshot();
  return conversation?.outgoing ?? outgoing;
}

function closeAll(server: ModelServer): void {
  for (const { id, status } of server.contacts.values()) {
    if (status !== "closed") server.append(id, { kind: "closed", from: "system", reason: "idle" });
  }
}

function expireSome(server: ModelServer): void {
  for (const contact of server.contacts.values()) {
    contact.expired = Math.max(contact.expired, Math.min(2, contact.log.length - 1));
  }
}

/** What a client shows must be a prefix of the log at every moment. */
function broken(view: ConversationView, server: ModelServer): string[] {
  const log = server.contacts.get(view.contactId)?.log ?? [];
  const wrong: string[] = [];
  let expected = 1;
  for (const item of view.items) {
    const first = item.kind === "break" ? item.from : item.seq;
    if (first !== expected) wrong.push(`shows ${first} where ${expected} belongs`);
    if (item.kind !== "break" && JSON.stringify(log[item.seq - 1]?.id) !== JSON.stringify(item.id)) {
      wrong.push(`shows something else than the log as ${item.seq}`);
    }
    expected = (item.kind === "break" ? item.to : item.seq) + 1;
  }
  const shown = new Set(view.items.flatMap((item) => ("id" in item ? [item.id] : [])));
  for (const { id } of view.outgoing) if (shown.has(id)) wrong.push(`shows ${id} twice`);
  return wrong;
}

/** Once the faults have stopped, everything has arrived and every send has ended. */
function unfinished(client: Client, server: ModelServer): string[] {
  return client.views().flatMap((view) => {
    const tail = server.contacts.get(view.contactId)?.log.length ?? 0;
    const last = view.items.at(-1);
    const cursor = last === undefined ? 0 : last.kind === "break" ? last.to : last.seq;
    const missing = cursor === tail ? [] : [`${client.name}: holds ${cursor} of ${tail} in ${view.contactId}`];
    const open = view.outgoing.filter(({ state }) => state !== "failed");
    return [...missing, ...open.map(({ id, state }) => `${client.name}: ${id} is still ${state} in ${view.contactId}`)];
  });
}

/** Every text is said once, so it is in one log at most once, whatever id it came with. */
function storedTwice(server: ModelServer): string[] {
  const texts = [...server.contacts.values()]
    .flatMap(({ log }) => log.flatMap(({ message }) => message ?? []))
    .filter((text) => text !== THE_END);
  return texts.filter((text, place) => texts.indexOf(text) !== place).map((text) => `"${text}" is stored twice`);
}

/** Whatever was said is in a log, or somebody is told that it failed. */
function lost(saidBy: Map<string, string[]>, server: ModelServer, clients: readonly Client[]): string[] {
  const stored = new Set([...server.contacts.values()].flatMap(({ log }) => log.map(({ id }) => id)));
  const failed = new Set(
    clients.flatMap((client) => client.views().flatMap(({ outgoing }) => outgoing.map(({ id }) => id))),
  );
  return [...saidBy.values()]
    .flat()
    .filter((id) => !stored.has(id) && !failed.has(id))
    .map((id) => `${id} is lost`);
}

/** What one tab said has the order in which it was said, in each log; what had failed comes when it is asked for again. */
function outOfOrder(saidBy: Map<string, string[]>, everFailed: Set<string>, server: ModelServer): string[] {
  const wrong: string[] = [];
  for (const { log } of server.contacts.values()) {
    const seqs = new Map(log.map(({ id, seq }) => [id, seq]));
    for (const ids of saidBy.values()) {
      let before = 0;
      for (const id of ids) {
        const seq = seqs.get(id);
        if (seq === undefined || everFailed.has(id)) continue;
        if (seq < before) wrong.push(`${id} is out of order`);
        before = seq;
      }
    }
  }
  return wrong;
}
