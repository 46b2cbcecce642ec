import type { UserInfo } from "../core";
import { createEvents, type EventListenerOf, type EventName, type Events } from "./events";
import type { SellerChatApi } from "./public-api";
import { type BootOptions, checkOptions } from "./settings";
import type { Widget } from "./widget";

const EVENTS: readonly string[] = [
  "ready",
  "open",
  "close",
  "chat-started",
  "message-sent",
  "message-received",
  "unread",
  "error",
] satisfies EventName[];

/**
 * The function behind `SellerChat`. It throws TypeError, which says what to do, for an unknown command or event, for wrong
 * options, and for a command that comes before `boot`.
 */
export function createApi(mount: (options: BootOptions, events: Events) => Widget): SellerChatApi {
  const events = createEvents();
  let widget: Widget | undefined;

  const booted = (): Widget => {
    if (!widget) throw new TypeError("SellerChat: boot it first, with sellerId and apiUrl.");
    return widget;
  };
  const named = <Name extends EventName>(name: Name): Name => {
    if (EVENTS.includes(name)) return name;
    throw new TypeError(`SellerChat: there is no event ${name}, only ${EVENTS}.`);
  };

  const commands = {
    boot: (options: BootOptions) => {
      const checked = checkOptions(options);
      widget?.destroy();
      widget = mount(checked, events);
      // Not at once: who listens right after booting shall hear it, too.
      queueMicrotask(() => events.emit("ready", undefined));
    },
    open: () => booted().open(),
    close: () => booted().close(),
    toggle: () => booted().toggle(),
    show: () => booted().show(),
    hide: () => booted().hide(),
    identify: (userInfo: UserInfo) => booted().identify(userInfo),
    update: (options: Partial<BootOptions>) => booted().update(options),
    reset: () => booted().reset(),
    on: <Name extends EventName>(name: Name, listener: EventListenerOf<Name>) => events.on(named(name), listener),
    off: <Name extends EventName>(name: Name, listener: EventListenerOf<Name>) => events.off(named(name), listener),
  };

  return ((command: keyof typeof commands, ...given: never[]) => {
    if (Object.hasOwn(commands, command)) return (commands[command] as (...given: never[]) => unknown)(...given);
    throw new TypeError(`SellerChat: there is no command ${command}, only ${Object.keys(commands)}.`);
  }) as SellerChatApi;
}
