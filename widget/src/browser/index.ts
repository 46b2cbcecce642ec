import type { Ports } from "../core";
import { browserEnvironment } from "./environment";
import { browserHttp } from "./http";
import { browserSockets } from "./sockets";
import { createBrowserStore } from "./store";
import { browserLocks, createBrowserBroadcast } from "./tabs";

/** The world as a browser gives it to the core. */
export function createBrowserPorts(): Ports {
  return {
    clock: {
      now: () => Date.now(),
      after: (milliseconds, callback) => {
        const timer = setTimeout(callback, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    random: { fraction: Math.random, uuid },
    store: createBrowserStore(),
    sockets: browserSockets,
    http: browserHttp,
    broadcast: createBrowserBroadcast("seller-chat"),
    locks: browserLocks,
    environment: browserEnvironment,
  };
}

/** crypto.randomUUID is missing on pages that are not https. */
function uuid(): string {
  return (
    crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join("-")
  );
}
