import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ChatProblem, SellerDesk, SellerSnapshot } from "../core";
import { hashOf, type Place, placeOf } from "./address";
import { backKey } from "./alerts/alerts";
import type { Memory } from "./alerts/memory";
import { createEndings, type Endings } from "./endings";
import { createPreferenceStore, type Preferences } from "./settings/preferences";

const REFUSED = "This token was not accepted: it has expired, or is not for this shop. Paste a new one.";

const LEFT_ELSEWHERE = "You signed out in another tab.";

/** The desk's newest snapshot; it is open for as long as it is drawn. */
export function useDesk(desk: SellerDesk, isFresh: boolean): SellerSnapshot {
  const [snapshot, setSnapshot] = useState(desk.getSnapshot);
  useEffect(() => {
    const unsubscribe = desk.subscribe(() => setSnapshot(desk.getSnapshot()));
    desk.open();
    if (isFresh) desk.setPresence("online");
    return () => {
      unsubscribe();
      desk.destroy();
    };
  }, [desk]);
  return snapshot;
}

export function usePreferences(): [Preferences, (changes: Partial<Preferences>) => void] {
  const store = useMemo(() => createPreferenceStore(), []);
  const [preferences, set] = useState(store.get);
  useEffect(() => store.subscribe(() => set(store.get())), [store]);
  return [preferences, store.change];
}

/** Where the page's address says that the seller is: reload, the way back and links lead there. */
export function usePlace(): [Place, (place: Place) => void] {
  const [place, set] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const changed = () => set(placeOf(location.hash));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  const go = (next: Place) => {
    if (hashOf(next) !== hashOf(placeOf(location.hash))) location.hash = hashOf(next);
    set(next);
  };
  return [place, go];
}

export function useEndings(desk: SellerDesk, failed: (contactId: string, problem: ChatProblem) => void): Endings {
  const [, setCount] = useState(0);
  const tell = useRef(failed);
  tell.current = failed;
  const endings = useMemo(
    () =>
      createEndings(
        (contactId) => void desk.close(contactId).catch((problem: ChatProblem) => tell.current(contactId, problem)),
        () => setCount((count) => count + 1),
      ),
    [desk],
  );
  useEffect(() => {
    window.addEventListener("pagehide", endings.finish);
    return () => window.removeEventListener("pagehide", endings.finish);
  }, [endings]);
  return endings;
}

/**
 * Whether a session that had begun has ended. One that never began leads back to the sign-in, and so does a sign-out: `isLeaving`
 * where the seller asked for it in this tab.
 */
export function useSessionEnd(
  snapshot: SellerSnapshot,
  isLeaving: { readonly current: boolean },
  signOut: (reason?: string) => void,
): boolean {
  const wasOnline = useRef(false);
  const { connection, problem } = snapshot;
  if (connection === "online") wasOnline.current = true;
  const isOut = connection === "signed_out";
  useEffect(() => {
    if (isOut && !problem) {
      if (isLeaving.current) signOut();
      else signOut(LEFT_ELSEWHERE);
    }
    if (isOut && problem && !wasOnline.current) signOut(REFUSED);
  }, [isOut, problem, signOut]);
  return isOut && problem !== undefined && wasOnline.current;
}

/**
 * Until when the chat on screen is away, if it is. One that is back, and on screen, was looked at: it calls for nobody,
 * here and on the seller's other devices.
 */
export function useSnooze(
  desk: SellerDesk,
  { snoozes, connection }: SellerSnapshot,
  selected: string | undefined,
  seen: Memory,
): number | undefined {
  const snooze = snoozes.get(selected ?? "");
  const looked = snooze?.isBack && document.visibilityState === "visible" ? snooze.until : undefined;
  useEffect(() => {
    if (selected === undefined || looked === undefined) return;
    seen.note(backKey(selected), looked);
    // If nobody hears it, the next connection tells, or it is back once more at the next sign-in.
    if (connection === "online") desk.snoozing.fetchBack(selected).catch(() => {});
  }, [desk, selected, looked, connection]);
  return snooze?.isBack ? undefined : snooze?.until;
}
