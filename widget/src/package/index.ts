/** What pages that are built import: the types, and one function. The widget itself comes from the deployment. */

import { type CommandQueue, createCommandQueue } from "../widget/command-queue";
import type { SellerChatApi } from "../widget/public-api";

export type { UserInfo } from "../core/protocol";
export type { EventListenerOf, EventName, WidgetEvents } from "../widget/events";
export type { SellerChatApi } from "../widget/public-api";
export type { BootOptions, Consent, DetailField, OtherWay, Team, TeamMember } from "../widget/settings";

const page = globalThis as unknown as { SellerChat?: CommandQueue };

/**
 * The widget's function on this page. The script at `address` (https://HOST/widget.js) is put there the first time; calls wait until
 * it has loaded. For browsers only: call it in an effect, and not while a server draws the page.
 */
export function loadSellerChat(address: string): SellerChatApi {
  if (typeof page.SellerChat !== "function") {
    page.SellerChat = createCommandQueue();
    const script = document.createElement("script");
    script.async = true;
    script.src = address;
    document.head.append(script);
  }
  // Asked for at each call: the widget takes the queue's place.
  return ((...call: readonly unknown[]) => page.SellerChat?.(...call)) as SellerChatApi;
}
