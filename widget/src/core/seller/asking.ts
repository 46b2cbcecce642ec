import type { Clock } from "../ports";

/** No answer takes longer: API Gateway gives up after 29 seconds. */
const LATEST_MS = 30_000;

/** Since when what an answer tells may be so: no answer says which question it answers. */
export interface Asking {
  /** A question goes out. */
  asks(): void;
  /** When the earliest question was asked that an answer of now may be for, in milliseconds since the epoch. */
  since(): number;
  /** One of them was answered. */
  answered(): void;
  /** The connection is gone, and with it the answers. */
  stop(): void;
}

export function createAsking(clock: Clock): Asking {
  let asked: readonly number[] = [];
  let answers = 0;

  function stop(): void {
    asked = [];
    answers = 0;
  }

  return {
    asks: () => {
      const lasting = asked.filter((at) => clock.now() - at < LATEST_MS);
      answers = Math.max(0, answers - (asked.length - lasting.length));
      asked = [...lasting, clock.now()];
    },
    since: () => asked[0] ?? clock.now(),
    answered: () => {
      answers += 1;
      // With an answer for each there is none that could be late.
      if (answers >= asked.length) stop();
    },
    stop,
  };
}

/** When something was told of single contacts or notes: a list that was asked for before that does not undo it. */
export interface Told {
  note(id: string): void;
  forget(id: string): void;
  /** Whether it was told later than what an answer tells that may be so since then. */
  isAfter(id: string, since: number): boolean;
}

export function createTold(clock: Clock): Told {
  const times = new Map<string, number>();
  return {
    note: (id) => times.set(id, clock.now()),
    forget: (id) => times.delete(id),
    isAfter: (id, since) => (times.get(id) ?? Number.NEGATIVE_INFINITY) >= since,
  };
}
