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
  /** Told to who waits while nobody is there, e.g. "We are back on Monday at 9." */
  readonly awayUntil?: string;
}

/** Another way to reach the shop, told while the chat cannot be reached. */
export interface OtherWay {
  readonly email?: string;
  readonly phone?: string;
}

/** What `SellerChat('boot', …)` takes. */
export interface BootOptions {
  readonly sellerId: string;
  /** The system's own host, e.g. chat.shop.example: in the place of both addresses, which are at `ws.` and `rest.` below it. */
  readonly host?: string;
  /** The WebSocket API, where there is no `host`: wss://HOST/STAGE */
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
  readonly userInfo?: UserInfo | undefined;
  /**
   * A token of the shop's back end for this visitor, where the system lets in nobody without one. Asked before every
   * connection and every REST call; if it rejects, the widget tries again later.
   */
  readonly visitorToken?: () => string | Promise<string>;
  /**
   * Which of the shop's pages sellers are told, with referrer, language and device: `first` the one on which a chat starts (the
   * default), `all` each one after it, too, `none` nothing.
   */
  readonly pages?: "none" | "first" | "all";
  /** A BCP 47 tag; by default the page's, then the browser's. */
  readonly language?: string;
  /** Where the files lie that are loaded on demand, with a slash at its end; by default beside the script. */
  readonly filesUrl?: string;
  /** By default as the page (its `color-scheme`). */
  readonly theme?: "light" | "dark" | "auto";
  /** On which side of the window; by default where lines end. */
  readonly side?: "left" | "right";
  /** `bubble` is the widget's own (the default), `none` leaves it to the commands, anything else is a CSS selector of the page's own. */
  readonly launcher?: string;
  /** A short sound for a message that the visitor does not see; `true` by default. */
  readonly sound?: boolean;
  /** Whether the system is told, in a few numbers without a name, what a visitor felt of a chat in trouble; `true` by default. */
  readonly reports?: boolean;
  /** Start without the bubble; `show` brings it. */
  readonly hidden?: boolean;
}

export const DEFAULT_FIELDS: readonly DetailField[] = [
  { name: "name", required: true },
  { name: "email", type: "email" },
];
