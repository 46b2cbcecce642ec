import type {
  ClientFrame,
  Colleague,
  ContactStatus,
  Entry,
  ErrorCode,
  ErrorFrame,
  Http,
  InboxContact,
  InboxListed,
  Marks,
  PresenceStatus,
  Role,
  ServerFrame,
  SocketListener,
} from "../../src/core";
import { checkReceived, checkSent } from "../protocol/document";
import type { FakeClock } from "./clock";
import type { Network } from "./device";
import { visitorNamed } from "./tokens";

const PAGE = 5;
const INBOX_PAGE = 100;
const MINUTE_MS = 60_000;
/** API Gateway ends a connection on which nothing is sent for ten minutes, and every one after two hours. */
const IDLE_MS = 10 * MINUTE_MS;
const LIFETIME_MS = 120 * MINUTE_MS;
/** A seller not heard of for longer is not there (docs/protocol.md, "Waiting, and being there"). */
const PRESENCE_FRESH_MS = 150_000;

/** What befalls a network; every number is in milliseconds, every answer is asked for anew each time. */
export interface Faults {
  /** How long a frame, a request or an answer is under way. */
  latency(): number;
  /** How long a new connection is invisible to those who push. */
  lookupDelay(): number;
  /** Whether a push in the instant of connecting fails, so that the connection is struck off. */
  takesForDead(): boolean;
  mayOpen(): boolean;
  losesFrame(): boolean;
  losesReply(): boolean;
  losesPush(): boolean;
  /** An error before anything was stored, or after. */
  refuses(frame: ClientFrame): ErrorCode | undefined;
  failsAfterStoring(frame: ClientFrame): boolean;
  restWorks(): boolean;
}

export const NO_FAULTS: Faults = {
  latency: () => 20,
  lookupDelay: () => 0,
  takesForDead: () => false,
  mayOpen: () => true,
  losesFrame: () => false,
  losesReply: () => false,
  losesPush: () => false,
  refuses: () => undefined,
  failsAfterStoring: () => false,
  restWorks: () => true,
};

export interface Contact {
  readonly id: string;
  readonly visitor: string;
  /** The seller whom the visitor asked for. */
  readonly requested: string;
  seller: string | undefined;
  status: ContactStatus;
  readonly log: Entry[];
  /** Entries up to this one are past retention. */
  expired: number;
  readonly marks: Record<Role, Marks>;
}

interface Person {
  readonly role: Role;
  readonly userId: string;
}

interface Connection extends Person {
  readonly listener: SocketListener;
  readonly protocols: readonly string[];
  isOpen: boolean;
  /** Neither side is told, but nothing gets through any more. */
  isDead: boolean;
  isListed: boolean;
  /** When something last came or went over it. */
  usedAt: number;
}

interface Presence {
  readonly status: PresenceStatus;
  readonly saidAt: number;
}

/** A small server that keeps docs/protocol.md and nothing more: it knows a message again only above its base. */
export interface ModelServer extends Network {
  readonly contacts: Map<string, Contact>;
  readonly received: { readonly person: Person; readonly frame: ClientFrame }[];
  readonly opened: { readonly url: string; readonly protocols: readonly string[] }[];
  faults: Faults;
  reopens: boolean;
  /** Only those are let in whom the shop gave a token. */
  visitorsNeedTokens: boolean;
  /** Whether a contact waits until its seller is there, as all strategies but `direct` have it. */
  needsPresence: boolean;
  connections(): number;
  /** What a seller is told of the team. */
  team: Colleague[];
  /** Whether a seller said that he is there, lately enough to be believed. */
  isThere(sellerId: string): boolean;
  /** Close every connection, or let it die in silence. */
  cutAll(inSilence?: boolean): void;
  cutSome(chosen: () => boolean, inSilence: () => boolean): void;
  /** What a person does elsewhere. */
  say(contactId: string, role: Role, text: string): Entry;
  append(contactId: string, entry: Omit<Entry, "seq" | "timestamp">): Entry;
  /** A frame to everybody who is connected, or whatever else. */
  pushToAll(frame: ServerFrame | string): void;
}

