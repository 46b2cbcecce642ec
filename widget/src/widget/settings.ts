import type { UserInfo } from "../core/protocol";

/** One input of the details form; its value goes into `userInfo` under `name`. */
export interface DetailField {
  readonly name: string;
  /** Shown above the input; for `name` and `email`, and for a message, the widget's own words by default. */
  readonly label?: string;
  readonly type?: "text" | "email" | "tel" | "textarea";
  readonly required?: boolean;
  /** What is written here is no detail, but the first message of the chat. */
  readonly message?: boolean;
}

/** A line under the details form, with a link to the shop's policy and, if the visitor must tick it, a box. */
export interface Consent {
  readonly text: string;
  /** http or https. */
  readonly url?: string;
  readonly required?: boolean;
}

/** Somebody who answers, as visitors see them. */
export interface TeamMember {
  readonly name: string;
  /** The address of a square picture; the shop's policy must allow it. Without one, their initials. */
  readonly picture?: string;
}

/** Who is there, shown at the top of the panel. */
export interface Team {
  readonly members?: readonly TeamMember[];
  /** e.g. "Usually answers within minutes" */
  readonly answerTime?: string;
}

/** Another way to reach the shop, told while the chat cannot be reached. */
export interface OtherWay {
  readonly email?: string;
  readonly phone?: string;
}

/** What `SellerChat('boot', …)` takes. */
export interface BootOptions {
  readonly sellerId: string;
  /** The WebSocket API: wss://HOST/STAGE */
  readonly apiUrl: string;
  /** The REST API, used when WebSockets are blocked: https://HOST/STAGE */
  readonly restUrl?: string;
  readonly widgetId?: string;
  /** `Live` (the default) talks over a WebSocket and falls back to REST; anything else uses REST alone. */
  readonly connectionType?: string;
  readonly title?: string;
  /** Shown above the conversation; never sent. */
  readonly welcomeMessage?: string;
  /** `form` (the default) asks for details, and then the chat starts; `message` starts with the first message, and asks after it. */
  readonly firstContact?: "form" | "message";
  /** What is asked for; name and email by default. An empty list asks for nothing. */
  readonly fields?: readonly DetailField[];
  /** Offered in a new conversation; pressed, they are sent. */
  readonly questions?: readonly string[];
  readonly consent?: Consent;
  readonly team?: Team;
  readonly otherWay?: OtherWay;
  /** What the shop knows of the visitor already; fills the form. */
  readonly userInfo?: UserInfo;
  /**
   * A token of the shop's back end for this visitor, where the system lets in nobody without one. Asked before every
   * connection and every REST call; if it rejects, the widget tries again later.
   */
  readonly visitorToken?: () => string | Promise<string>;
  /** A BCP 47 tag; by default the page's, then the browser's. */
  readonly language?: string;
  /** Where the strings of other languages than English lie; by default beside the script. */
  readonly stringsUrl?: string;
  /** By default as the page (its `color-scheme`). */
  readonly theme?: "light" | "dark" | "auto";
  /** On which side of the window; by default where lines end. */
  readonly side?: "left" | "right";
  /** `bubble` is the widget's own (the default), `none` leaves it to the commands, anything else is a CSS selector of the page's own. */
  readonly launcher?: string;
  /** A short sound for a message that the visitor does not see; `true` by default. */
  readonly sound?: boolean;
  /** Start without the bubble; `show` brings it. */
  readonly hidden?: boolean;
}

export const DEFAULT_FIELDS: readonly DetailField[] = [
  { name: "name", required: true },
  { name: "email", type: "email" },
];

type Check = readonly [takes: string, isRight: (value: never) => boolean];

const isText = (value: unknown): boolean => typeof value === "string";
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
const isList = (value: unknown, isRight: (each: never) => boolean): boolean =>
  Array.isArray(value) && value.every((each) => isRight(each as never));
const TEXT: Check = ["a text", isText];
const OBJECT: Check = ["an object", isObject];
const SWITCH: Check = ["true or false", (value) => typeof value === "boolean"];
const web: Check = ["https://…", (value) => hasScheme(value, ["http:", "https:"])];
const oneOf = (...values: string[]): Check => [values.join(", or "), (value) => values.includes(value)];

