import { inDigits } from "./digits";
import english from "./en.json";
import { asSpokenHere, choose, directionOf, type Translated } from "./languages";

export { asSpokenHere, TRANSLATED } from "./languages";

export type Strings = Readonly<Record<keyof typeof english, string>>;

export interface Language {
  /** As the Intl constructors take it (BCP 47), e.g. `de-AT`. */
  readonly tag: string;
  readonly direction: "ltr" | "rtl";
  readonly strings: Strings;
}

export const ENGLISH: Language = { tag: "en", direction: "ltr", strings: english };

/** The first of the wanted languages that there are strings for; English if there is none, or if they cannot be had. */
export async function loadLanguage(
  wanted: readonly (string | undefined)[],
  load: (primary: Translated) => Promise<Strings>,
): Promise<Language> {
  const primary = choose(wanted);
  const tag = asSpokenHere(primary, wanted);
  if (primary === "en") return { ...ENGLISH, tag };
  return load(primary).then(
    (strings) => ({ tag, direction: directionOf(primary), strings }),
    () => ENGLISH,
  );
}

/** A text with its `{n}` filled in. */
export function withNumber(text: string, n: number, tag: string): string {
  return text.replace("{n}", n.toLocaleString(inDigits(tag)));
}
