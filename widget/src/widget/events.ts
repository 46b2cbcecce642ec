import type { ChatProblem } from "../core/api";

/** What the widget tells the page. */
export interface WidgetEvents {
  /** Booted; commands act at once from now on. */
  ready: undefined;
  open: undefined;
  close: undefined;
  /** The details form was filled in; which of its fields, and not what with. */
  details: { readonly fields: readonly string[] };
  "chat-started": { readonly contactId: string };
  /** Nobody is free yet. */
  queued: { readonly contactId: string };
  /** Somebody has the chat. */
  assigned: { readonly contactId: string; readonly sellerId: string | undefined };
  ended: { readonly contactId: string };
  /** A message of either side, without its words: for statistics. */
  message: { readonly contactId: string; readonly by: "visitor" | "seller" };
  /** The visitor's message is stored. */
  "message-sent": { readonly contactId: string; readonly id: string; readonly text: string };
  "message-received": { readonly contactId: string; readonly from: string; readonly text: string };
  unread: { readonly count: number };
  error: ChatProblem;
}

export type EventName = keyof WidgetEvents;
export type EventListenerOf<Name extends EventName> = (detail: WidgetEvents[Name]) => void;

export const EVENTS: readonly EventName[] = [
  "ready",
  "open",
  "close",
  "details",
  "chat-started",
  "queued",
  "assigned",
  "ended",
  "message",
  "message-sent",
  "message-received",
  "unread",
  "error",
];

export interface Events {
  on<Name extends EventName>(name: Name, listener: EventListenerOf<Name>): () => void;
  off<Name extends EventName>(name: Name, listener: EventListenerOf<Name>): void;
  emit<Name extends EventName>(name: Name, detail: WidgetEvents[Name]): void;
}

export function createEvents(): Events {
  const listeners = new Map<EventName, Set<(detail: never) => void>>();
  const of = (name: EventName) => {
    const found = listeners.get(name) ?? new Set();
    listeners.set(name, found);
    return found;
  };
  return {
    on: (name, listener) => {
      of(name).add(listener);
      return () => void of(name).delete(listener);
    },
    off: (name, listener) => void of(name).delete(listener),
    emit: (name, detail) => {
      // The page's mistakes stay the page's: they are reported, and the chat goes on.
      for (const listener of [...of(name)]) {
        try {
          listener(detail as never);
        } catch (error) {
          reportError(error);
        }
      }
    },
  };
}
