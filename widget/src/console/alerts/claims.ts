import { createStore, update } from "idb-keyval";
import { furtherThan, isNoted, type Noted, toKeep } from "./memory";

/** What a seller is called for, once on each device: in one of its tabs, and not again after a reload. */
export interface Claims {
  /** Calls `act` with those of `news` that no tab has claimed, if there are any. */
  claim<News extends Noted>(news: readonly News[], act: (news: readonly News[]) => void): void;
}

/**
 * Tabs may be processes of their own. What one has written to localStorage reaches the others some time later, also when they wait for
 * each other by a lock; a transaction of IndexedDB is one after the other for all of them.
 */
export function createClaims(key: string): Claims {
  const store = createStore("seller-console", "claims");

  async function claimed<News extends Noted>(news: readonly News[]): Promise<readonly News[]> {
    let own: readonly News[] = [];
    await update<unknown>(
      key,
      (stored) => {
        const noted = new Map(Array.isArray(stored) ? stored.filter(isNoted) : []);
        own = news.filter(furtherThan(noted));
        return toKeep(noted);
      },
      store,
    );
    return own;
  }

  return {
    claim: (news, act) => {
      // Where nothing may be stored every tab calls: twice is better than never.
      void claimed(news)
        .catch(() => news)
        .then((own) => own.length > 0 && act(own));
    },
  };
}
