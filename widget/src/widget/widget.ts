import { createVisitorChat, type Ports, type UserInfo, type VisitorChat, type VisitorSnapshot } from "../core";
import type { Language } from "../strings";
import { createActivity } from "./activity";
import type { MakeAttention } from "./attention";
import { chatOptions, connectionOf } from "./chat-options";
import type { Events } from "./events";
import { createIntroducing, type Surroundings } from "./introducing";
import type { Report } from "./report";
import type { BootOptions } from "./settings";
import { createSilence } from "./silence";
import { createSpeaking } from "./speaking";
import { createTeasing } from "./teasing";
import { type Trouble, watchTrouble } from "./trouble";
import { watchWaiting } from "./waiting";

/** Everything the widget draws. */
export interface WidgetModel {
  readonly options: BootOptions;
  readonly language: Language;
  readonly snapshot: VisitorSnapshot;
  readonly isOpen: boolean;
  /** Whether the panel may take the focus: a person opened it, and not a page that goes on. */
  readonly takesFocus: boolean;
  readonly isHidden: boolean;
  readonly trouble: Trouble;
  /** Whether the visitor has waited for somebody longer than one waits for a free hand. */
  readonly waitsLong: boolean;
  /** The seller's newest message that the visitor has not seen, unless they put it away. */
  readonly teaser: string | undefined;
  readonly isMuted: boolean;
  readonly chat: VisitorChat;
  readonly open: () => void;
  readonly close: () => void;
  readonly start: (userInfo: UserInfo, message?: string) => void;
  /** Start another chat, after one that has ended. */
  readonly again: () => void;
  readonly dismiss: () => void;
  readonly mute: (isMuted: boolean) => void;
  readonly draw: () => void;
  /** Adds to what the widget looks like. */
  readonly dress: (css: string) => void;
  /** Whether the newest message is in view. */
  readonly seen: (isAtEnd: boolean) => void;
}

export interface Widget {
  open(): void;
  close(): void;
  toggle(): void;
  show(): void;
  hide(): void;
  update(options: Partial<BootOptions>): void;
  reset(): void;
  /** Whether the page has the widget in its document: what is not there is not read. */
  there(isThere: boolean): void;
  destroy(): void;
}

export interface WidgetWorld {
  readonly ports: Ports;
  readonly events: Events;
  readonly attention: MakeAttention;
  readonly surroundings: Surroundings;
  /** Counts what a visitor felt of trouble, and tells the system. */
  readonly report: Report;
  readonly draw: (model: WidgetModel) => void;
  readonly dress: (css: string) => void;
  /** Whether this tab's panel is open; outlives a reload, not the tab. */
  readonly panel: { isOpen(): boolean; setOpen(open: boolean): void };
  /** The best language for a shop that has these wishes, or none. */
  readonly language: (options: BootOptions) => Promise<Language>;
}

export function createWidget(booted: BootOptions, world: WidgetWorld): Widget {
  const { events, ports } = world;
  let options = booted;
  let isOpen = false;
  let takesFocus = false;
  let isHidden = options.hidden ?? false;
  let isDestroyed = false;
  let isThere = true;
  let isAtEnd = true;
  let chat: VisitorChat;
  let stopChat = () => {};
  const trouble = watchTrouble(ports.clock, draw);
  const waiting = watchWaiting(ports.clock, draw);
  const teasing = createTeasing(() => chat, draw);
  const silence = createSilence(ports.store, draw);
  const speaking = createSpeaking(world.language, draw);
  const attention = world.attention(ports, {
    isSeen: () => !chat.getSnapshot().conversation?.unread,
    words: () => words(speaking.language(), options),
    isLoud: () => options.sound !== false && !silence.isWanted(),
  });

  const introducing = createIntroducing(ports.clock, world.surroundings, () => ({ chat, options }));

  function draw(): void {
    if (isDestroyed) return;
    introducing.follow();
    const snapshot = chat.getSnapshot();
    world.draw({
      options,
      language: speaking.language(),
      snapshot,
      isOpen,
      takesFocus,
      isHidden,
      trouble: trouble.now(),
      waitsLong: waiting.isLong(),
      teaser: isOpen ? undefined : teasing.text(),
      isMuted: silence.isWanted(),
      chat,
      open,
      close,
      start,
      again: () => chat.start(introducing.again()),
      dismiss: teasing.dismiss,
      mute: silence.want,
      draw,
      dress: world.dress,
      seen,
    });
  }

  function connect(): void {
    stopChat();
    const wanted = chatOptions(() => options);
    const next = createVisitorChat(wanted, ports);
    const activity = createActivity(events, (contactId, entry) => attention.call(contactId, entry.seq));
    const unsubscribe = next.subscribe(() => {
      const snapshot = next.getSnapshot();
      activity.follow(snapshot);
      const felt = trouble.follow(snapshot);
      if (felt) world.report(felt, next, snapshot, () => options);
      waiting.follow(snapshot.conversation?.status === "queued");
      if (!snapshot.conversation?.unread) attention.seen();
      draw();
    });
    chat = next;
    stopChat = () => {
      unsubscribe();
      activity.end();
      trouble.stop();
      waiting.follow(false);
      attention.seen();
      next.destroy();
    };
  }

  /** A visitor who opened the chat before is kept up to date; anybody else is left alone until they open it. */
  function resume(): void {
    if (!chat.hasSession()) return;
    chat.open();
    if (world.panel.isOpen() && !isHidden) setOpen(true, false);
  }

  /** Only what is on a screen is read. */
  function look(): void {
    chat.setVisible(isOpen && isThere && isAtEnd);
  }

  function setOpen(open: boolean, byPerson: boolean): void {
    if (isOpen === open) return;
    isOpen = open;
    takesFocus = byPerson;
    look();
    draw();
    events.emit(open ? "open" : "close", undefined);
  }

  function open(): void {
    isHidden = false;
    chat.open();
    world.panel.setOpen(true);
    setOpen(true, true);
  }

  function close(): void {
    if (!isOpen) return;
    world.panel.setOpen(false);
    setOpen(false, true);
  }

  function start(userInfo: UserInfo, message?: string): void {
    events.emit("details", { fields: Object.keys(userInfo) });
    chat.start(introducing.start(userInfo));
    if (message) chat.send(message);
  }

  function seen(isNowAtEnd: boolean): void {
    isAtEnd = isNowAtEnd;
    look();
  }

  function update(changes: Partial<BootOptions>): void {
    const before = connectionOf(options);
    options = { ...options, ...changes };
    if (connectionOf(options) !== before) {
      connect();
      if (isOpen) chat.open();
      look();
      resume();
    }
    speaking.speak(options);
    draw();
  }

  connect();
  resume();
  speaking.speak(options);
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
    update,
    reset: () => {
      close();
      chat.reset();
      connect();
      draw();
    },
    there: (isNowThere) => {
      isThere = isNowThere;
      look();
    },
    destroy: () => {
      setOpen(false, true);
      isDestroyed = true;
      speaking.stop();
      stopChat();
    },
  };
}

function words({ strings }: Language, { title }: BootOptions): string {
  return `${strings.news} · ${title ?? strings.title}`;
}
