import { inDigits } from "./digits";
import english from "./en.json";

export type Strings = Readonly<Record<keyof typeof english, string>>;

/** The languages that there are strings for, beside English. */
export const TRANSLATED = ["ar", "de", "es", "fr", "hi"];
const RIGHT_TO_LEFT = ["ar"];

export interface Language {
  /** As the Intl constructors take it (BCP 47), e.g. `de-AT`. */
  readonly tag: string;
  readonly direction: "ltr" | "rtl";
  readonly strings: Strings;
}

export const ENGLISH: Language = { tag: "en", direction: "ltr", strings: english };

/**
 * The first of the wanted languages (BCP 47 tags, case ignored) that there are strings for; English if there is none, or
 * if its strings cannot be had.
 */
export async function loadLanguage(
  wanted: readonly (string | undefined)[],
  load: (primary: string) => Promise<Strings>,
): Promise<Language> {
  for (const tag of wanted) {
    const primary = primaryOf(tag);
    if (!primary) continue;
    if (primary === "en") return { ...ENGLISH, tag: asSpokenHere(primary, wanted) };
    if (!TRANSLATED.includes(primary)) continue;
    const direction = RIGHT_TO_LEFT.includes(primary) ? "rtl" : "ltr";
    return load(primary).then(
      (strings) => ({ tag: asSpokenHere(primary, wanted), direction, strings }),
      () => ENGLISH,
    );
  }
  return ENGLISH;
}

/** A text with its `{n}` filled in. */
export function withNumber(text: string, n: number, tag: string): string {
  return text.replace("{n}", n.toLocaleString(inDigits(tag)));
}

/** A page is often in `en` where the browser knows that it is `en-GB`, with that country's clock. */
export function asSpokenHere(primary: string, wanted: readonly (string | undefined)[]): string {
  return wanted.find((tag) => tag !== primary && primaryOf(tag) === primary) ?? primary;
}

function primaryOf(tag: string | undefined): string | undefined {
  try {
    return tag && new Intl.Locale(tag).language;
  } catch {
    return undefined;
  }
}
