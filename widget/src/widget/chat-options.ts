import { payloadOf } from "../browser/tokens";
import type { VisitorChatOptions, VisitorIdentity } from "../core";
import type { BootOptions } from "./settings";

/** What the core is to know of the options; `current` is asked again whenever a token is needed. */
export function chatOptions(current: () => BootOptions): VisitorChatOptions {
  const { sellerId, apiUrl, restUrl, widgetId, connectionType = "Live", visitorToken } = current();
  return {
    sellerId,
    socketUrl: apiUrl,
    restUrl,
    widgetId,
    identity: visitorToken && (() => identity(current())),
    transport: connectionType === "Live" ? "auto" : "rest",
  };
}

/** What needs another connection when it changes; which function gives the tokens does not. */
export function connectionOf(options: BootOptions): string {
  return JSON.stringify([chatOptions(() => options), !options.visitorToken]);
}

async function identity({ visitorToken }: BootOptions): Promise<VisitorIdentity> {
  // Where an endpoint ends its answer with a line break, no header and no subprotocol could carry it.
  const given = await visitorToken?.();
  try {
    const token = `${given}`.trim();
    return { deviceId: JSON.parse(payloadOf(token)).sub, token };
  } catch (error) {
    reportError(new TypeError("SellerChat: visitorToken has to give a token."));
    throw error;
  }
}
