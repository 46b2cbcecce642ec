import { createBrowserPorts } from "../browser";
import { loadLanguage, type Strings } from "../strings";
import { createApi } from "./api";
import { browserAttention } from "./browser-attention";
import type { CommandQueue } from "./command-queue";
import { createElement } from "./element";
import { currentScript, pageApi } from "./page-script";
import type { SellerChatApi } from "./public-api";
import { optionsOf } from "./settings";
import { PHONE } from "./view/panel";
import { createWidget, type Widget } from "./widget";

const PANEL_KEY = "seller-chat:panel";

const page = window as unknown as { SellerChat: SellerChatApi };
const script = currentScript();

/** A language's strings lie beside the script, where the page's policy already allows scripts from. */
async function loadStrings(primary: string, stringsUrl: string | undefined): Promise<Strings> {
  // A module, and what a tag manager evaluates, is no current script: its tag may be there all the same.
  const source = script ?? document.querySelector<HTMLScriptElement>('script[src*="widget.js"]');
  const folder = stringsUrl?.replace(/\/*$/, "/") ?? new URL("strings/", source?.src);
  const module = await import(/* @vite-ignore */ new URL(`${primary}.js`, folder).href);
  return module.default;
}

const api = createApi((options, events) => {
  let widget: Widget | undefined;
  const element = createElement((isThere) => widget?.there(isThere));
  widget = createWidget(options, {
    ports: createBrowserPorts(),
    events,
    attention: browserAttention(),
    draw: element.draw,
    panel: {
      // On a phone the panel would cover the page that the visitor has just gone to.
      isOpen: () => inSession((storage) => storage.getItem(PANEL_KEY)) !== null && !matchMedia(PHONE).matches,
      setOpen: (open) =>
        inSession((storage) => (open ? storage.setItem(PANEL_KEY, "open") : storage.removeItem(PANEL_KEY))),
    },
    language: ({ language, stringsUrl }) =>
      loadLanguage([language, document.documentElement.lang, ...navigator.languages], async (primary) => {
        try {
          return await loadStrings(primary, stringsUrl);
        } catch (error) {
          console.warn(
            `SellerChat: the strings of ${primary} could not be loaded; stringsUrl says where they are.`,
            error,
          );
          throw error;
        }
      }),
  });
  const { destroy } = widget;
  return {
    ...widget,
    destroy: () => {
      destroy();
      element.remove();
    },
  };
});

function inSession<Result>(use: (storage: Storage) => Result): Result | null {
  try {
    return use(sessionStorage);
  } catch {
    // Storage is forbidden here: the panel is closed after a reload, and that is all.
    return null;
  }
}

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
  const shown = document.querySelector<HTMLElement>("seller-chat")?.dataset.sellerId;
  if (wanted !== undefined && wanted !== shown)
    console.warn(`SellerChat: the tag for seller ${wanted} is ignored: the page has the widget of ${shown} already.`);
}
