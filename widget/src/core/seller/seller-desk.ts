import type {
  ChatProblem,
  EarlierReading,
  Searching,
  SellerCredentials,
  SellerDesk,
  SellerDeskOptions,
  SellerSnapshot,
} from "../api";
import { createConnection } from "../connection/connection";
import type { Target } from "../connection/socket-life";
import { createObservable } from "../observable";
import type { Cancel, Ports } from "../ports";
import { createTabs, type SellerTabMessage } from "../tabs";
import { createBlocks } from "./blocks";
import { type CatchUp, createCatchUp } from "./catch-up";
import { createDesks, type Desks } from "./desks";
import { createEarlier, type Earlier } from "./earlier";
import { createInbox } from "./inbox";
import { createNotes } from "./notes";
import { createPresence } from "./presence";
import { createReceiving } from "./receiving";
import { createRounds } from "./rounds";
import { createSearch, type Search } from "./search";
import { createSharedReplies } from "./shared-replies";
import { createSignOut } from "./sign-out";
import { createSnoozes } from "./snoozes";
import { createTags } from "./tags";
import { createTeam, type Team } from "./team";

/** A seller's side of all contacts, over one connection. */
export function createSellerDesk(options: SellerDeskOptions, ports: Ports): SellerDesk {
  const scope = `seller-desk:${options.sellerId}:`;
  const tabs = createTabs<SellerTabMessage>(ports.broadcast, scope);
  let isOpen = false;
  let problem: ChatProblem | undefined;
  let stopListening: Cancel[] = [];

  const observable = createObservable<SellerSnapshot>(() => ({
    connection: connection.state(),
    presence: presence.status(),
    inbox: inbox.lists(),
    hasOlderClosed: inbox.hasOlderClosed(),
    conversations: desks.views(),
    ...team.known(),
    notes: notes.all(),
    tags: tags.all(),
    sharedReplies: sharedReplies.known(),
    ...earlier.known(),
    snoozes: snoozes.all(),
    blocks: blocks.all(),
    search: search.view(),
    problem,
  }));
  const { changed } = observable;

  const connection = createConnection(
    ports,
    { target, rest: undefined },
    {
      up,
      down,
      poll: () => {},
      frame: (frame) => {
        if (![team, blocks, notes, tags, earlier, snoozes, sharedReplies, search].some((each) => each.receive(frame)))
          receive(frame);
        changed();
      },
      changed,
    },
  );
  const presence = createPresence(ports, connection);
  const signOut = createSignOut(ports, connection, presence, signedOut);
  const team = createTeam(ports, connection);
  const blocks = createBlocks(ports, connection);
  const notes = createNotes(ports, connection);
  const search = createSearch(ports, connection);
  const sharedReplies = createSharedReplies(ports, connection);
  const earlier = createEarlier(ports, connection);
  const conversation = (contactId: string) => desks.get(contactId)?.conversation;
  const inbox = createInbox(ports, connection);
  const tags = createTags(ports, connection, { sellerId: options.sellerId, since: inbox.since });
  const snoozes = createSnoozes(ports, connection, { conversation, since: inbox.since, changed });
  const catchUp = createCatchUp(ports.clock, connection.isUp);
  const rounds = createRounds(ports.clock, {
    look: () => askForLists(true),
    refresh: () => askForLists(false),
    lookOn: () => desks.lookOn(),
  });
  const desks = createDesks(ports, {
    sellerId: options.sellerId,
    scope,
    connection,
    tabs,
    changed,
    moved: rounds.refreshSoon,
    lost: inbox.left,
    dropped: catchUp.remove,
  });

  const receive = createReceiving({
    desks,
    inbox,
    presence,
    signOut,
    team,
    rounds,
    catchUp,
    failed: ({ code, reason }) => {
      problem = { code, reason };
    },
  });

  function askForLists(tails: boolean): void {
    inbox.look(tails, presence.claimBeat());
  }

  async function target(reason: Parameters<SellerDeskOptions["credentials"]>[0]): Promise<Target | undefined> {
    const credentials = await options.credentials(reason);
    if (credentials) return targetFor(options, credentials);
    problem = { code: "session_expired", reason: "Sign in again." };
    return undefined;
  }

  function up(): void {
    problem = undefined;
    for (const each of [inbox, presence, blocks, notes, tags, earlier, snoozes, sharedReplies, search]) each.up();
    rounds.begin();
    goOn(desks, catchUp);
  }

  function down(): void {
    for (const { stop } of [rounds, catchUp, inbox, team, blocks, notes, earlier, sharedReplies, search]) stop();
    presence.down();
    signOut.down();
    desks.down();
  }

  function signedOut(): void {
    problem = undefined;
    connection.signOut();
    changed();
  }

  function fromOtherTab(message: SellerTabMessage): void {
    if (message.about === "presence") presence.heard(message.status);
    else if (message.about === "signOut") signedOut();
    else desks.hear(message);
  }

  function open(): void {
    if (isOpen) {
      connection.open();
      return;
    }
    isOpen = true;
    stopListening = [
      tabs.listen(fromOtherTab),
      ports.environment.listen((event) => {
        if (event === "offline") return;
        rounds.look();
        desks.get(desks.visible() ?? "")?.conversation.setVisible(true);
      }),
    ];
    desks.resume();
    connection.open();
  }

  return {
    getSnapshot: observable.getSnapshot,
    subscribe: observable.subscribe,
    open,
    setPresence: (status) => {
      tabs.tell({ about: "presence", status });
      presence.say(status);
    },
    signOut: () => {
      tabs.tell({ about: "signOut" });
      signOut.begin();
    },
    refreshTeam: team.refresh,
    blocking: blocks,
    sharedReplies,
    notes,
    searching: searchingWith(search, changed),
    tagging: tags,
    earlier: earlierWith(earlier, changed),
    snoozing: snoozes,
    refreshInbox: (status) => inbox.refresh(status, { lines: true }),
    listOlderClosed: inbox.listOlderClosed,
    read: (contactId) => {
      const { conversation } = desks.ensure(contactId);
      if (connection.isUp()) conversation.sync();
    },
    setVisible: desks.setVisible,
    ...actsIn(desks, team),
    destroy: () => {
      isOpen = false;
      signOut.stop();
      for (const stop of stopListening.splice(0)) stop();
      connection.close();
      snoozes.destroy();
      desks.clear();
    },
  };
}

