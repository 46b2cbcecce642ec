import type { VisitorChatOptions } from "../api";
import type { Target } from "../connection/socket-life";
import type { SessionStore } from "./session";

export interface VisitorIdentityEvents {
  /** Whether the chat is still wanted. */
  isWanted(): boolean;
  /** Somebody else is here than before: nothing of what is stored is theirs. */
  forget(): void;
  /** Everything that comes is about somebody else. */
  replaced(): void;
}

/** Who the visitor is: the person whom the shop vouches for, or the device by its secret name. */
export interface Identification {
  /** Where, and as whom, to connect. */
  target(): Promise<Target>;
  /** What proves it: a token of the shop's, under whose name all is from then on, or the device's name. */
  proof(): Promise<string>;
  /** Whether another tab has met somebody else. */
  isOutdated(): boolean;
}

export function createIdentification(
  { identity: identify, socketUrl }: VisitorChatOptions,
  sessions: SessionStore,
  events: VisitorIdentityEvents,
): Identification {
  /** The device's name, as this tab knows it. */
  let name = "";

  async function proof(): Promise<string> {
    const identity = await identify?.();
    const before = sessions.device();
    const isAnother = identity && before && before !== identity.deviceId;
    if (!events.isWanted()) return Promise.reject();
    if (isAnother) events.forget();
    name = sessions.deviceId(identity?.deviceId);
    if (!isAnother) return identity?.token ?? name;
    events.replaced();
    // What was to be asked was for the one before to ask.
    return Promise.reject();
  }

  return {
    proof,
    target: async () => {
      const token = await proof();
      return {
        url: `${socketUrl}?userId=${encodeURIComponent(name)}`,
        protocols: identify ? ["seller-chat", token] : [],
      };
    },
    isOutdated: () => identify !== undefined && name !== "" && sessions.device() !== name,
  };
}
