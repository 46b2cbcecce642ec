import type { UserInfo } from "../core/protocol";

/** One input of the details form; its value goes into `userInfo` under `name`. */
export interface DetailField {
  readonly name: string;
  /** Shown above the input; for `name` and `email` the widget's own words by default. */
  readonly label?: string;
  readonly type?: "text" | "email" | "tel" | "textarea";
  readonly required?: boolean;
}

/** A line under the details form, with a link to the shop's policy and, if the visitor must tick it, a box. */
export interface Consent {
  readonly text: string;
  /** http or https. */
  readonly url?: string;
  readonly required?: boolean;
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
  /** The details form; name and email by default. An empty list asks for nothing. */
  readonly fields?: readonly DetailField[];
  readonly consent?: Consent;
  /** What the shop knows of the visitor already; fills the form. */
  readonly userInfo?: UserInfo;
  /**
   * A token of the shop's back end for this visitor, where the system lets in nobody without one. Asked before every
   * connection and every REST call; if it rejects, the widget tries again later.
   */
  readonly visitorToken?: () => string | Promise<string>;
  /** A BCP 47 tag; by default the page's, then the browser's. */
  readonly language?: string;
  /** By default what the visitor's device prefers. */
  readonly theme?: "light" | "dark" | "auto";
  /** Start without the bubble; `show` brings it. */
  readonly hidden?: boolean;
}

export const DEFAULT_FIELDS: readonly DetailField[] = [
  { name: "name", required: true },
  { name: "email", type: "email" },
];

/**
 * The options, checked: a shop's developer learns of a mistake at once, and not from a visitor.
 * @throws {TypeError} that says what to write instead.
 */
export function checkOptions(options: Partial<BootOptions> | undefined): BootOptions {
  const { sellerId, apiUrl, restUrl, fields, consent, visitorToken } = options ?? {};
  if (!sellerId) fail("sellerId is missing.");
  if (!hasScheme(apiUrl, ["ws:", "wss:"])) fail("apiUrl must be wss://HOST/STAGE.");
  if (restUrl && !hasScheme(restUrl, ["http:", "https:"])) fail("restUrl must be https://HOST.");
  if (consent?.url && !hasScheme(consent.url, ["http:", "https:"])) fail("consent.url must be https://….");
  if (visitorToken && typeof visitorToken !== "function") fail("visitorToken must be a function.");
  if (fields?.some(({ name }) => !name)) fail("each of fields needs a name.");
  return options as BootOptions;
}

/** The options of `<script data-seller-id="…" data-api-url="…">`; undefined for a script tag without them. */
export function optionsOf({ dataset }: HTMLOrSVGElement): Partial<BootOptions> | undefined {
  return dataset.sellerId === undefined ? undefined : { ...(dataset as Partial<BootOptions>) };
}

function hasScheme(address: string | undefined, schemes: readonly string[]): boolean {
  return address !== undefined && URL.canParse(address) && schemes.includes(new URL(address).protocol);
}

function fail(reason: string): never {
  throw new TypeError(`SellerChat: ${reason}`);
}