/** What was under way when the last connection was lost. */
function goOn(desks: Desks, catchUp: CatchUp): void {
  for (const { conversation, outbox } of desks.all()) {
    const { contactId, status, loaded, outgoing } = conversation.view();
    const isWanted = outgoing.length > 0 || contactId === desks.visible();
    // The list tells which of the open ones have gone on.
    if (isWanted && !(loaded && status === "open")) catchUp.add(conversation);
    conversation.retry();
    outbox.pump();
  }
}

function searchingWith({ find, more }: Search, changed: () => void): Searching {
  return {
    find: (text) => {
      find(text);
      changed();
    },
    more: () => {
      more();
      changed();
    },
  };
}

function earlierWith({ list, more, read, readOn, putAway }: Earlier, changed: () => void): EarlierReading {
  return {
    list,
    more,
    read: (beside, contactId) => {
      read(beside, contactId);
      changed();
    },
    readOn: () => {
      readOn();
      changed();
    },
    putAway: () => {
      putAway();
      changed();
    },
  };
}

/** What can be done in one contact. */
function actsIn(
  desks: Desks,
  team: Team,
): Pick<SellerDesk, "send" | "retry" | "discard" | "typing" | "take" | "transfer" | "close"> {
  return {
    send: (contactId, text) => {
      const { conversation, outbox } = desks.ensure(contactId);
      if (!conversation.view().loaded) conversation.sync();
      conversation.sent();
      return outbox.add(text);
    },
    retry: (contactId, id) => desks.get(contactId)?.outbox.retry(id),
    discard: (contactId, id) => desks.get(contactId)?.outbox.discard(id),
    typing: (contactId) => desks.get(contactId)?.conversation.typing(),
    take: (contactId) => desks.ensure(contactId).conversation.command({ action: "takeChat" }),
    transfer: async (contactId, to) => {
      await desks.ensure(contactId).conversation.command({ action: "transferChat", to });
      return team.handedOver(contactId);
    },
    close: (contactId) => desks.ensure(contactId).conversation.command({ action: "closeChat" }),
  };
}

function targetFor({ sellerId, socketUrl }: SellerDeskOptions, { token, ticket }: SellerCredentials): Target {
  const query = `userId=${encodeURIComponent(sellerId)}${ticket ? `&ticket=${encodeURIComponent(ticket)}` : ""}`;
  return { url: `${socketUrl}?${query}`, protocols: token ? ["seller-chat", token] : [] };
}
