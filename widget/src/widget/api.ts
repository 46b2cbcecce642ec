import type { UserInfo } from "../core/protocol";
import { checkOptions, unknownOptions } from "./checks";
import { createEvents, EVENTS, type EventListenerOf, type EventName, type Events } from "./events";
import type { SellerChatApi } from "./public-api";
import type { BootOptions } from "./settings";
import type { Widget } from "./widget";

const PASSED_ON = ["open", "close", "toggle", "show", "hide"] as const;

/**
 * The function behind `SellerChat`. What is wrong with a call (an unknown command or event, wrong options, a command that comes
 * before `boot`) is reported to the page's console, which says what to do, and nothing is done: the page goes on.
 */
export function createApi(mount: (options: BootOptions, events: Events) => Widget): SellerChatApi {
  const events = createEvents();
  let widget: Widget | undefined;
  let booted: BootOptions | undefined;

  const running = (): Widget => {
    if (!widget) throw new TypeError("SellerChat: boot it first.");
    return widget;
  };
  const listens =
    (change: "on" | "off") =>
    <Name extends EventName>(name: Name, listener: EventListenerOf<Name>) => {
      if (!EVENTS.includes(name) || typeof listener !== "function")
        throw new TypeError(`SellerChat: ${change} ${name} is wrong. It takes ${EVENTS} and a function.`);
      return events[change](name, listener);
    };

  function boot(options: BootOptions): void {
    const before = booted;
    // Who the visitor is was said of them, and not of this view.
    booted = checkOptions({ userInfo: before?.userInfo, ...understood(options) });
    if (widget) {
      // An app boots at every view, and React twice: the panel stays open, and what is being written stays.
      const gone = Object.keys({ ...before }).map((name) => [name, undefined]);
      widget.update({ ...Object.fromEntries(gone), ...booted });
    } else widget = mount(booted, events);
    // Not at once: who listens right after booting shall hear it, too.
    queueMicrotask(() => events.emit("ready", undefined));
  }

  function update(said: Partial<BootOptions>): void {
    const changes = understood(said);
    const target = running();
    const checked = checkOptions({ ...booted, ...changes });
    target.update(changes);
    booted = checked;
  }

  function identify(userInfo: UserInfo): void {
    running();
    checkOptions({ ...booted, userInfo });
    update({ userInfo: { ...booted?.userInfo, ...userInfo } });
  }

  const commands = {
    boot,
    ...Object.fromEntries(PASSED_ON.map((name) => [name, () => running()[name]()])),
    identify,
    update,
    reset: () => {
      running().reset();
      // The next one at this device is somebody else.
      update({ userInfo: undefined });
    },
    destroy: () => {
      widget?.destroy();
      widget = undefined;
    },
    on: listens("on"),
    off: listens("off"),
  };

  return ((command: keyof typeof commands, ...given: never[]) => {
    try {
      if (Object.hasOwn(commands, command)) return (commands[command] as (...given: never[]) => unknown)(...given);
      throw new TypeError(`SellerChat: there is no command ${command}, only ${Object.keys(commands)}.`);
    } catch (error) {
      reportError(error);
      // What takes the answer of `on` for a function is not to fail, too.
      return () => {};
    }
  }) as SellerChatApi;
}

/** The options with both addresses, where they name a host; what there is no option for is told to the page's console. */
function understood<Options extends Partial<BootOptions>>(options: Options): Options {
  const unknown = unknownOptions({ ...options });
  if (unknown.length) console.warn(`SellerChat: there is no option ${unknown}.`);
  const { host } = { host: "", ...(options as object) };
  return { ...options, ...(host && { apiUrl: `wss://ws.${host}`, restUrl: `https://rest.${host}` }) };
}
