import { splitLinks } from "../../timeline/links";
import { seen } from "../inbox/names";

/** Something that the visitor, or the shop's page, has told, ready to be shown. */
export type Fact =
  | { readonly kind: "text" | "email" | "phone" | "link"; readonly label: string; readonly value: string }
  | { readonly kind: "rows"; readonly label: string; readonly rows: readonly (readonly Cell[])[] };

export type Cell = readonly [label: string, value: string];

const ROWS = 20;
/** As a heading, or as the time where the visitor is. */
const SHOWN_OTHERWISE = ["name", "time_zone", "timeZone"];
const NAMES_OF_EMAIL = /^e-?mail$/i;
const NAMES_OF_PHONE = /^(phone|tel|telephone|mobile)$/i;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** What is known of a visitor beside the name, without what nobody sees; lists and objects become rows. */
export function factsOf(userInfo: Readonly<Record<string, unknown>>): readonly Fact[] {
  return Object.entries(userInfo)
    .filter(([key, value]) => !SHOWN_OTHERWISE.includes(key) && value !== null && value !== "")
    .map(([key, value]) => factOf(key, value));
}

function factOf(key: string, value: unknown): Fact {
  const label = labelOf(key);
  if (Array.isArray(value)) return { kind: "rows", label, rows: value.slice(0, ROWS).map(cellsOf) };
  if (isRecord(value)) return { kind: "rows", label, rows: [cellsOf(value)] };
  const told = String(value);
  const text = seen(told);
  if (NAMES_OF_EMAIL.test(key) && EMAIL.test(text)) return { kind: "email", label: "E-mail", value: text };
  if (NAMES_OF_PHONE.test(key)) return { kind: "phone", label, value: text };
  if (key === "language") return { kind: "text", label, value: languageOf(text) };
  return { kind: isWebAddress(told) ? "link" : "text", label, value: text };
}

function cellsOf(value: unknown): readonly Cell[] {
  if (!isRecord(value)) return [["", seen(String(value))]];
  return Object.entries(value).map(([key, each]) => [
    labelOf(key),
    seen(typeof each === "object" && each !== null ? JSON.stringify(each) : String(each)),
  ]);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `order_number`, `orderNumber` and `order-number` are read as "Order number". */
function labelOf(key: string): string {
  const words = key
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim()
    .toLocaleLowerCase();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** What is a link in a message, and nothing else; `javascript:` above all stays text. */
function isWebAddress(text: string): boolean {
  const [part] = splitLinks(text);
  return /^https?:/i.test(text) && part?.href === text && part.text === text;
}

function languageOf(tag: string): string {
  try {
    return new Intl.DisplayNames("en", { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
