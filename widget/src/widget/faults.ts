import type { BootOptions, Consent, DetailField, Team, TeamMember } from "./settings";

type Check = readonly [takes: string, isRight: (value: never) => boolean];

const FIELD_TYPES: readonly unknown[] = [undefined, "text", "email", "tel", "textarea"];

/** What is to be in those options that are lists and objects; checks.ts has the others. */
const CHECKS: Partial<Record<keyof BootOptions, Check>> = {
  fields: [
    'a list of {name, label, type, required, message}, each with a name, and a type of "text", "email", "tel" or "textarea"',
    (fields: DetailField[]) => fields.every((field) => field && isText(field.name) && FIELD_TYPES.includes(field.type)),
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
};

/** The options without those that have something wrong in them: that is reported, and the chat does without. */
export function withoutFaults<Options extends Partial<BootOptions>>(options: Options): Options {
  const right = Object.entries(options).filter(([name, value]) => {
    const [takes, isRight] = CHECKS[name as keyof BootOptions] ?? [];
    if (!value || !isRight || isRight(value as never)) return true;
    reportError(new TypeError(`SellerChat: ${name} is wrong. It takes ${takes}.`));
    return false;
  });
  return Object.fromEntries(right) as Options;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isMember(member: TeamMember | null): boolean {
  const { name, picture } = member ?? {};
  return isText(name) && (picture === undefined || isAddress(picture, /^(https?|data):/));
}

function isAddress(value: string, scheme: RegExp): boolean {
  return URL.canParse(value) && scheme.test(value);
}
