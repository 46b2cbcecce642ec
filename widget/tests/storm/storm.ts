/**
 * A reconnect storm: every socket is lost at once, and API Gateway lets only so many in each second.
 *
 * `node storm.ts SOCKETS PER_SECOND BURST SEED` has each client dial by the widget's own code, and prints one line of
 * JSON: how long it took until half, nearly all and all were back, and how often it was tried. tests/simulation/storm.py
 * runs it.
 */

import { registerHooks } from "node:module";
import type { SocketListener } from "../../src/core/ports";

// The core names its modules without their endings, for its bundler.
registerHooks({
  resolve: (name, context, next) => next(/^\.\.?\/.*\/?[a-z-]+$/.test(name) ? `${name}.ts` : name, context),
});

const { createDialling } = await import("../../src/core/connection/dialling");
const { createChance } = await import("../world/chance");

const ROUND_TRIP_MS = 100;
const FAILURES_BEFORE_FALLBACK = 2;
const [sockets = 0, perSecond = 0, burst = 0, seed = 1] = process.argv.slice(2).map(Number);

interface Due {
  readonly at: number;
  readonly act: () => void;
  cancelled: boolean;
}

/** What is due, by the millisecond: a storm has millions of it. */
const agenda = new Map<number, Due[]>();
let now = 0;
let waiting = 0;

function after(milliseconds: number, act: () => void): () => void {
  const due: Due = { at: Math.max(now + 1, Math.ceil(now + milliseconds)), act, cancelled: false };
  const together = agenda.get(due.at);
  if (together) together.push(due);
  else agenda.set(due.at, [due]);
  waiting += 1;
  return () => {
    due.cancelled = true;
  };
}

let tokens = burst;
let countedAt = 0;

/** As API Gateway throttles: a burst, and then so many a second. */
function isLetIn(): boolean {
  tokens = Math.min(burst, tokens + ((now - countedAt) * perSecond) / 1000);
  countedAt = now;
  if (tokens < 1) return false;
  tokens -= 1;
  return true;
}

const chance = createChance(seed);
const back: number[] = [];
let attempts = 0;
let fellBack = 0;
let busiest = 0;
let thisSecond = { second: 0, attempts: 0 };

function tried(): void {
  attempts += 1;
  const second = Math.floor(now / 1000);
  if (second !== thisSecond.second) thisSecond = { second, attempts: 0 };
  thisSecond.attempts += 1;
  busiest = Math.max(busiest, thisSecond.attempts);
}

function open(_url: string, _protocols: readonly string[], listener: SocketListener) {
  tried();
  const isIn = isLetIn();
  after(ROUND_TRIP_MS, () => (isIn ? listener.opened() : listener.closed()));
  return { send: () => {}, close: () => {} };
}

function lose(): void {
  let isBack = false;
  let hasFallenBack = false;
  const dialling = createDialling(
    {
      clock: { now: () => now, after },
      random: { fraction: () => chance.fraction(), uuid: () => "" },
      sockets: { open },
    } as never,
    async () => ({ url: "", protocols: [] }),
    {
      mustAnswer: () => false,
      opened: () => {
        if (!isBack) back.push(now);
        isBack = true;
      },
      frame: () => {},
      lost: () => {},
      failed: () => {
        dialling.redial();
        if (hasFallenBack || dialling.failures() < FAILURES_BEFORE_FALLBACK) return;
        hasFallenBack = true;
        fellBack += 1;
      },
      signedOut: () => {},
    },
  );
  dialling.redial();
}

for (let number = 0; number < sockets; number++) lose();
while (back.length < sockets && waiting > 0) {
  now += 1;
  const together = agenda.get(now) ?? [];
  agenda.delete(now);
  waiting -= together.length;
  for (const due of together) if (!due.cancelled) due.act();
  // Who is asked where to connect to answers by a promise.
  if (together.length > 0) await new Promise(setImmediate);
}

const seconds = (share: number) => (back[Math.ceil(share * sockets) - 1] ?? Number.NaN) / 1000;
process.stdout.write(
  `${JSON.stringify({ half: seconds(0.5), most: seconds(0.99), all: seconds(1), attempts, busiest, fellBack })}\n`,
);
