import { createBrowserPorts } from "../browser";
import { type Language, loadLanguage } from "../strings";
import { TRANSLATIONS } from "../strings/translations";
import type { Attention, MakeAttention } from "./attention";
import { surroundings } from "./browser-surroundings";
import { createElement } from "./element";
import type { MountChat } from "./launcher/launcher";
import type { Report } from "./report";
import type { BootOptions } from "./settings";
import { PHONE } from "./view/panel";
import { createWidget } from "./widget";

const PANEL_KEY = "seller-chat:panel";

/** What the launcher loads: everything but the bubble. The answer comes once the words of the wanted language are there, too. */
export async function prepare(options: BootOptions): Promise<MountChat> {
  const [withoutFaults] = await Promise.all([checkFor(options), languageFor(options)]);
  return (frame, given, events) => {
    const chat = mount(frame, { ...withoutFaults(options), hidden: given.hidden ?? false }, events);
    // What the page has said meanwhile is checked like any update.
    chat.update(given);
    return chat;
  };
}

const mount: MountChat = (frame, options, events) => {
  const element = createElement(frame);
  const widget = createWidget(options, {
    ports: createBrowserPorts(),
    events,
    attention,
    surroundings,
    report,
    draw: element.draw,
    dress: element.dress,
    panel: {
      // On a phone the panel would cover the page that the visitor has just gone to.
      isOpen: () => inSession((storage) => storage.getItem(PANEL_KEY)) !== null && !matchMedia(PHONE).matches,
      setOpen: (open) =>
        inSession((storage) => (open ? storage.setItem(PANEL_KEY, "open") : storage.removeItem(PANEL_KEY))),
    },
    language: languageFor,
  });
  let updated: Promise<void> | undefined;
  return {
    ...widget,
    // One after another: what is forgotten at a reset must not come back with an update whose check loaded meanwhile.
    update: (changes) => {
      updated = Promise.all([checkFor(changes), updated])
        .then(([withoutFaults]) => widget.update(withoutFaults(changes)))
        .catch(reportError);
    },
    destroy: () => {
      widget.destroy();
      element.remove();
    },
  };
};

/** Few look away, so the ways to them are no part of what everybody loads. */
const attention: MakeAttention = (ports, options) => {
  let made: Promise<Attention> | undefined;
  const load = async () => (await import("./browser-attention")).attendTo(ports, options);
  return {
    call: (...message) => {
      made ??= load();
      made.then(
        (called) => called.call(...message),
        () => {
          made = undefined;
        },
      );
    },
    seen: () => made?.then((called) => called.seen()),
  };
};

/** Few are in trouble, so neither is what tells of it. Where it cannot be loaded it is not told. */
const report: Report = (...told) =>
  void import("./report").then(
    ({ follow }) => follow(...told),
    () => {},
  );

type CheckFaults = <Options extends Partial<BootOptions>>(options: Options) => Options;

/** The check of lists and objects, for a shop that has some. */
async function checkFor(options: Partial<BootOptions>): Promise<CheckFaults> {
  if (!Object.values(options).some((value) => typeof value === "object")) return (same) => same;
  const { withoutFaults } = await import("./faults");
  return withoutFaults;
}

function languageFor({ language }: BootOptions): Promise<Language> {
  const languages = [language, document.documentElement.lang, ...navigator.languages];
  return loadLanguage(languages, async (primary) => (await TRANSLATIONS[primary]()).default);
}

function inSession<Result>(use: (storage: Storage) => Result): Result | null {
  try {
    return use(sessionStorage);
  } catch {
    // Storage is forbidden here: the panel is closed after a reload, and that is all.
    return null;
  }
}
