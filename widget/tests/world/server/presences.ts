import type { PresenceStatus } from "../../../src/core";
import type { FakeClock } from "../clock";

/** A seller not heard of for longer is not there (docs/protocol.md, "Waiting, and being there"). */
const PRESENCE_FRESH_MS = 150_000;

/** What sellers said of themselves. */
export interface Presences {
  /** Note that a seller is heard of; what holds now. */
  note(sellerId: string, said: PresenceStatus | undefined): PresenceStatus;
  isThere(sellerId: string): boolean;
}

export function createPresences(clock: FakeClock): Presences {
  const presences = new Map<string, { readonly status: PresenceStatus; readonly saidAt: number }>();
  return {
    note: (sellerId, said) => {
      const status = said ?? presences.get(sellerId)?.status ?? "offline";
      presences.set(sellerId, { status, saidAt: clock.now() });
      return status;
    },
    isThere: (sellerId) => {
      const said = presences.get(sellerId);
      return said?.status === "online" && clock.now() - said.saidAt <= PRESENCE_FRESH_MS;
    },
  };
}
