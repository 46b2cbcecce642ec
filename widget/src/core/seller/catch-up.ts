import type { Conversation } from "../contact/conversation";
import type { Cancel, Clock } from "../ports";

/** After a connect many contacts are read; not all in the same instant. */
const EVERY_MS = 50;

/** Conversations that wait to be read over a new connection, one after the other. */
export interface CatchUp {
  add(conversation: Conversation): void;
  remove(conversation: Conversation): void;
  stop(): void;
}

export function createCatchUp(clock: Clock, isUp: () => boolean): CatchUp {
  let behind: Conversation[] = [];
  /** Asked for over this connection, and asked for again until they are here. */
  const underWay = new Set<Conversation>();
  let cancel: Cancel | undefined;

  function next(): void {
    cancel = undefined;
    const conversation = behind.shift();
    if (!conversation || !isUp()) return;
    cancel = clock.after(EVERY_MS, next);
    conversation.sync();
    underWay.add(conversation);
  }

  return {
    add: (conversation) => {
      if (behind.includes(conversation) || (underWay.has(conversation) && !conversation.view().loaded)) return;
      behind.push(conversation);
      if (!cancel) next();
    },
    remove: (conversation) => {
      behind = behind.filter((each) => each !== conversation);
      underWay.delete(conversation);
    },
    stop: () => {
      cancel?.();
      cancel = undefined;
      behind = [];
      underWay.clear();
    },
  };
}
