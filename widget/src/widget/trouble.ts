import type { Cancel, Clock, ConnectionState, VisitorSnapshot } from "../core";

/** What a visitor is told of the connection: nothing of a short cut, and another way to the shop after a long one. */
export type Trouble = "none" | "offline" | "connecting" | "reconnecting" | "unreachable";

/** A cut that is over by then would only flicker. */
const TELL_AFTER_MS = 2_000;
const SLOW_MS = 5_000;
const GIVE_UP_AFTER_MS = 15_000;

/** What a visitor felt who is connected: a cut of which they were told, and which is over, or a message that takes long. */
export type Felt = "cut" | "slow";

export interface TroubleWatch {
  now(): Trouble;
  follow(snapshot: VisitorSnapshot): Felt | false;
  stop(): void;
}

export function watchTrouble(clock: Clock, changed: () => void): TroubleWatch {
  let since: number | undefined;
  let wasOnline = false;
  let connection: ConnectionState = "idle";
  let cancel: Cancel[] = [];

  function stop(): void {
    for (const each of cancel) each();
    cancel = [];
    since = undefined;
  }

  function now(): Trouble {
    const lasted = since === undefined ? 0 : clock.now() - since;
    if (lasted < TELL_AFTER_MS) return "none";
    if (connection === "offline") return "offline";
    if (lasted >= GIVE_UP_AFTER_MS) return "unreachable";
    return wasOnline ? "reconnecting" : "connecting";
  }

  function connected({ conversation, outgoing }: VisitorSnapshot): Felt | false {
    if (now() !== "none") return "cut";
    const messages = conversation?.outgoing ?? outgoing;
    return messages.some(({ createdAt }) => clock.now() - createdAt > SLOW_MS) && "slow";
  }

  return {
    now,
    follow: (snapshot) => {
      const isOnline = snapshot.connection === "online";
      const felt = isOnline && connected(snapshot);
      ({ connection } = snapshot);
      wasOnline ||= isOnline;
      if (isOnline || connection === "idle" || connection === "signed_out") stop();
      else if (since === undefined) {
        since = clock.now();
        cancel = [TELL_AFTER_MS, GIVE_UP_AFTER_MS].map((milliseconds) => clock.after(milliseconds, changed));
      }
      return felt;
    },
    stop,
  };
}
