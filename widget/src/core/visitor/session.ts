import type { Ports } from "../ports";
import type { ChatStarted, ContactStatus, UserInfo } from "../protocol";
import { DEVICE_KEY, draftsOf, forgetEverything, sessionKeyOf } from "./stored";

/** What a visitor's device keeps of the chat with one seller. `contact` is what InitChat gave. */
export interface Session {
  readonly userInfo: UserInfo;
  readonly contact?: {
    readonly contact_id: string;
    readonly status: ContactStatus;
  };
  /** Contacts that have ended, the latest one last. */
  readonly earlier?: readonly string[];
}

/** Who comes back wants to look up what was said last, and every one of them is asked for at each page. */
const EARLIER_AT_MOST = 3;

export interface SessionStore {
  load(): Session | undefined;
  /** Start a chat, or a new one in place of one that has ended. */
  begin(userInfo: UserInfo): void;
  started(frame: ChatStarted): void;
  /** The contact is gone; the device keeps its name. */
  end(): void;
  forget(): void;
  /** What was begun to be written in a field, and is not sent. */
  draft(field: string): string;
  keepDraft(field: string, text: string): void;
  /** This device's name, if it has one yet. */
  device(): string | undefined;
  /** This device's secret name; if it has none yet, it is the given one or made now. */
  deviceId(given?: string): string;
}

export function createSessionStore({ store, random }: Ports, scope: string): SessionStore {
  const key = sessionKeyOf(scope);
  const drafts = draftsOf(scope);

  function load(): Session | undefined {
    try {
      const session = JSON.parse(store.get(key) ?? "null") ?? undefined;
      return session && { ...session, earlier: textsIn(session.earlier) };
    } catch {
      // Another script of the page wrote here; visitors introduce themselves again.
      return undefined;
    }
  }

  /** A name that no address can carry, as another script may have left here, would be refused for ever. */
  function device(): string | undefined {
    return store.get(DEVICE_KEY)?.match(/^[!-~]+$/)?.[0];
  }

  return {
    load,
    begin: (userInfo) => {
      const { contact, earlier = [] } = load() ?? {};
      const ended = contact ? [contact.contact_id] : [];
      const all = [...earlier.filter((id) => !ended.includes(id)), ...ended].slice(-EARLIER_AT_MOST);
      store.set(key, JSON.stringify({ userInfo, earlier: all } satisfies Session));
    },
    started: ({ contact_id, status }) => {
      const contact = { contact_id, status };
      const { userInfo = {}, earlier = [] } = load() ?? {};
      const others = earlier.filter((id) => id !== contact_id);
      store.set(key, JSON.stringify({ userInfo, contact, earlier: others } satisfies Session));
    },
    end: () => store.remove(key),
    device,
    forget: () => forgetEverything(store, scope),
    draft: (field) => store.get(drafts + field) ?? "",
    keepDraft: (field, text) => (text ? store.set(drafts + field, text) : store.remove(drafts + field)),
    deviceId: (given) => {
      const name = device() ?? given ?? random.uuid();
      store.set(DEVICE_KEY, name);
      return name;
    },
  };
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