/** What each option takes, and how to know it. */
const CHECKS: Readonly<Record<keyof BootOptions, Check>> = {
  sellerId: ["a text", (value: unknown) => isText(value) && value !== ""],
  apiUrl: ["wss://HOST/STAGE", (value) => hasScheme(value, ["ws:", "wss:"])],
  restUrl: ["https://HOST", web[1]],
  widgetId: TEXT,
  connectionType: TEXT,
  title: TEXT,
  welcomeMessage: TEXT,
  firstContact: oneOf("form", "message"),
  fields: [
    'a list of {name, label, type, required, message}, each with a name, and a type of "text", "email", "tel" or "textarea"',
    (value) => isList(value, isField),
  ],
  questions: ["a list of texts", (value) => isList(value, isText)],
  consent: [
    "{text, url, required}, with a url that begins with https://",
    (value: Consent) => isObject(value) && isText(value.text) && (!value.url || web[1](value.url as never)),
  ],
  team: [
    "{members, answerTime}, with members of {name, picture}, where a picture begins with https://",
    (value: Team) => isObject(value) && (!value.members || isList(value.members, isMember)),
  ],
  otherWay: OBJECT,
  userInfo: OBJECT,
  visitorToken: ["a function", (value) => typeof value === "function"],
  language: TEXT,
  stringsUrl: web,
  theme: oneOf("light", "dark", "auto"),
  side: oneOf("left", "right"),
  launcher: ["bubble, none, or a CSS selector", isSelector],
  sound: SWITCH,
  hidden: SWITCH,
};

/**
 * The options, checked: a shop's developer learns of a mistake at once, and not from a visitor.
 * @throws {TypeError} that says which option is wrong, and what it takes.
 */
export function checkOptions(options: Partial<BootOptions> | undefined): BootOptions {
  const given = options ?? {};
  for (const name of ["sellerId", "apiUrl"] as const) {
    if (given[name] === undefined) fail(name, "is missing");
  }
  for (const name of Object.keys(CHECKS) as (keyof BootOptions)[]) {
    if (given[name] !== undefined && given[name] !== null && !CHECKS[name][1](given[name] as never)) fail(name);
  }
  return given as BootOptions;
}

/** What there is no option for; most likely a name that is written wrong. */
export function unknownOptions(options: object): readonly string[] {
  return Object.keys(options).filter((name) => !Object.hasOwn(CHECKS, name));
}

/** What an attribute's text stands for, where the option is no text. */
const READ: Partial<Record<keyof BootOptions, (text: string) => unknown>> = {
  fields: JSON.parse,
  questions: JSON.parse,
  consent: JSON.parse,
  team: JSON.parse,
  otherWay: JSON.parse,
  userInfo: JSON.parse,
  sound: switched,
  hidden: switched,
};

/**
 * The options of `<script data-seller-id="…" data-api-url="…">`; undefined for a script tag without them.
 * @throws {TypeError} for an attribute that cannot be read.
 */
export function optionsOf({ dataset }: HTMLOrSVGElement): Partial<BootOptions> | undefined {
  if (dataset.sellerId === undefined) return undefined;
  // Other scripts' attributes may be on the same tag.
  const own = Object.entries(dataset).filter(([name]) => Object.hasOwn(CHECKS, name));
  return Object.fromEntries(own.map(([name, text]) => [name, readAttribute(name as keyof BootOptions, text ?? "")]));
}

function readAttribute(name: keyof BootOptions, text: string): unknown {
  try {
    return READ[name] ? READ[name](text) : text;
  } catch {
    return fail(name, `(data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}) is no JSON`);
  }
}

/** An attribute without a value is on, as HTML's own are. */
function switched(text: string): unknown {
  return text === "" || JSON.parse(text);
}

function isField(field: DetailField): boolean {
  const types: unknown[] = [undefined, "text", "email", "tel", "textarea"];
  return isObject(field) && isText(field.name) && field.name !== "" && types.includes(field.type);
}

function isMember({ name, picture }: TeamMember): boolean {
  return isText(name) && (picture === undefined || hasScheme(picture, ["http:", "https:", "data:"]));
}

function isSelector(value: string): boolean {
  try {
    return isText(value) && value !== "" && document.querySelector(value) !== undefined;
  } catch {
    return false;
  }
}

function hasScheme(address: string | undefined, schemes: readonly string[]): boolean {
  return address !== undefined && URL.canParse(address) && schemes.includes(new URL(address).protocol);
}

function fail(name: keyof BootOptions, what = "is wrong"): never {
  throw new TypeError(`SellerChat: ${name} ${what}. It takes ${CHECKS[name][0]}.`);
}
