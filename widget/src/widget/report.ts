import type { VisitorChat, VisitorSnapshot } from "../core";
import type { BootOptions } from "./settings";
import { createTally } from "./tally";
import type { Felt } from "./trouble";

/** Told of what a visitor felt in a chat, as it was then; the options are those of when they are asked for. */
export type Report = (felt: Felt, chat: VisitorChat, snapshot: VisitorSnapshot, options: () => BootOptions) => void;

/** This part of all pages in trouble tells: enough to see, and an outage is no flood. */
const SHARE = 1 / 4;

const tally = createTally(Date.now, performance.timeOrigin);
let latest: (() => BootOptions) | undefined;

/** Counts the trouble of all chats of this page, and tells the system of it once, when the page is left. */
export const follow: Report = (felt, chat, snapshot, options) => {
  if (!latest) addEventListener("pagehide", tell, { once: true });
  latest = options;
  tally.follow(chat, snapshot);
  if (felt === "cut") tally.back();
};

function tell(): void {
  const { restUrl, reports } = latest?.() ?? {};
  const troubles = tally.troubles();
  if (!restUrl || reports === false || !troubles || Math.random() >= SHARE) return;
  // A beacon would bring the shop's cookies along, and not say of which page it is where that has no referrer. As plain text it
  // asks nobody first, for which there is no time.
  fetch(`${restUrl}/reports`, {
    method: "POST",
    body: JSON.stringify(troubles),
    credentials: "omit",
    keepalive: true,
  }).catch(() => {});
}
