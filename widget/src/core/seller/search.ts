import type { Searching, SearchView } from "../api";
import type { Link } from "../connection/link";
import { createQuestion } from "../connection/question";
import type { Ports } from "../ports";
import type { Found, SearchFound, ServerFrame } from "../protocol";

/** What the server takes for a search. */
const SHORTEST = 2;
const LONGEST = 100;
/** Asked on by itself until so many are found. */
const WANTED = 10;
/** How many requests in a row a search makes by itself at most. */
const IN_A_ROW = 10;

/** A search in the seller's own contacts, as far as it has come. */
export interface Search extends Searching {
  view(): SearchView | undefined;
  /** Whether the frame is for this. */
  receive(frame: ServerFrame): boolean;
  /** There is a new connection. */
  up(): void;
  stop(): void;
}

export function createSearch(ports: Ports, link: Link): Search {
  let view: SearchView | undefined;
  let next: string | undefined;
  let asked = 0;
  let wanted = 0;
  const question = createQuestion(
    ports,
    link,
    () => view && { action: "search", query: view.query, ...(next && { after: next }) },
  );

  function ask(): void {
    asked += 1;
    question.ask();
  }

  function goOn(): void {
    if (!view) return;
    asked = 0;
    wanted = view.found.length + WANTED;
    view = { ...view, isUnderWay: true, failure: undefined };
    ask();
  }

  function answered({ query, found, searched_to, next: following }: SearchFound): void {
    // An answer to what is not looked for any more.
    if (!view || query !== view.query || !view.isUnderWay) return;
    question.answered();
    next = following;
    view = {
      ...view,
      found: merged(view.found, found),
      searchedTo: searched_to ?? view.searchedTo,
      hasMore: next !== undefined,
    };
    if (next && view.found.length < wanted && asked < IN_A_ROW) ask();
    else view = { ...view, isUnderWay: false };
  }

  return {
    view: () => view,
    find: (text) => {
      const query = [...text.trim().replace(/\s+/gu, " ")].slice(0, LONGEST).join("").trim();
      if (query === view?.query) return;
      question.stop();
      next = undefined;
      view =
        query.length < SHORTEST
          ? undefined
          : { query, found: [], isUnderWay: true, hasMore: false, searchedTo: undefined, failure: undefined };
      goOn();
    },
    more: () => {
      if (view?.hasMore && !view.isUnderWay) goOn();
    },
    receive: (frame) => {
      if (frame.action === "search") answered(frame);
      else if (frame.action !== "error" || frame.of !== "search") return false;
      else if (!question.refused(frame) && view) view = { ...view, isUnderWay: false, failure: frame.code };
      return true;
    },
    up: () => {
      if (view?.isUnderWay) question.ask();
    },
    stop: question.stop,
  };
}

/** A long contact is read over several answers, and found once: the last entry is the newest. */
function merged(before: readonly Found[], page: readonly Found[]): readonly Found[] {
  return [...new Map([...before, ...page].map((found) => [found.contact_id, found])).values()];
}
