import { createBrowserPorts } from "../browser";
import { loadLanguage, type Strings } from "../strings";
import { createApi } from "./api";
import type { CommandQueue } from "./command-queue";
import { createElement } from "./element";
import type { SellerChatApi } from "./public-api";
import { optionsOf } from "./settings";
import { createWidget } from "./widget";

const PANEL_KEY = "seller-chat:panel";

const page = window as unknown as { SellerChat?: SellerChatApi | CommandQueue };
const script = document.currentScript as HTMLScriptElement | null;

/** A language's strings lie beside the script, where the page's policy already allows scripts from. */
async function loadStrings(primary: string): Promise<Strings> {
  const module = await import(/* @vite-ignore */ new URL(`strings/${primary}.js`, script?.src).href);
  return module.default;
}

const api = createApi((options, events) => {
  const element = createElement();
  const widget = createWidget(options, {
    ports: createBrowserPorts(),
    events,
    draw: element.draw,
    panel: {
      isOpen: () => inSession((storage) => storage.getItem(PANEL_KEY)) !== null,
      setOpen: (open) =>
        inSession((storage) => (open ? storage.setItem(PANEL_KEY, "open") : storage.removeItem(PANEL_KEY))),
    },
    language: (wanted) => loadLanguage([wanted, document.documentElement.lang, ...navigator.languages], loadStrings),
  });
  return {
    ...widget,
    destroy: () => {
      widget.destroy();
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
  const waiting = (page.SellerChat as CommandQueue | undefined)?.q ?? [];
  page.SellerChat = api;
  const options = script && optionsOf(script);
  const calls: (readonly unknown[])[] = options ? [["boot", options], ...waiting] : [...waiting];
  for (const call of calls) {
    try {
      (api as (...call: readonly unknown[]) => unknown)(...call);
    } catch (error) {
      // One wrong call does not take the others with it.
      reportError(error);
    }
  }
}

// A second script tag on the page adds nothing to the first one's widget.
if (!page.SellerChat || (page.SellerChat as CommandQueue).q) {
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
}
