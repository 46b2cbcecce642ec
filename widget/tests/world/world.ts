import {
  type ClientFrame,
  createSellerDesk,
  createVisitorChat,
  type Entry,
  type LogItem,
  type SellerDesk,
  type SellerDeskOptions,
  type VisitorChat,
  type VisitorChatOptions,
} from "../../src/core";
import { type Chance, createChance } from "./chance";
import { createFakeClock, type FakeClock } from "./clock";
import { createDevice, type Device, type Network, type Tab } from "./device";
import { type Contact, createModelServer, type Faults, type ModelServer, NO_FAULTS } from "./server";

export const SELLER = "123456";

export interface VisitorTab extends Tab {
  readonly chat: VisitorChat;
  /** What the conversation shows: texts of messages, kinds of everything else. */
  shown(): readonly string[];
  /** Texts that are not in the conversation yet, with their states. */
  outgoing(): readonly string[];
}

export interface SellerTab extends Tab {
  readonly desk: SellerDesk;
  shown(contactId: string): readonly string[];
}

export interface World {
  readonly clock: FakeClock;
  readonly chance: Chance;
  readonly server: ModelServer;
  /** The visitor's browser. */
  readonly device: Device;
  visitorTab(options?: Partial<VisitorChatOptions>, network?: Network): VisitorTab;
  /** A tab whose chat has started and is idle. */
  chattingTab(options?: Partial<VisitorChatOptions>, network?: Network): Promise<VisitorTab>;
  sellerTab(options?: Partial<SellerDeskOptions>, device?: Device): SellerTab;
  /** From now on the network does this. */
  disturb(faults: Partial<Faults>): void;
  calm(): void;
  /** The visitor's first contact. */
  contact(): Contact;
  frames<Action extends ClientFrame["action"]>(action: Action): Extract<ClientFrame, { action: Action }>[];
}

export function createWorld(seed = 1): World {
  const clock = createFakeClock();
  const chance = createChance(seed);
  const server = createModelServer(clock);
  const device = createDevice(clock, chance, server);

  function visitorTab(options: Partial<VisitorChatOptions> = {}, network?: Network): VisitorTab {
    const tab = device.openTab(network);
    const chat = createVisitorChat({ sellerId: SELLER, socketUrl: "wss://chat.test/local", ...options }, tab.ports);
    return {
      ...tab,
      chat,
      shown: () => (chat.getSnapshot().conversation?.items ?? []).map(label),
      outgoing: () => {
        const { conversation, outgoing } = chat.getSnapshot();
        return (conversation?.outgoing ?? outgoing).map(({ text, state }) => `${text}: ${state}`);
      },
    };
  }

  return {
    clock,
    chance,
    server,
    device,
    visitorTab,
    chattingTab: async (options, network) => {
      const tab = visitorTab(options, network);
      tab.chat.start({ name: "Ada" });
      await clock.advance(5_000);
      return tab;
    },
    sellerTab: (options = {}, sellersDevice = createDevice(clock, chance, server)) => {
      const tab = sellersDevice.openTab();
      const credentials = async () => ({ token: "good" });
      const desk = createSellerDesk(
        { sellerId: SELLER, socketUrl: "wss://chat.test/local", credentials, ...options },
        tab.ports,
      );
      return {
        ...tab,
        desk,
        shown: (contactId) => (desk.getSnapshot().conversations.get(contactId)?.items ?? []).map(label),
      };
    },
    disturb: (faults) => {
      server.faults = { ...server.faults, ...faults };
    },
    calm: () => {
      server.faults = NO_FAULTS;
    },
    contact: () => {
      const [first] = server.contacts.values();
      if (!first) throw new Error("No chat has started.");
      return first;
    },
    frames: <Action extends ClientFrame["action"]>(action: Action) =>
      server.received
        .map(({ frame }) => frame)
        .filter((frame): frame is Extract<ClientFrame, { action: Action }> => frame.action === action),
  };
}

export function texts(log: readonly Entry[]): readonly string[] {
  return log.flatMap(({ message }) => message ?? []);
}

function label(item: LogItem): string {
  if (item.kind === "break") return `${item.from}-${item.to} are gone`;
  return item.message ?? item.kind;
}
