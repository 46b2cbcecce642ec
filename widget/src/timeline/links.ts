/** A piece of a message: plain text, or an address that a person may follow. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/** Addresses of the web, with or without their scheme, of people, and telephone numbers as one may dial from anywhere. */
const ADDRESS =
  /https?:\/\/[^\s<>"'`]+|(?<![\w@./-])(?:www\.|(?:[a-z\d-]+\.)+[a-z]{2,}\/)[^\s<>"'`]*|(?<![\w.+-])[\w.+-]+@(?:[a-z\d-]+\.)+[a-z]{2,}|(?<![\w+])\+\d[\d ()/.-]{5,}\d/gi;
/** Punctuation at an address's end belongs to the sentence; a bracket does only if it was not opened in the address. */
const TRAILING = /[.,:;!?\]}…]$/;

/** Characters that are not seen, or turn the order of those that are. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u115f\u1160\u2800\u3164\uffa0]|\u034f/u;

/** Finds what a person may follow; anything else, `javascript:` above all, stays text. */
export function splitLinks(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutEnd(found);
    const href = hrefOf(address);
    if (!href) continue;
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: asItLeads(address, href), href });
    end = index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

function withoutEnd(found: string): string {
  const isOpened = found.split("(").length >= found.split(")").length;
  const isEnd = TRAILING.test(found) || (found.endsWith(")") && !isOpened);
  return isEnd ? withoutEnd(found.slice(0, -1)) : found;
}

function hrefOf(address: string): string | undefined {
  if (INVISIBLE.test(address)) return undefined;
  if (/^https?:/i.test(address)) return ofTheWeb(address);
  if (address.startsWith("+")) return `tel:${address.replace(/[^+\d]/g, "")}`;
  if (/^[^/]+@[^/]+$/.test(address)) return `mailto:${address}`;
  return ofTheWeb(`https://${address}`);
}

/** A name before the host (`https://bank.example@attacker.example`) is there to be taken for the host. */
function ofTheWeb(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { username, password } = new URL(address);
  return username || password ? undefined : address;
}

/** The address with its host as the browser will go there: letters of another script look like the ones of a bank. */
function asItLeads(address: string, href: string): string {
  if (!/^https?:/i.test(href)) return address;
  const typed = /^(?:https?:\/\/)?([^/?#:]+)/i.exec(address)?.[1] ?? "";
  return /[^\x20-\x7e]/.test(typed) ? address.replace(typed, () => new URL(href).hostname) : address;
}
