/**
 * A person's device as a process: the built client core on the WebSocket, storage, locks and broadcasts that Node shares
 * with browsers. tests/end_to_end/core_device.py drives it: commands in as lines of JSON, what its pages show out.
 */

import { createInterface } from "node:readline";
import type {
  ConnectionState,
  ConversationView,
  LogItem,
  Observable,
  SellerDeskOptions,
  VisitorChatOptions,
} from "../../src";

/** The first line. `core` is the path of the built core. */
type Setup = { readonly core: string } & (
  | { readonly role: "visitor"; readonly pages: number; readonly options: VisitorChatOptions }
  | {
      readonly role: "seller";
      readonly token: string;
      readonly options: Omit<SellerDeskOptions, "credentials">;
    }
);

/** Every other line: write a text on a page, or look at them all, as when a person comes back to the window. */
type Command = { readonly do: "write"; readonly page: number; readonly text: string } | { readonly do: "look" };

interface Page {
  readonly state: Observable<{ readonly connection: ConnectionState }>;
  conversation(): ConversationView | undefined;
  write(text: string): void;
}

/** What a browser's ports ask of a page, for one that is always in sight of a person with a network. */
function becomeBrowser(): void {
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  Object.assign(globalThis, { window: new EventTarget(), document });
  Object.defineProperty(navigator, "onLine", { value: true });
}

async function openPages(setup: Setup): Promise<Page[]> {
  const core: typeof import("../../src") = await import(setup.core);
  if (setup.role === "visitor") return Array.from({ length: setup.pages }, () => visitorPage(core, setup.options));
  return [sellerPage(core, setup.options, setup.token)];
}

function visitorPage(core: typeof import("../../src"), options: VisitorChatOptions): Page {
  const chat = core.createVisitorChat(options, core.createBrowserPorts());
  chat.start({ name: "Asha" });
  chat.setVisible(true);
  return { state: chat, conversation: () => chat.getSnapshot().conversation, write: chat.send };
}

function sellerPage(
  core: typeof import("../../src"),
  options: Omit<SellerDeskOptions, "credentials">,
  token: string,
): Page {
  const desk = core.createSellerDesk({ ...options, credentials: async () => ({ token }) }, core.createBrowserPorts());
  const conversation = () => [...desk.getSnapshot().conversations.values()][0];
  desk.open();
  // Nobody is there before they say so.
  desk.setPresence("online");
  return {
    state: desk,
    conversation,
    write: (text) => {
      const contact = conversation();
      if (!contact) throw new Error("There is nobody to write to yet.");
      desk.setVisible(contact.contactId);
      desk.send(contact.contactId, text);
    },
  };
}

/** Reports what joins the conversation on a page, and whether it ever takes back what it has shown. */
function report(place: number, page: Page): void {
  let shown: readonly LogItem[] = [];
  let standing = "";
  page.state.subscribe(() => {
    const view = page.conversation();
    const items = view?.items ?? [];
    const isContinued = shown.every((item, index) => JSON.stringify(item) === JSON.stringify(items[index]));
    if (!isContinued) say({ page: place, rewritten: shown });
    if (!isContinued || items.length > shown.length) {
      say({ page: place, shown: isContinued ? items.slice(shown.length) : items });
    }
    shown = items;

    const outgoing = (view?.outgoing ?? []).map(({ id, state, failure }) => ({ id, state, failure }));
    const now = JSON.stringify({ connection: page.state.getSnapshot().connection, outgoing });
    if (now !== standing) say({ page: place, ...JSON.parse(now) });
    standing = now;
  });
}

function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

becomeBrowser();
let pages: Page[] | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  if (!pages) {
    pages = await openPages(JSON.parse(line));
    for (const [place, page] of pages.entries()) report(place, page);
    continue;
  }
  const command: Command = JSON.parse(line);
  if (command.do === "write") pages[command.page]?.write(command.text);
  else window.dispatchEvent(new Event("focus"));
}
process.exit();
