import type {
  Block,
  ClientFrame,
  Colleague,
  Entry,
  Http,
  InboxListed,
  PresenceSet,
  PresenceStatus,
  Role,
  ServerFrame,
  TeamOutlook,
} from "../../src/core";
import { checkReceived, checkSent } from "../protocol/document";
import type { FakeClock } from "./clock";
import type { Network } from "./device";
import { createBlocks } from "./server/blocks";
import { type Connection, type Connections, createConnections, type Person } from "./server/connections";
import {
  type Contact,
  createContacts,
  inboxPageOf,
  isAdmitted,
  isExpired,
  type NewEntry,
  nameIn,
  pageOf,
  TEAM,
} from "./server/contacts";
import { type Faults, NO_FAULTS } from "./server/faults";
import { errorOf, frameOf } from "./server/frames";
import { createNotes, isForShelf } from "./server/notes";
import { createPresences } from "./server/presences";
import { createReplies, isForReplies, type ReplyFrames } from "./server/replies";
import { search } from "./server/search";
import { snoozeIn } from "./server/snoozes";
import { visitorNamed } from "./tokens";

export type { Contact } from "./server/contacts";
export { type Faults, NO_FAULTS } from "./server/faults";

/** A small server that keeps docs/protocol.md and nothing more: it knows a message again only above its base. */
export interface ModelServer extends Network {
  readonly contacts: Map<string, Contact>;
  readonly received: { readonly person: Person; readonly frame: ClientFrame }[];
  readonly opened: Connections["opened"];
  faults: Faults;
  reopens: boolean;
  /** How many entries may follow a message's base. */
  farthest: number;
  /** Only those are let in whom the shop gave a token. */
  visitorsNeedTokens: boolean;
  /** Whether a contact waits until its seller is there, as all strategies but `direct` have it. */
  needsPresence: boolean;
  connections(): number;
  /** Who is blocked, by device. */
  readonly blocks: Map<string, Block>;
  /** Sellers may search unless it is false. */
  hasSearch?: boolean;
  /** What a seller is told of the team. */
  team: Colleague[];
  teams: TeamOutlook[];
  /** Whether a seller said that they are there, lately enough to be believed. */
  isThere(sellerId: string): boolean;
  /** Close every connection, or let it die in silence. */
  cutAll(inSilence?: boolean): void;
  cutSome(chosen: () => boolean, inSilence: () => boolean): void;
  /** What a person does elsewhere. */
  say(contactId: string, role: Role, text: string): Entry;
  append(contactId: string, entry: NewEntry): Entry;
  /** A frame to everybody who is connected, or whatever else. */
  pushToAll(frame: ServerFrame | string): void;
}

