/** What a seller has set for himself on this device. */
export interface Preferences {
  readonly sound: boolean;
  readonly notifications: boolean;
  readonly titleBadge: boolean;
  readonly cannedReplies: readonly string[];
}

const KEY = "seller-console:preferences";

const DEFAULTS: Preferences = {
  sound: true,
  notifications: false,
  titleBadge: true,
  cannedReplies: [
    "Hello {name}, how can I help you?",
    "Let me look that up for you. One moment, please.",
    "Is there anything else I can do for you?",
    "Thank you for your visit, {name}!",
  ],
};

export function loadPreferences(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    // Nothing here is worth more than a working desk.
    return DEFAULTS;
  }
}

export function storePreferences(preferences: Preferences): void {
  localStorage.setItem(KEY, JSON.stringify(preferences));
}

/** A canned reply with the visitor's name where it says `{name}`. */
export function filledReply(reply: string, name: string): string {
  return reply.replaceAll("{name}", name);
}
