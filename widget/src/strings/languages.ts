/** The languages that there are strings for, beside English. */
export const TRANSLATED = ["ar", "de", "es", "fr", "hi"] as const;
export type Translated = (typeof TRANSLATED)[number];

const RIGHT_TO_LEFT: readonly string[] = ["ar"];

export function directionOf(primary: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.includes(primary) ? "rtl" : "ltr";
}

/** The first of the wanted languages (BCP 47 tags, case ignored) that there are strings for; English if there is none. */
export function choose(wanted: readonly (string | undefined)[]): Translated | "en" {
  for (const tag of wanted) {
    const primary = primaryOf(tag);
    if (primary === "en" || isTranslated(primary)) return primary;
  }
  return "en";
}

/** A page is often in `en` where the browser knows that it is `en-GB`, with that country's clock. */
export function asSpokenHere(primary: string, wanted: readonly (string | undefined)[]): string {
  return wanted.find((tag) => tag !== primary && primaryOf(tag) === primary) ?? primary;
}

function isTranslated(primary: string | undefined): primary is Translated {
  return (TRANSLATED as readonly (string | undefined)[]).includes(primary);
}

function primaryOf(tag: string | undefined): string | undefined {
  try {
    return tag && new Intl.Locale(tag).language;
  } catch {
    return undefined;
  }
}