export function createModelServer(clock: FakeClock): ModelServer {
  const received: ModelServer["received"] = [];
  const presences = createPresences(clock);
  const connections = createConnections(clock, { faults: () => server.faults, admitsVisitor, received: handle });
  const contacts = createContacts(clock, {
    reopens: () => server.reopens,
    farthest: () => server.farthest,
    mustWaitFor: (sellerId) => server.needsPresence && !presences.isThere(sellerId),
    connections: connections.all,
    push: (connection, frame) => connections.deliver(connection, frame, server.faults.losesPush()),
  });
  const blocks = createBlocks(clock);
  const replies = createReplies();
  const notes = createNotes(clock, contacts.all);
  let said = 0;

  const server: ModelServer = {
    contacts: contacts.all,
    received,
    opened: connections.opened,
    faults: NO_FAULTS,
    reopens: true,
    farthest: 1_000,
    blocks: blocks.all,
    team: [],
    teams: [],
    visitorsNeedTokens: false,
    needsPresence: false,
    isThere: presences.isThere,
    sockets: connections.sockets,
    http: { request: answerHttp },
    connections: () => connections.all().filter((connection) => connection.isOpen).length,
    cutAll: (inSilence = false) => {
      for (const connection of [...connections.all()]) connections.cut(connection, inSilence);
    },
    cutSome: (chosen, inSilence) => {
      for (const connection of [...connections.all()]) if (chosen()) connections.cut(connection, inSilence());
    },
    say: (contactId, role, text) =>
      contacts.append(contactId, {
        kind: "message",
        from: role === "visitor" ? `visitor-${contactId}` : (contacts.get(contactId).seller ?? "nobody"),
        id: `said-${++said}`,
        message: text,
      }),
    append: (contactId, entry) => contacts.append(contactId, entry),
    pushToAll: (frame) => {
      for (const connection of connections.all()) connections.deliver(connection, frame, false);
    },
  };

  /** A token is never ignored: where none are believed, it opens nothing. */
  function admitsVisitor(userId: string, proven: string | undefined): boolean {
    return server.visitorsNeedTokens ? proven === userId : proven === undefined;
  }

  function handle(connection: Connection, frame: ClientFrame): void {
    const reply = answer(connection, frame, connection);
    if (reply) connections.deliver(connection, reply, server.faults.losesReply());
  }

  function answer(person: Person, frame: ClientFrame, own?: Connection): ServerFrame | undefined {
    checkSent(frame);
    received.push({ person: { role: person.role, userId: person.userId }, frame });
    const refusal = frame.action === "ping" ? undefined : server.faults.refuses(frame);
    if (refusal) return errorOf(frame, refusal);
    if (own && (frame.action === "InitChat" || ("announce" in frame && frame.announce))) connections.list(own);
    const reply = isForReplies(frame) ? replies(frame) : act(person, frame, own);
    return server.faults.failsAfterStoring(frame) ? errorOf(frame, "try_again") : reply;
  }

  function act(person: Person, frame: Exclude<ClientFrame, ReplyFrames>, own?: Connection): ServerFrame | undefined {
    if (frame.action === "search") return search(server, person, frame);
    switch (frame.action) {
      case "ping":
        return { action: "pong" };
      case "presence":
        return note(person.userId, frame.status, own);
      case "team":
        return { action: "team", team: TEAM, sellers: server.team, teams: server.teams };
      case "signOut":
        for (const connection of devicesOf(connections, person.userId)) connections.cut(connection, false);
        return undefined;
      case "inbox":
        return listWith(
          frame.beat && !server.faults.isOlder() ? note(person.userId, undefined, own) : undefined,
          inboxPageOf([...contacts.all.values()], person.userId, frame, server.faults.isOlder()),
        );
      case "blocks":
        return blocks.listed();
      case "unblockVisitor":
        return blocks.lift(frame.visitor, frame.since);
      case "InitChat":
        if (blocks.holdsFor(person) && !contacts.current(person.userId, frame.sellerId))
          return errorOf(frame, "blocked");
        return contacts.start(person, frame.sellerId, frame.userInfo);
    }
    return actIn(person, frame, own);
  }

  function actIn(
    person: Person,
    frame: Extract<ClientFrame, { contact_id: string }>,
    own?: Connection,
  ): ServerFrame | undefined {
    const found = contacts.all.get(frame.contact_id);
    if (!isAdmitted(found, person, frame)) return errorOf(frame, "forbidden");
    if (isExpired(found)) return errorOf(frame, "contact_expired");
    if (isForShelf(frame)) return notes.answer(found, person, frame);
    const from = nameIn(found, person);
    switch (frame.action) {
      case "blockVisitor":
        if (found.status !== "closed") contacts.append(found.id, { kind: "closed", from, reason: "blocked" });
        return blocks.begin(found, person, frame);
      case "sendMessage":
        if (blocks.holdsFor(person) && found.status === "closed") return errorOf(frame, "blocked");
        return contacts.send(found, person, frame, own);
      case "sync":
        return pageOf(found, frame.after);
      case "receipt":
        return void contacts.raise(found, person, frame, own);
      case "typing":
        contacts.type(found, person, frame, own);
        return undefined;
      case "snooze":
        return tell(connections, server, { sellerId: found.seller, own }, snoozeIn(found, frame, clock.now()));
      case "takeChat":
        return contacts.take(found, person, frame, own);
      case "identify":
        return contacts.identify(found, person, frame, own);
      case "closeChat":
        return contacts.move(found, frame, { kind: "closed", from, id: frame.id }, own);
      case "transferChat":
        return contacts.handOver(found, frame, from, server.teams, own);
    }
  }

  function note(sellerId: string, said: PresenceStatus | undefined, own?: Connection): PresenceSet {
    const status = presences.note(sellerId, said);
    const told = { action: "presence" as const, status, open_count: 0, capacity: 100 };
    if (said) tell(connections, server, { sellerId, own }, told);
    const all = [...contacts.all.values()];
    const waiting = all.filter((each) => each.requested === sellerId && each.status === "queued");
    for (const { id } of presences.isThere(sellerId) ? waiting : []) {
      contacts.append(id, { kind: "assigned", from: "system", id: `take-${id}`, seller_id: sellerId });
    }
    return { ...told, open_count: all.filter((each) => each.seller === sellerId && each.status === "open").length };
  }

  async function answerHttp(request: Parameters<Http["request"]>[0]): Promise<{ status: number; body: string }> {
    await pass(server.faults.latency());
    if (!server.faults.restWorks() || server.faults.losesFrame()) throw new TypeError("Failed to fetch");
    const bearer = (request.headers.Authorization ?? "").replace("Bearer ", "");
    const proven = visitorNamed(bearer);
    const userId = proven ?? bearer;
    if (!admitsVisitor(userId, proven)) return { status: 401, body: JSON.stringify({ code: "forbidden" }) };
    const reply = answer({ role: "visitor", userId }, frameOf(request));
    if (reply) checkReceived(reply);
    await pass(server.faults.latency());
    if (server.faults.losesReply()) throw new TypeError("Failed to fetch");
    return { status: reply?.action === "error" ? 400 : 200, body: JSON.stringify(reply ?? {}) };
  }

  const pass = (milliseconds: number) => new Promise<void>((resolve) => clock.after(milliseconds, resolve));

  return server;
}

function listWith(noted: PresenceSet | undefined, page: InboxListed): InboxListed {
  if (!noted) return page;
  const { action, ...presence } = noted;
  return { ...page, presence };
}

interface Asker {
  readonly sellerId: string | undefined;
  readonly own: Connection | undefined;
}

/** The other devices of a seller hear what one of them is answered. */
function tell(
  connections: Connections,
  { faults }: ModelServer,
  { sellerId, own }: Asker,
  told: ServerFrame,
): ServerFrame {
  const others = devicesOf(connections, sellerId).filter((each) => each !== own && told.action !== "error");
  for (const other of others) connections.deliver(other, told, faults.losesPush());
  return told;
}

function devicesOf(connections: Connections, sellerId: string | undefined): readonly Connection[] {
  return connections.all().filter(({ role, userId }) => role === "seller" && userId === sellerId);
}
