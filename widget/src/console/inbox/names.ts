/** Signs that are a picture or not (Unicode, "emoji variation sequences"). */
const SIGN = String.raw`[\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\u{1f000}-\u{1faff}]`;
/** What is not seen by itself. */
const MODIFYING = String.raw`[\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\u{e0020}-\u{e007f}\u{e0100}-\u{e01ef}]`;
const UNSEEN = new RegExp(
  String.raw`(?!${MODIFYING})[\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\ufff9-\ufffb]`,
  "gu",
);
/** In scripts that join letters, and in emoji. */
const JOINING = String.raw`[^\0-\u05ff\u200c\u200d\u2e80-\ud7ff\ufe00-\ufe0f\u{e0000}-\u{e0fff}]|${SIGN}\ufe0f`;
/** Where it shows in what stands beside it, as the server lets it stand in a tag (`Label` in docs/asyncapi.yaml). */
const SHOWING = [
  String.raw`(?<=${JOINING})[\u200c\u200d](?!\s|$|${MODIFYING})`,
  String.raw`(?<=${SIGN})[\ufe0e\ufe0f]`,
  String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
  String.raw`(?<=[\u2e80-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}])[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
  String.raw`(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]`,
  String.raw`(?<=\u{1f3f4})[\u{e0030}-\u{e007a}]{2,6}\u{e007f}`,
].join("|");
const MODIFIER = new RegExp(`(${SHOWING})|${MODIFYING}`, "gu");

/** As long as the server takes a `Label` (docs/asyncapi.yaml): a tag, or the name of a shared reply. */
export const LONGEST_LABEL = 32;
/** From here on it is told how many characters are left. */
export const COUNT_LETTERS_FROM = 10;

/** A name that was told, without what nobody sees, or a short one made of the contact's where nothing of it is seen. */
export function shownName(contactId: string, told: string): string {
  return seen(told) || `Visitor ${contactId.slice(-5)}`;
}

/** Whether nobody would see anything of what was typed, which the server refuses. */
export function isUnseen(text: string): boolean {
  return text.trim() !== "" && seen(text) === "";
}

/** What is seen of a line, in words with single spaces between them, each character written in one way. */
export function seen(line: string): string {
  const alone = line
    .replace(/\p{White_Space}/gu, " ")
    .replace(UNSEEN, "")
    .replace(MODIFIER, "$1");
  return alone.replace(/ +/g, " ").trim().normalize();
}
