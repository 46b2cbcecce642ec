/** Signs that are a picture or not (Unicode, "emoji variation sequences"). */
const SIGN = "[\\xa9\\xae\\u203c\\u2049\\u2122\\u2139\\u2190-\\u2bff\\u3030\\u303d\\u3297\\u3299\\u{1f000}-\\u{1faff}]";
/** What is not seen by itself. */
const MODIFYING = "[\\u180b-\\u180d\\u180f\\u200c\\u200d\\ufe00-\\ufe0f\\u{e0020}-\\u{e007f}\\u{e0100}-\\u{e01ef}]";
const UNSEEN = new RegExp(`(?!${MODIFYING})[\\p{Default_Ignorable_Code_Point}\\p{Cc}\\u2800\\ufff9-\\ufffb]`, "gu");
/** Where it shows in what stands beside it, as the server lets it stand in a tag (`Label` in docs/asyncapi.yaml). */
const SHOWING = [
  `(?<=[^\\0-\\u05ff\\u200c\\u200d\\u2e80-\\ud7ff\\ufe00-\\ufe0f\\u{e0000}-\\u{e0fff}]|${SIGN}\\ufe0f)[\\u200c\\u200d](?!\\s|$|${MODIFYING})`,
  `(?<=${SIGN})[\\ufe0e\\ufe0f]`,
  "(?<=[0-9#*])\\ufe0f(?=\\u20e3)",
  "(?<=[\\u2e80-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}])[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]",
  "(?<=[\\u1820-\\u18aa])[\\u180b-\\u180d\\u180f]",
  "(?<=\\u{1f3f4})[\\u{e0030}-\\u{e007a}]{2,6}\\u{e007f}",
].join("|");
const MODIFIER = new RegExp(`(${SHOWING})|${MODIFYING}`, "gu");

/** A name that was told, without what nobody sees, or a short one made of the contact's where nothing of it is seen. */
export function shownName(contactId: string, told: string): string {
  const seen = told
    .replace(/\p{White_Space}/gu, " ")
    .replace(UNSEEN, "")
    .replace(MODIFIER, "$1");
  return seen.replace(/ +/g, " ").trim() || `Visitor ${contactId.slice(-5)}`;
}