export function createModelServer(clock: FakeClock): ModelServer {
  const contacts = new Map<string, Contact>();
  const received: ModelServer["received"] = [];
  const opened: ModelServer["opened"] = [];
  const presences = new Map<string, Presence>();
  let connections: Connection[] = [];
  let said = 0;

  const server: ModelServer = {
    contacts,
    received,
    opened,
    faults: NO_FAULTS,
    reopens: true,
    team: [],
    visitorsNeedTokens: false,
    needsPresence: false,
    isThere,
    sockets: { open: openSocket },
    http: { request: answerHttp },
    connections: () => connections.filter((connection) => connection.isOpen).length,
    cutAll: (inSilence = false) => {
      for (const connection of [...connections]) cut(connection, inSilence);
    },
    cutSome: (chosen, inSilence) => {
      for (const connection of [...connections]) if (chosen()) cut(connection, inSilence());
    },
    say: (contactId, role, text) =>
      append(contactId, {
        kind: "message",
        from: role === "visitor" ? `visitor-${contactId}` : (contact(contactId).seller ?? "nobody"),
        id: `said-${++said}`,
        message: text,
      }),
    append: (contactId, entry) => append(contactId, entry),
    pushToAll: (frame) => {
      for (const connection of connections) deliver(connection, frame, false);
    },
  };

  function contact(id: string): Contact {
    const found = contacts.get(id);
    if (!found) throw new Error(`There is no contact ${id}.`);
    return found;
  }

  function openSocket(url: string, protocols: readonly string[], listener: SocketListener) {
    const userId = new URL(url).searchParams.get("userId") ?? "";
    const proven = visitorNamed(protocols[1] ?? "");
    const role: Role = protocols.length > 0 && proven === undefined ? "seller" : "visitor";
    const connection: Connection = {
      role,
      userId,
      listener,
      protocols,
      isOpen: false,
      isDead: false,
      isListed: false,
      usedAt: clock.now(),
    };
    opened.push({ url, protocols });
    clock.after(server.faults.latency(), () => {
      if (connection.isDead) return;
      if (!server.faults.mayOpen() || (role === "visitor" && !admitsVisitor(userId, proven))) {
        listener.closed();
        return;
      }
      connection.isOpen = true;
      connections.push(connection);
      endWhenIdle(connection);
      clock.after(LIFETIME_MS, () => cut(connection, false));
      if (!server.faults.takesForDead()) list(connection);
      listener.opened();
    });
    return {
      send: (text: string) => {
        if (!connection.isOpen || connection.isDead || server.faults.losesFrame()) return;
        connection.usedAt = clock.now();
        clock.after(server.faults.latency(), () => handle(connection, JSON.parse(text)));
      },
      close: () => {
        connection.isDead = true;
        connections = connections.filter((other) => other !== connection);
      },
    };
  }

  /** A token is never ignored: where none are believed, it opens nothing. */
  function admitsVisitor(userId: string, proven: string | undefined): boolean {
    return server.visitorsNeedTokens ? proven === userId : proven === undefined;
  }

  function list(connection: Connection): void {
    clock.after(server.faults.lookupDelay(), () => {
      connection.isListed = true;
    });
  }

  function endWhenIdle(connection: Connection): void {
    const idleFor = clock.now() - connection.usedAt;
    if (idleFor >= IDLE_MS) cut(connection, false);
    else if (!connection.isDead) clock.after(IDLE_MS - idleFor, () => endWhenIdle(connection));
  }

  function cut(connection: Connection, inSilence: boolean): void {
    if (connection.isDead) return;
    connection.isDead = true;
    if (inSilence) return;
    connections = connections.filter((other) => other !== connection);
    connection.listener.closed();
  }

  function deliver(connection: Connection, frame: ServerFrame | string, isLost: boolean): void {
    if (isLost) return;
    if (typeof frame !== "string") checkReceived(frame);
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    connection.usedAt = clock.now();
    clock.after(server.faults.latency(), () => {
      if (connection.isOpen && !connection.isDead) connection.listener.received(text);
    });
  }

  function handle(connection: Connection, frame: ClientFrame): void {
    const reply = answer(connection, frame, connection);
    if (reply) deliver(connection, reply, server.faults.losesReply());
  }

  function answer(person: Person, frame: ClientFrame, own?: Connection): ServerFrame | undefined {
    checkSent(frame);
    received.push({ person: { role: person.role, userId: person.userId }, frame });
    const refusal = frame.action === "ping" ? undefined : server.faults.refuses(frame);
    if (refusal) return errorOf(frame, refusal);
    if (own && (frame.action === "InitChat" || ("announce" in frame && frame.announce))) list(own);
    const reply = act(person, frame, own);
    return server.faults.failsAfterStoring(frame) ? errorOf(frame, "try_again") : reply;
  }

  function act(person: Person, frame: ClientFrame, own?: Connection): ServerFrame | undefined {
    switch (frame.action) {
      case "ping":
        return { action: "pong" };
      case "presence":
        return note(person.userId, frame.status, own);
      case "team":
        return { action: "team", team: "support", sellers: server.team };
      case "signOut":
        endSessions(person);
        return undefined;
      case "inbox":
        return inboxPage(person, frame.status, frame.after);
      case "InitChat":
        return start(person, frame.sellerId, frame.userInfo);
    }
    return actIn(person, frame, own);
  }

  function actIn(
    person: Person,
    frame: Extract<ClientFrame, { contact_id: string }>,
    own?: Connection,
  ): ServerFrame | undefined {
    const found = contacts.get(frame.contact_id);
    if (!found || !admits(found, person)) return errorOf(frame, "forbidden");
    if (found.expired > 0 && found.expired >= found.log.length) return errorOf(frame, "contact_expired");
    switch (frame.action) {
      case "sendMessage":
        return send(found, person, frame, own);
      case "sync":
        return page(found, frame.after);
      case "receipt":
        return raise(found, person, frame, own);
      case "typing":
        tell(found, { action: "typing", contact_id: found.id, from: person.role, typing: frame.typing }, own);
        return undefined;
      case "closeChat":
        return move(found, frame, { kind: "closed", from: nameIn(found, person), id: frame.id }, own);
      case "transferChat":
        return move(
          found,
          frame,
          { kind: "transferred", from: nameIn(found, person), id: frame.id, seller_id: frame.to },
          own,
        );
    }
  }

  function send(
    found: Contact,
    person: Person,
    frame: Extract<ClientFrame, { action: "sendMessage" }>,
    own?: Connection,
  ): ServerFrame {
    const from = nameIn(found, person);
    const base = Math.min(frame.base, found.log.length);
    const before = found.log.find((entry) => entry.seq >= base && entry.id === frame.id && entry.from === from);
    if (!before && found.status === "closed") {
      if (!server.reopens) return errorOf(frame, "contact_closed");
      append(found.id, { kind: "reopened", from: "system" }, own);
    }
    const entry =
      before ?? append(found.id, { kind: "message", from, id: frame.id, message: frame.message }, own, person.role);
    return ackOf(frame, found.id, entry);
  }

  function move(
    found: Contact,
    frame: Extract<ClientFrame, { id: string }>,
    entry: Omit<Entry, "seq" | "timestamp">,
    own?: Connection,
  ): ServerFrame {
    const newest = found.log.at(-1);
    const isRepeat = found.status === "closed" && newest !== undefined;
    return ackOf(frame, found.id, isRepeat ? newest : append(found.id, entry, own));
  }

  function append(contactId: string, fields: Omit<Entry, "seq" | "timestamp">, own?: Connection, by?: Role): Entry {
    const found = contact(contactId);
    const entry: Entry = { seq: found.log.length + 1, timestamp: new Date(clock.now()).toISOString(), ...fields };
    found.log.push(entry);
    stand(found, entry);
    const sender = by ?? (fields.from === `visitor-${contactId}` ? "visitor" : "seller");
    for (const connection of participants(found, own)) {
      const isMessage = entry.kind === "message" && connection.role !== sender;
      deliver(
        connection,
        isMessage ? messageOf(contactId, entry) : { action: "entry", contact_id: contactId, entry },
        server.faults.losesPush(),
      );
    }
    return entry;
  }

  function start(person: Person, sellerId: string, userInfo: Entry["user_info"]): ServerFrame {
    let found = [...contacts.values()].find(
      (each) =>
        each.visitor === person.userId &&
        each.requested === sellerId &&
        each.status !== "closed" &&
        each.expired < each.log.length,
    );
    if (!found) {
      const id = `c${contacts.size + 1}`;
      const none = { delivered: 0, read: 0 };
      found = {
        id,
        visitor: person.userId,
        requested: sellerId,
        seller: undefined,
        status: "queued",
        log: [],
        expired: 0,
        marks: { visitor: none, seller: none },
      };
      contacts.set(id, found);
      append(id, {
        kind: "opened",
        from: `visitor-${id}`,
        id: "open.opened",
        ...(userInfo && { user_info: userInfo }),
      });
      if (server.needsPresence && !isThere(sellerId)) append(id, { kind: "queued", from: "system", id: "open" });
      else append(id, { kind: "assigned", from: "system", id: "open", seller_id: sellerId });
    }
    return {
      action: "InitChat",
      contact_id: found.id,
      message: "Chat initialized successfully",
      device_id: found.visitor,
      seller_id: found.seller ?? sellerId,
      alias: `visitor-${found.id}`,
      status: found.status,
      seq: found.log.length,
    };
  }

  function note(sellerId: string, said: PresenceStatus | undefined, own?: Connection): ServerFrame {
    const status = said ?? presences.get(sellerId)?.status ?? "offline";
    presences.set(sellerId, { status, saidAt: clock.now() });
    for (const other of said ? connections : []) {
      const isTold = other !== own && other.role === "seller" && other.userId === sellerId;
      const told = { action: "presence" as const, status, open_count: 0, capacity: 100 };
      if (isTold) deliver(other, told, server.faults.losesPush());
    }
    const waiting = [...contacts.values()].filter((each) => each.requested === sellerId && each.status === "queued");
    if (isThere(sellerId)) {
      for (const { id } of waiting)
        append(id, { kind: "assigned", from: "system", id: `take-${id}`, seller_id: sellerId });
    }
    const carried = [...contacts.values()].filter((each) => each.seller === sellerId && each.status === "open");
    return { action: "presence", status, open_count: carried.length, capacity: 100 };
  }

  function endSessions({ userId }: Person): void {
    const ended = connections.filter((each) => each.role === "seller" && each.userId === userId);
    for (const connection of ended) cut(connection, false);
  }

  function isThere(sellerId: string): boolean {
    const said = presences.get(sellerId);
    return said?.status === "online" && clock.now() - said.saidAt <= PRESENCE_FRESH_MS;
  }

  function raise(found: Contact, person: Person, marks: Marks, own?: Connection): ServerFrame {
    const { delivered, read } = found.marks[person.role];
    const after = { delivered: Math.max(delivered, marks.delivered), read: Math.max(read, marks.read) };
    found.marks[person.role] = after;
    tell(found, { action: "receipt", contact_id: found.id, from: person.role, ...after }, own);
    return { action: "ack", of: "receipt", contact_id: found.id, seq: after.delivered };
  }

  function page(found: Contact, after: number): ServerFrame {
    const isUnknown = after > found.log.length;
    const from = isUnknown ? 0 : after;
    const following = found.log.filter((entry) => entry.seq > Math.max(from, found.expired));
    const entries = following.slice(0, PAGE);
    const more = entries.length < following.length;
    const first = found.expired + 1;
    return {
      action: "sync",
      contact_id: found.id,
      after: from,
      entries,
      more,
      ...(!more && { tail: found.log.length, status: found.status, marks: found.marks }),
      ...(isUnknown && { gap: { from: 0, to: after, reason: "unknown_cursor" as const } }),
      ...(!isUnknown && first > after + 1 && { gap: { from: after + 1, to: first - 1, reason: "expired" as const } }),
    };
  }

  /** `after` is opaque to clients; it names the last contact of the page before. */
  function inboxPage(person: Person, status: ContactStatus, after?: string): InboxListed {
    const all = listed(person, status);
    const placeOf = ({ since, contact_id }: InboxContact) => `${since}/${contact_id}`;
    const begin = all.findIndex((each) => placeOf(each) === after) + 1;
    const page = all.slice(begin, begin + INBOX_PAGE);
    const last = page.at(-1);
    const isEnd = begin + INBOX_PAGE >= all.length;
    return { action: "inbox", status, contacts: page, ...(last && !isEnd && { next: placeOf(last) }) };
  }

  function listed(person: Person, status: ContactStatus) {
    return [...contacts.values()]
      .filter(
        (each) => (status === "queued" ? each.requested : each.seller) === person.userId && each.status === status,
      )
      .map(({ id, log, seller = null }) => {
        const opened_at = log[0]?.timestamp ?? "";
        return { contact_id: id, status, since: opened_at, opened_at, seller_id: seller };
      });
  }

  function tell(found: Contact, frame: ServerFrame, own?: Connection): void {
    for (const connection of participants(found, own)) deliver(connection, frame, server.faults.losesPush());
  }

  function participants(found: Contact, own?: Connection): Connection[] {
    return connections.filter((each) => each !== own && each.isListed && admits(found, each));
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

  function pass(milliseconds: number): Promise<void> {
    return new Promise((resolve) => clock.after(milliseconds, resolve));
  }

  return server;
}

function frameOf({ method, url, body }: Parameters<Http["request"]>[0]): ClientFrame {
  const { pathname, searchParams } = new URL(url);
  const [, first, contact_id = "", call = ""] = pathname.split("/");
  if (method === "GET") return { action: "sync", contact_id, after: Number(searchParams.get("after")) };
  const action = { receipts: "receipt", close: "closeChat" }[call] ?? (first === "chats" ? "InitChat" : "sendMessage");
  return { ...JSON.parse(body ?? "{}"), ...(contact_id && { contact_id }), action };
}

function stand(found: Contact, { kind, seller_id }: Entry): void {
  if (kind === "message") return;
  if (kind === "transferred" || kind === "assigned") found.seller = seller_id;
  if (kind === "closed") found.status = kind;
  else found.status = found.seller === undefined ? "queued" : "open";
}

function admits(found: Contact, person: Person): boolean {
  return person.userId === (person.role === "visitor" ? found.visitor : found.seller);
}

function nameIn(found: Contact, person: Person): string {
  return person.role === "visitor" ? `visitor-${found.id}` : person.userId;
}

function messageOf(contactId: string, { seq, from, timestamp, id = "", message = "" }: Entry): ServerFrame {
  return { action: "sendMessage", type: "message", from, message, timestamp, id, seq, contact_id: contactId };
}

function ackOf(
  frame: Extract<ClientFrame, { id: string }>,
  contactId: string,
  { seq, id, timestamp }: Entry,
): ServerFrame {
  return { action: "ack", of: frame.action, contact_id: contactId, seq, timestamp, ...(id !== undefined && { id }) };
}

function errorOf(frame: ClientFrame, code: ErrorCode): ErrorFrame {
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
