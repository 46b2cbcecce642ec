import type { Cancel, Clock, UserInfo, VisitorChat } from "../core";
import type { BootOptions } from "./settings";

/** Where the visitor is, as their browser tells it. */
export interface Surroundings {
  /** The page's address, without what follows a `#`. */
  page(): string;
  /** The page they came from, and what they sit at. */
  device(): UserInfo;
}

/** What the shop and its page tell of a visitor: with the start of a chat, and while it goes on. */
export interface Introducing {
  /** What goes along with the start, besides what the visitor says; theirs goes first where there is not room for all. */
  start(said: UserInfo): UserInfo;
  /** The same for another chat after this one, for which nothing is asked. */
  again(): UserInfo;
  /** Tell the seller of what has changed since. */
  follow(): void;
}

const LOOK_EVERY_MS = 1_000;
/** As many bytes as the server takes. */
const LONGEST = 2_000;
/** Kept with what the visitor writes: a page that says the same on every visit tells it once. */
const TOLD = "told";

export function createIntroducing(
  clock: Clock,
  around: Surroundings,
  now: () => { readonly chat: VisitorChat; readonly options: BootOptions },
): Introducing {
  let cancel: Cancel = () => {};
  /** By this tab: another one may show another page. */
  let told: string | undefined;

  function known({ userInfo, pages }: BootOptions): UserInfo {
    return { ...(pages === "all" && { page: around.page() }), ...userInfo };
  }

  function follow(): void {
    const { chat, options } = now();
    const { conversation } = chat.getSnapshot();
    cancel();
    if (!conversation?.loaded || conversation.status === "closed") return;
    if (options.pages === "all") cancel = clock.after(LOOK_EVERY_MS, follow);
    const info = known(options);
    const before = told ?? chat.draft(TOLD);
    told = JSON.stringify(info);
    if (told === before) return;
    chat.keepDraft(TOLD, told);
    const news = Object.entries(info).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(conversation.userInfo?.[name]),
    );
    if (!news.length) return;
    chat.identify(Object.fromEntries(news)).catch(({ code }) => {
      // What is refused would be refused again.
      if (code !== "unanswered") return;
      told = before;
      chat.keepDraft(TOLD, before);
    });
  }

  function start(said: UserInfo): UserInfo {
    const { chat, options } = now();
    const info = known(options);
    told = JSON.stringify(info);
    chat.keepDraft(TOLD, told);
    const place = options.pages === "none" ? {} : { page: around.page(), ...around.device() };
    const all = [
      { ...place, ...info, ...said },
      { ...info, ...said },
    ];
    return all.find((each) => new Blob([JSON.stringify(each)]).size < LONGEST) ?? said;
  }

  return {
    start,
    again: () => {
      // They are somewhere else by now.
      const { page, referrer, ...said } = now().chat.getSnapshot().conversation?.userInfo ?? {};
      return start(said);
    },
    follow,
  };
}
