import { LONGEST_LABEL } from "../inbox/names";

/** What sellers have set for themselves on this device. */
export interface Preferences {
  readonly sound: boolean;
  readonly notifications: boolean;
  readonly titleBadge: boolean;
  readonly sort: Sort;
  readonly density: Density;
  readonly cannedReplies: readonly Reply[];
}

export type Sort = "latest" | "waiting";
export type Density = "comfortable" | "compact";

/** What is written often; `/name` brings it. */
export interface Reply {
  readonly name: string;
  readonly text: string;
}

/** The preferences of all tabs of this device: each change is made to what is stored, and told to the other tabs. */
export interface PreferenceStore {
  get(): Preferences;
  change(changes: Partial<Preferences>): void;
  subscribe(listener: () => void): () => void;
}

const KEY = "seller-console:preferences";

const DEFAULTS: Preferences = {
  sound: true,
  notifications: false,
  titleBadge: true,
  sort: "latest",
  density: "comfortable",
  cannedReplies: [
    { name: "hello", text: "Hello {name}, how can I help you?" },
    { name: "moment", text: "Let me look that up for you. One moment, please." },
    { name: "else", text: "Is there anything else I can do for you?" },
    { name: "thanks", text: "Thank you for your visit, {name}!" },
  ],
};

export function createPreferenceStore(storage: Storage = localStorage): PreferenceStore {
  let current = load(storage);
  const listeners = new Set<() => void>();

  function announce(): void {
    for (const listener of listeners) listener();
  }

  return {
    get: () => current,
    change: (changes) => {
      // What another tab has stored meanwhile stays, but for what is changed here.
      current = { ...load(storage), ...changes };
      storage.setItem(KEY, JSON.stringify(current));
      announce();
    },
    subscribe: (listener) => {
      const stored = ({ key }: StorageEvent) => {
        if (key !== null && key !== KEY) return;
        current = load(storage);
        listener();
      };
      listeners.add(listener);
      window.addEventListener("storage", stored);
      return () => {
        listeners.delete(listener);
        window.removeEventListener("storage", stored);
      };
    },
  };
}

/** Anything may be stored there, by an older version or another script: what is not understood counts as not set. */
function load(storage: Storage): Preferences {
  const stored = parsed(storage.getItem(KEY));
  const isSet = (name: "sound" | "notifications" | "titleBadge") =>
    typeof stored[name] === "boolean" ? stored[name] : DEFAULTS[name];
  return {
    sound: isSet("sound"),
    notifications: isSet("notifications"),
    titleBadge: isSet("titleBadge"),
    sort: stored.sort === "waiting" ? "waiting" : DEFAULTS.sort,
    density: stored.density === "compact" ? "compact" : DEFAULTS.density,
    cannedReplies: Array.isArray(stored.cannedReplies) ? repliesOf(stored.cannedReplies) : DEFAULTS.cannedReplies,
  };
}

function parsed(text: string | null): Partial<Record<keyof Preferences, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Replies as they are stored; once they were texts alone. */
export function repliesOf(stored: unknown): readonly Reply[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((each: unknown): Reply[] => {
    if (typeof each === "string") return each.trim() ? [{ name: nameFor(each), text: each }] : [];
    const { name, text } = (each ?? {}) as { name?: unknown; text?: unknown };
    return typeof text === "string" && text.trim()
      ? [{ name: typeof name === "string" && name ? name : nameFor(text), text }]
      : [];
  });
}

/** What words are made of in any script, for a class of a pattern. */
export const LETTERS = String.raw`\p{L}\p{M}\p{N}\u200c\u200d`;
const WORDS = new RegExp(`[${LETTERS}]+`, "gu");

/** A short name for a reply: its first word of some length. */
export function nameFor(text: string): string {
  const words = text.toLocaleLowerCase().match(WORDS) ?? [];
  const word = words.find(({ length }) => length > 3) ?? words[0] ?? "reply";
  // Some scripts have no spaces.
  return [...word].slice(0, LONGEST_LABEL).join("");
}

/** A canned reply with the visitor's name where it says `{name}`, and the seller's where it says `{seller}`. */
export function filledReply(reply: string, name: string, seller = ""): string {
  // In one go and by a function: a name may hold `{seller}`, or `$&` and its like, and stays as it is.
  return reply.replace(/\{(name|seller)\}/g, (_, whose) => (whose === "name" ? name : seller));
}
