import { open as ar } from "./ar.json";
import { open as de } from "./de.json";
import { open as en } from "./en.json";
import { open as es } from "./es.json";
import { open as fr } from "./fr.json";
import { open as hi } from "./hi.json";
import { choose, directionOf } from "./languages";

/** The word that is there before the chat is; the build takes no others along. */
export interface Labels {
  readonly tag: string;
  readonly direction: "ltr" | "rtl";
  readonly open: string;
}

const OPEN = { ar, de, en, es, fr, hi };

/** In the first of the wanted languages (BCP 47) that there are words for, or English. */
export function labelsIn(wanted: readonly (string | undefined)[]): Labels {
  const tag = choose(wanted);
  return { tag, direction: directionOf(tag), open: OPEN[tag] };
}
