import { payloadOf } from "../browser/tokens";
import {
  createVisitorChat,
  type Ports,
  type UserInfo,
  type VisitorChat,
  type VisitorIdentity,
  type VisitorSnapshot,
} from "../core";
import { ENGLISH, type Language } from "../strings";
import { createActivity } from "./activity";
import type { Events } from "./events";
import { type BootOptions, checkOptions } from "./settings";

/** Everything the widget draws. */
export interface WidgetModel {
  readonly options: BootOptions;
  readonly language: Language;
  readonly snapshot: VisitorSnapshot;
  readonly isOpen: boolean;
  readonly isHidden: boolean;
  readonly chat: VisitorChat;
  readonly open: () => void;
  readonly close: () => void;
}

export interface Widget {
  open(): void;
  close(): void;
  toggle(): void;
  show(): void;
  hide(): void;
  identify(userInfo: UserInfo): void;
  update(options: Partial<BootOptions>): void;
  reset(): void;
  destroy(): void;
}

export interface WidgetWorld {
  readonly ports: Ports;
  readonly events: Events;
  readonly draw: (model: WidgetModel) => void;
  /** Whether this tab's panel is open; outlives a reload, not the tab. */
  readonly panel: { isOpen(): boolean; setOpen(open: boolean): void };
  /** The best language for a shop that wants this one, or has no wish. */
  readonly language: (wanted: string | undefined) => Promise<Language>;
}

export function createWidget(booted: BootOptions, world: WidgetWorld): Widget {
  const { events } = world;
  let options = booted;
  let isOpen = false;
  let isHidden = options.hidden ?? false;
  let isDestroyed = false;
  let chat: VisitorChat;
  let stopChat = () => {};
  let language = ENGLISH;
  let spoken: string | undefined;

  function speak(): void {
    const wanted = options.language;
    spoken = wanted;
    world.language(wanted).then((found) => {
      if (isDestroyed || spoken !== wanted) return;
      language = found;
      draw();
    });
  }

  function draw(): void {
    world.draw({
      options,
      language,
      snapshot: chat.getSnapshot(),
      isOpen,
      isHidden,
      chat,
      open,
      close,
    });
  }

  function connect(): void {
    stopChat();
    const next = createVisitorChat(chatOptions(options), world.ports);
    const follow = createActivity(events);
    const unsubscribe = next.subscribe(() => {
      follow(next.getSnapshot());
      draw();
    });
    chat = next;
    stopChat = () => {
      unsubscribe();
      next.destroy();
    };
  }

  /** A visitor who opened the chat before is kept up to date; anybody else is left alone until he opens it. */
  function resume(): void {
    if (!chat.hasSession()) return;
    chat.open();
    if (world.panel.isOpen() && !isHidden) open();
  }

  function setOpen(open: boolean): void {
    if (isOpen === open) return;
    isOpen = open;
    chat.setVisible(open);
    draw();
    events.emit(open ? "open" : "close", undefined);
  }

  function open(): void {
    isHidden = false;
    chat.open();
    world.panel.setOpen(true);
    setOpen(true);
  }

  function close(): void {
    if (!isOpen) return;
    world.panel.setOpen(false);
    setOpen(false);
  }

  function update(changes: Partial<BootOptions>): void {
    const before = connectionOf(options);
    options = checkOptions({ ...options, ...changes });
    if (connectionOf(options) !== before) {
      connect();
      if (isOpen) chat.open();
      chat.setVisible(isOpen);
      resume();
    }
    if (options.language !== spoken) speak();
    draw();
  }

  connect();
  resume();
  speak();
  draw();

  return {
    open,
    close,
    toggle: () => (isOpen ? close() : open()),
    show: () => {
      isHidden = false;
      draw();
    },
    hide: () => {
      close();
      isHidden = true;
      draw();
    },
    identify: (userInfo) => update({ userInfo: { ...options.userInfo, ...userInfo } }),
    update,
    reset: () => {
      close();
      chat.reset();
      connect();
      draw();
    },
    destroy: () => {
      close();
      isDestroyed = true;
      stopChat();
    },
  };

  async function identity(): Promise<VisitorIdentity> {
    const token = (await options.visitorToken?.()) ?? "";
    return { deviceId: JSON.parse(payloadOf(token)).sub, token };
  }

  /** What needs another connection when it changes; which function gives the tokens does not. */
  function connectionOf(changed: BootOptions): string {
    return JSON.stringify([chatOptions(changed), !changed.visitorToken]);
  }

  function chatOptions({ sellerId, apiUrl, restUrl, widgetId, connectionType = "Live", visitorToken }: BootOptions) {
    return {
      sellerId,
      socketUrl: apiUrl,
      restUrl,
      widgetId,
      identity: visitorToken && identity,
      transport: connectionType === "Live" ? ("auto" as const) : ("rest" as const),
    };
  }
}
