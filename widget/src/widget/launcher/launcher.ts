import type { KeyValueStore } from "../../core/ports";
import { forgetEverything, scopeOf, sessionKeyOf } from "../../core/visitor/stored";
import { labelsIn } from "../../strings/labels";
import type { Events } from "../events";
import type { Frame } from "../frame";
import type { BootOptions } from "../settings";
import type { Widget } from "../widget";
import type { Bubble, BubbleEvents } from "./bubble";

/** Puts the chat where the bubble is. */
export type MountChat = (frame: Frame, options: BootOptions, events: Events) => Widget;

export interface LauncherWorld {
  readonly events: Events;
  readonly store: Pick<KeyValueStore, "get" | "keys" | "remove">;
  readonly createBubble: (events: BubbleEvents) => Bubble;
  /** The languages that the page and the browser are in. */
  readonly languages: () => readonly string[];
  /** Loads the chat, with the words of the wanted language. */
  readonly load: (options: BootOptions) => Promise<MountChat>;
}

/**
 * The widget before it is opened: a bubble, and what was asked of it meanwhile. The chat is loaded when the visitor seems to
 * want it, when the page opens it, and when there is one to come back to.
 */
export function createLauncher(booted: BootOptions, world: LauncherWorld): Widget {
  const { store } = world;
  let options = booted;
  let isHidden = options.hidden ?? false;
  let isWanted = false;
  let isToForget = false;
  let isDestroyed = false;
  let hasFailed = false;
  let isLoading = false;
  let chat: Widget | undefined;
  const bubble = world.createBubble({ intended: load, pressed: open, there: (isThere) => chat?.there(isThere) });

  function draw(): void {
    bubble.draw({
      labels: labelsIn([options.language, ...world.languages()]),
      options,
      isHidden,
      isLoading: isWanted && isLoading,
      hasFailed: isWanted && hasFailed,
    });
  }

  function load(): void {
    if (isLoading || chat) return;
    isLoading = true;
    world.load(options).then(mount, failed);
  }

  function mount(mountChat: MountChat): void {
    if (isDestroyed) return;
    chat = mountChat(bubble.handOver(), { ...options, hidden: isHidden }, world.events);
    if (isToForget) chat.reset();
    if (isWanted) chat.open();
  }

  function failed(error: unknown): void {
    isLoading = false;
    hasFailed = true;
    if (isDestroyed) return;
    draw();
    reportError(error);
  }

  function open(): void {
    isWanted = true;
    isHidden = hasFailed = false;
    load();
    draw();
  }

  function close(): void {
    isWanted = false;
    draw();
  }

  function update(changes: Partial<BootOptions>): void {
    options = { ...options, ...changes };
    resume();
    draw();
  }

  /** A visitor who has a chat is told of news in it. */
  function resume(): void {
    if (store.get(sessionKeyOf(scopeOf(options.sellerId))) !== undefined) load();
  }

  const waiting: Widget = {
    open,
    close,
    toggle: () => (isWanted ? close() : open()),
    show: () => {
      isHidden = false;
      draw();
    },
    hide: () => {
      isHidden = true;
      close();
    },
    update,
    reset: () => {
      // At once: the page may be left for another one in the same moment. The chat tells the other tabs.
      isToForget = forgetEverything(store, scopeOf(options.sellerId));
      close();
      if (isToForget) load();
    },
    there: () => {},
    destroy: () => {
      isDestroyed = true;
      bubble.remove();
    },
  };

  resume();
  draw();

  // Once the chat is there, what is called is its own.
  return new Proxy(waiting, { get: (_, name: keyof Widget) => (chat ?? waiting)[name] });
}
