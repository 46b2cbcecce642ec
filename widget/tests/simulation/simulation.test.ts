import { expect, test } from "vitest";
import { runSchedule } from "./schedule";

declare const process: { readonly env: { readonly SEEDS?: string } };

/** SEEDS=FIRST:LAST runs others, SEEDS=N:N replays one. */
const [first = 1, last = 300] = (process.env.SEEDS ?? "1:300").split(":").map(Number);

test(`nothing is lost, doubled or out of order in the schedules ${first} to ${last}`, {
  timeout: 600_000,
}, async () => {
  let messages = 0;
  for (let seed = first; seed <= last; seed++) {
    const outcome = await runSchedule(seed);
    messages += outcome.messages;
    expect(outcome.violations, `seed ${seed}; replay it with SEEDS=${seed}:${seed}`).toEqual([]);
  }
  expect(messages).toBeGreaterThan(last - first);
});
