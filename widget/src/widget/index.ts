import { createApi } from "./api";
import { optionsOf } from "./checks";
import type { CommandQueue } from "./command-queue";
import { createBubble } from "./launcher/bubble";
import { createLauncher, type MountChat } from "./launcher/launcher";
import { pageStore } from "./launcher/page-store";
import { currentScript, pageApi } from "./page-script";
import type { SellerChatApi } from "./public-api";
import type { BootOptions } from "./settings";

/** Where the chat lies from here, with its contents' hash in its name; the build knows it. */
declare const CHAT_FILE: string;

/** Whether the chat is in this very file: a hash in the page's tag then covers all that will run. */
declare const WHOLE: boolean;

const page = window as unknown as { SellerChat: SellerChatApi };
const script = currentScript();
let failures = 0;

/** The chat lies beside the script, where the page's policy already allows scripts from. */
async function load(options: BootOptions): Promise<MountChat> {
  if (WHOLE) return (await import("./chat")).prepare(options);
  // A module, and what a tag manager evaluates, is no current script: its tag may be there all the same.
  const source = script ?? document.querySelector<HTMLScriptElement>('script[src*="widget.js"]');
  try {
    const address = new URL(CHAT_FILE, options.filesUrl ?? source?.src);
    // A module that could not be loaded once is not tried again under the same address, in some browsers.
    if (failures) address.search = `?${failures}`;
    const { prepare } = await import(/* @vite-ignore */ address.href);
    return await prepare(options);
  } catch (error) {
    failures++;
    throw error;
  }
}

const api = createApi((options, events) =>
  createLauncher(options, {
    events,
    store: pageStore,
    createBubble,
    languages: () => [document.documentElement.lang, ...navigator.languages],
    load,
  }),
);

function start(): void {
  const waiting = (pageApi() as CommandQueue | undefined)?.q ?? [];
  page.SellerChat = api;
  try {
    const options = script && optionsOf(script);
    if (options) api("boot", options as never);
  } catch (error) {
    reportError(error);
  }
  for (const call of waiting) (api as (...call: readonly unknown[]) => unknown)(...call);
}

const there = pageApi();
if (!there || (there as CommandQueue).q) {
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
} else {
  // Frameworks run a page's scripts again, which is no mistake; a second seller is.
  const wanted = script?.dataset.sellerId;
  if (wanted && wanted !== document.querySelector<HTMLElement>("seller-chat")?.dataset.sellerId)
    console.warn(`SellerChat: the tag of ${wanted} is ignored.`);
}
