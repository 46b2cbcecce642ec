import type { KeyValueStore } from "../ports";

/** What a visitor's device keeps, by key. Apart from the rest, so that a launcher knows it without the chat. */

/** Also what else the device keeps for its visitor begins like this, and is forgotten with it. */
export const DEVICE_KEY = "seller-chat:device";

/** What all that belongs to the chat with one seller begins with. */
export function scopeOf(sellerId: string): string {
  return `seller-chat:${sellerId}:`;
}

export function sessionKeyOf(scope: string): string {
  return `${scope}session`;
}

/** Not below the scope: where nothing at all is left there, the page has cleared its storage (outbox-store.ts). */
export function draftsOf(scope: string): string {
  return `draft:${scope}`;
}

/** Forget who the visitor is, and the chat with what was not sent. The answer is whether there was anything. */
export function forgetEverything(store: Pick<KeyValueStore, "keys" | "remove">, scope: string): boolean {
  const keys = [DEVICE_KEY, scope, draftsOf(scope)].flatMap(store.keys);
  keys.forEach(store.remove);
  return keys.length > 0;
}
