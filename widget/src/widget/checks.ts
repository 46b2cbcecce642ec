import type { BootOptions } from "./settings";

type Check = readonly [takes: string, isRight?: (value: never) => boolean];

/** Where a kind says nothing else of its values, it is their type. */
const KINDS: Readonly<Record<string, Check>> = {
  string: ["a text"],
  object: ["an object", (value) => typeof value === "object" && !Array.isArray(value)],
  list: ["a list", Array.isArray],
  function: ["a function"],
  boolean: ["true or false"],
  host: ["HOST", (value) => /^[\w.-]+$/.test(value)],
  socket: ["wss://HOST/STAGE", (value) => isAddress(value, /^wss?:/)],
  web: ["https://HOST", (value) => isAddress(value, /^https?:/)],
  selector: ["bubble, none or a CSS selector", isSelector],
};

/** What each option takes: one of the kinds above, or one of a few words. What is inside a list or an object the chat checks. */
const TAKES: Readonly<Record<keyof BootOptions, string>> = {
  sellerId: "string",
  host: "host",
  apiUrl: "socket",
  restUrl: "web",
  widgetId: "string",
  connectionType: "string",
  title: "string",
  welcomeMessage: "string",
  firstContact: "form or message",
  pages: "none or first or all",
  fields: "list",
  questions: "list",
  consent: "object",
  team: "object",
  otherWay: "object",
  userInfo: "object",
  visitorToken: "function",
  language: "string",
  filesUrl: "web",
  theme: "light or dark or auto",
  side: "left or right",
  launcher: "selector",
  sound: "boolean",
  reports: "boolean",
  hidden: "boolean",
};

/**
 * The options, checked: a shop's developer learns of a mistake at once, and not from a visitor.
 * @throws {TypeError} that says which option is wrong, and what it takes.
 */
export function checkOptions(said: Partial<BootOptions>): BootOptions {
  const given: Partial<Record<keyof BootOptions, unknown>> = {};
  for (const [name, kind] of Object.entries(TAKES) as [keyof BootOptions, string][]) {
    // Each has a value of its own, if none: what another script has put into every object's prototype is no option.
    const value = (Object.hasOwn(said, name) ? said[name] : undefined) as never;
    given[name] = value;
    const isRight =
      KINDS[kind]?.[1] ?? (() => (KINDS[kind] ? typeof value === kind : kind.split(" or ").includes(value)));
    if (value !== undefined && value !== null && !isRight(value)) fail(name);
  }
  for (const name of ["sellerId", "apiUrl"] as const) {
    if (!given[name]) fail(name, "is missing");
  }
  return given as unknown as BootOptions;
}

/** What there is no option for; most likely a name that is written wrong. */
export function unknownOptions(options: object): readonly string[] {
  return Object.keys(options).filter((name) => !Object.hasOwn(TAKES, name));
}

/**
 * The options of `<script data-seller-id="…" data-api-url="…">`; undefined for a script tag without them.
 * @throws {TypeError} for an attribute that cannot be read.
 */
export function optionsOf({ dataset }: HTMLOrSVGElement): Partial<BootOptions> | undefined {
  if (dataset.sellerId === undefined) return undefined;
  // Other scripts' attributes may be on the same tag.
  const own = Object.entries(dataset).filter(([name]) => Object.hasOwn(TAKES, name));
  return Object.fromEntries(
    own.map(([name, text]) => [name, readAttribute(name as keyof BootOptions, text as string)]),
  );
}

function readAttribute(name: keyof BootOptions, text: string): unknown {
  try {
    // An attribute without a value is on, as HTML's own are.
    if (TAKES[name] === "boolean") return !text || JSON.parse(text);
    return /list|object/.test(TAKES[name]) ? JSON.parse(text) : text;
  } catch {
    return fail(name, "is no JSON");
  }
}

function isSelector(value: string): boolean {
  try {
    document.querySelector(value);
    return typeof value === "string";
  } catch {
    return false;
  }
}

export function isAddress(value: string, scheme: RegExp): boolean {
  return URL.canParse(value) && scheme.test(value);
}

function fail(name: keyof BootOptions, what = "is wrong"): never {
  const kind = TAKES[name];
  throw new TypeError(`SellerChat: ${name} ${what}. It takes ${KINDS[kind]?.[0] ?? kind}.`);
}
