import type { UserInfo } from "../core/protocol";
import { isAddress } from "./checks";
import type { BootOptions, Consent, DetailField, OtherWay, Team, TeamMember } from "./settings";

type Check = readonly [takes: string, isRight: (value: never) => boolean];

const FIELD_TYPES: readonly unknown[] = [undefined, "text", "email", "tel", "textarea"];

/** Control characters, and those that turn the direction of writing. */
const REFUSED = /[\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]|[^\P{Cc}\t\n\r]/u;

/** What is to be in those options that are lists and objects; checks.ts has the others. */
const CHECKS: Partial<Record<keyof BootOptions, Check>> = {
  fields: [
    'a list of {name, label, type, required, message}, each with a name of A-Z a-z 0-9 _ . -, and a type of "text", "email", "tel" or "textarea"',
    (fields: DetailField[]) => fields.every((field) => field && isName(field.name) && FIELD_TYPES.includes(field.type)),
  ],
  questions: ["a list of texts", (questions: unknown[]) => questions.every(isText)],
  consent: [
    "{text, url, required}, with a url that begins with https://",
    ({ text, url }: Consent) => isText(text) && (!url || isAddress(url, /^https?:/)),
  ],
  team: [
    "{members, answerTime}, with members of {name, picture}, where a picture begins with https://",
    ({ members = [] }: Team) => Array.isArray(members) && members.every(isMember),
  ],
  otherWay: [
    "{email, phone}, which are texts",
    ({ email, phone }: OtherWay) => [email, phone].every((each) => each === undefined || isText(each)),
  ],
};

const DETAIL =
  "a name of A-Z a-z 0-9 _ . - and what docs/protocol.md says, with all the others 2,000 bytes as JSON at most";
const LONGEST = 2_000;

/** What was told already: a page that says the same again is not told again. */
const told = new Map<string, unknown>();

/** The options without those that have something wrong in them: that is reported, and the chat does without. */
export function withoutFaults<Options extends Partial<BootOptions>>(options: Options): Options {
  const right = Object.entries(options).filter(([name, value]) => {
    const [takes, isRight] = CHECKS[name as keyof BootOptions] ?? [];
    const isWrong = value && isRight && !isRight(value as never);
    if (isWrong) report(name, value, `${takes}`);
    return !isWrong;
  });
  const { userInfo } = options;
  return { ...Object.fromEntries(right), ...(userInfo && { userInfo: rightDetails(userInfo) }) } as Options;
}

function report(name: string, value: unknown, takes: string): void {
  if (told.get(name) !== value) reportError(new TypeError(`SellerChat: ${name} is wrong. It takes ${takes}.`));
  told.set(name, value);
}

/** Each by itself: what else is known of the visitor stays. */
function rightDetails(info: UserInfo): UserInfo {
  let right: UserInfo = {};
  for (const [name, value] of Object.entries(info)) {
    const more = { ...right, [name]: value };
    if (isDetail(more, 3) && isNameOfVisitor(more) && new Blob([JSON.stringify(more)]).size <= LONGEST) right = more;
    else report(`userInfo.${name}`, value, DETAIL);
  }
  return right;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** As a detail of a visitor is called. */
function isName(value: unknown): boolean {
  return isText(value) && /^[\w.-]{1,64}$/.test(value as string);
}

/** What the server takes: see "What a client sends" in docs/protocol.md. */
function isDetail(value: unknown, levels: number): boolean {
  if (typeof value === "string") return value.length <= 1_000 && !REFUSED.test(value);
  if (typeof value === "number") return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (typeof value !== "object" || value === null) return value === null || /boolean|undefined/.test(typeof value);
  const inner = Object.entries(value);
  return levels > 0 && inner.length <= 32 && inner.every(([name, each]) => isName(name) && isDetail(each, levels - 1));
}

function isNameOfVisitor({ name = "" }: UserInfo): boolean {
  return typeof name === "string" && /^[^\n\r\t\u2028\u2029]{0,200}$/.test(name);
}

function isMember(member: TeamMember | null): boolean {
  const { name, picture } = member ?? {};
  return isText(name) && (picture === undefined || isAddress(picture, /^(https?|data):/));
}
