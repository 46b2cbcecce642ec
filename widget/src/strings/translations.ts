import type { Strings } from ".";
import type { Translated } from "./languages";

/** Each is a file of its own, which the build gives an address that changes with what is in it. */
export const TRANSLATIONS: Readonly<Record<Translated, () => Promise<{ readonly default: Strings }>>> = {
  ar: () => import("./ar.json"),
  de: () => import("./de.json"),
  es: () => import("./es.json"),
  fr: () => import("./fr.json"),
  hi: () => import("./hi.json"),
};
