/**
 * What the page says of this script. Markup that a sanitiser lets through may bear the name of a property of `document` or `window`, and
 * then stands in its place; so the property is asked of the prototype, and only what is of the right kind is believed.
 */

import type { CommandQueue } from "./command-queue";
import type { SellerChatApi } from "./public-api";

/** The tag that runs this script; null for a module, and for what a tag manager evaluates. */
export function currentScript(): HTMLScriptElement | null {
  const current: unknown = Reflect.get(Document.prototype, "currentScript", document);
  return current instanceof HTMLScriptElement ? current : null;
}

/** What stands under `SellerChat`: the widget of an earlier tag, or a queue of calls. Nothing else counts. */
export function pageApi(): SellerChatApi | CommandQueue | undefined {
  const there: unknown = Reflect.get(window, "SellerChat");
  return typeof there === "function" ? (there as SellerChatApi | CommandQueue) : undefined;
}
