import type { UserInfo } from "../core/protocol";
import type { EventListenerOf, EventName } from "./events";
import type { BootOptions } from "./settings";

/** `window.SellerChat`, as docs/embed.md describes it. */
export interface SellerChatApi {
  /** Put the widget on the page; once more changes its options. */
  (command: "boot", options: BootOptions): void;
  (command: "open" | "close" | "toggle" | "show" | "hide"): void;
  /** What the shop knows of the visitor; fills the details form. */
  (command: "identify", userInfo: UserInfo): void;
  /** Change some options. */
  (command: "update", options: Partial<BootOptions>): void;
  /** Forget everything stored on this device, as when a customer signs out. */
  (command: "reset"): void;
  /** Take the widget off the page, and its connection down; `boot` brings both back. */
  (command: "destroy"): void;
  /** The answer unsubscribes. */
  <Name extends EventName>(command: "on", name: Name, listener: EventListenerOf<Name>): () => void;
  <Name extends EventName>(command: "off", name: Name, listener: EventListenerOf<Name>): void;
}
