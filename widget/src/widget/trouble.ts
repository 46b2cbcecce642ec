import type { Cancel, Clock, ConnectionState } from "../core";

/** What a visitor is told of the connection: nothing of a short cut, and another way to the shop after a long one. */
export type Trouble = "none" | "offline" | "connecting" | "reconnecting" | "unreachable";

/** A cut that is over by then would only flicker. */
const TELL_AFTER_MS = 2_000;
const GIVE_UP_AFTER_MS = 15_000;

export interface TroubleWatch {
  now(): Trouble;
  follow(connection: ConnectionState): void;
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

  return {
    now: () => {
      const lasted = since === undefined ? 0 : clock.now() - since;
      if (lasted < TELL_AFTER_MS) return "none";
      if (connection === "offline") return "offline";
      if (lasted >= GIVE_UP_AFTER_MS) return "unreachable";
      return wasOnline ? "reconnecting" : "connecting";
    },
    follow: (now) => {
      connection = now;
      wasOnline ||= now === "online";
      if (now === "online" || now === "idle" || now === "signed_out") return stop();
      if (since !== undefined) return;
      since = clock.now();
      cancel = [TELL_AFTER_MS, GIVE_UP_AFTER_MS].map((milliseconds) => clock.after(milliseconds, changed));
    },
    stop,
  };
}
