import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { CHAT, Icon } from "../controls/icon";
import type { ChatProblem, SellerDesk, SellerSnapshot } from "../core";
import { hashOf, type Place, placeOf } from "./address";
import { createAlerts } from "./alerts/alerts";
import { browserAlerts, createBell } from "./alerts/browser";
import { createMemory } from "./alerts/memory";
import { Conversation } from "./conversation/conversation";
import type { Drafts } from "./conversation/drafts";
import { createEndings, type Endings, UNDO_MS } from "./endings";
import { callOf, nameOf, nextUnanswered, rowsOfInbox } from "./inbox/contacts";
import { Inbox } from "./inbox/inbox";
import { Renewal } from "./session/renewal";
import type { Session } from "./session/session";
import { createPreferenceStore, type Preferences } from "./settings/preferences";
import { TopBar } from "./settings/top-bar";
import { type Command, commandOf, ShortcutSheet } from "./shortcuts";
import { Toasts, useToasts } from "./toasts";
import { VisitorPanel } from "./visitor/visitor-panel";
import { sentenceFor } from "./words";

interface Props {
  readonly desk: SellerDesk;
  readonly session: Session;
  /** The seller has just signed in, and so is there; after a reload the server knows better. */
  readonly isFresh: boolean;
  readonly drafts: Drafts;
  readonly renew: (session: Session) => void;
  readonly signOut: (reason?: string) => void;
}

const REFUSED = "This token was not accepted: it has expired, or is not for this shop. Paste a new one.";

/** A signed-in seller's whole page. */
export function Desk({ desk, session, isFresh, drafts, renew, signOut }: Props) {
  const { sellerId } = session;
  const snapshot = useDesk(desk, isFresh);
  const [place, go] = usePlace();
  const { status, contactId: selected } = place;
  const [preferences, setPreferences] = usePreferences();
  const [areDetailsShown, showDetails] = useState(false);
  const [areShortcutsShown, showShortcuts] = useState(false);
  const { toasts, show, hide } = useToasts();
  const seen = useMemo(() => createMemory(`seller-console:seen:${sellerId}`), [sellerId]);
  const bell = useMemo(createBell, []);
  const alerts = useMemo(() => {
    const heard = createMemory(`seller-console:heard:${sellerId}`);
    const opened = (contactId: string) => go({ status: "open", contactId });
    return createAlerts(browserAlerts(bell, opened), heard, seen);
  }, [sellerId]);
  const endings = useEndings(desk, (contactId, problem) =>
    show({ id: contactId, text: `${name(contactId)}: ${sentenceFor(problem)}` }),
  );
  const hidden = endings.pending();
  const view = selected === undefined ? undefined : snapshot.conversations.get(selected);

  useEffect(() => alerts.follow(snapshot, preferences), [alerts, snapshot, preferences]);
  useEffect(() => {
    if (selected !== undefined) desk.read(selected);
    desk.setVisible(selected);
    showDetails(false);
  }, [desk, selected]);
  useEffect(() => {
    const call = view && callOf(view, seen);
    if (call && document.visibilityState === "visible") seen.note(view.contactId, call);
  });
  useEffect(() => keepThoseWhoWrite(), [snapshot]);
  const hasEnded = useSessionEnd(snapshot, signOut);

  function name(contactId: string): string {
    return nameOf(contactId, snapshot.conversations.get(contactId));
  }

  /** Opens the chat that needs the seller most, now that this one does not. */
  function leave(contactId: string): void {
    if (contactId !== selected) return;
    go({ status: "open", contactId: nextUnanswered(snapshot, contactId, { seen, hidden }) });
  }

  function end(contactId: string): void {
    endings.begin(contactId, newestOf(snapshot, contactId));
    show({
      id: contactId,
      text: `The chat with ${name(contactId)} ends.`,
      action: { label: "Undo", run: () => takeBack(contactId) },
    });
    setTimeout(() => hide(contactId), UNDO_MS);
    leave(contactId);
  }

  function takeBack(contactId: string): void {
    endings.undo(contactId);
    go({ status: "open", contactId });
  }

  /** Whoever writes while the end of the chat can still be taken back wants it to go on. */
  function keepThoseWhoWrite(): void {
    for (const contactId of endings.pending()) {
      if (newestOf(snapshot, contactId) <= endings.newest(contactId)) continue;
      endings.undo(contactId);
      show({ id: contactId, text: `${name(contactId)} has written again. The chat stays open.` });
    }
  }

  function handOver(contactId: string, to: string): void {
    desk.transfer(contactId, to).then(
      () => {
        drafts.set(contactId, "");
        show({ id: contactId, text: `${name(contactId)} was handed over to ${to}.` });
        leave(contactId);
      },
      (problem: ChatProblem) => show({ id: contactId, text: `Not handed over. ${sentenceFor(problem)}` }),
    );
  }

  function step(by: number): void {
    const rows = rowsOfInbox(snapshot, status, { sort: preferences.sort, seen, hidden });
    const at = rows.findIndex(({ contactId }) => contactId === selected);
    const next = rows[at + by] ?? rows[at < 0 ? 0 : at];
    if (next) go({ status, contactId: next.contactId });
  }

  function nextOne(): void {
    const contactId = nextUnanswered(snapshot, selected, { seen, hidden });
    if (contactId === undefined) show({ id: "next", text: "Nobody else waits for an answer." });
    else go({ status: "open", contactId });
  }

  const commands: Readonly<Record<Command, () => void>> = {
    next: nextOne,
    find: () => document.querySelector<HTMLElement>(".find input")?.focus(),
    up: () => step(-1),
    down: () => step(1),
    end: () => view && view.status !== "closed" && end(view.contactId),
    handOver: openHandOver,
    help: () => showShortcuts(true),
  };
  useKeys((event) => {
    const command = commandOf(event);
    if (command) {
      event.preventDefault();
      commands[command]();
    } else if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) {
      if (!leaveField(event.target as Element)) go({ status, contactId: undefined });
    }
  });

  return (
    <div class={`desk ${selected === undefined ? "" : "has-selection"} ${areDetailsShown ? "has-details" : ""}`}>
      <TopBar
        sellerId={sellerId}
        snapshot={snapshot}
        preferences={preferences}
        bell={bell}
        setPresence={desk.setPresence}
        setPreferences={setPreferences}
        showShortcuts={() => showShortcuts(true)}
        signOut={() => {
          endings.finish();
          desk.signOut();
        }}
      />
      <Inbox
        snapshot={snapshot}
        status={status}
        selected={selected}
        preferences={preferences}
        seen={seen}
        hidden={hidden}
        setStatus={(next) => go({ status: next, contactId: selected })}
        setPreferences={setPreferences}
        choose={(contactId) => go({ status, contactId })}
        read={desk.read}
        refresh={desk.refreshInbox}
        listOlder={desk.listOlderClosed}
      />
      {view && selected !== undefined ? (
        <Conversation
          key={selected}
          desk={desk}
          contactId={selected}
          view={view}
          name={name(selected)}
          sellerName={sellerId}
          preferences={preferences}
          drafts={drafts}
          areDetailsShown={areDetailsShown}
          sent={() => endings.undo(selected)}
          setPreferences={setPreferences}
          toggleDetails={() => showDetails(!areDetailsShown)}
          handOver={(to) => handOver(selected, to)}
          end={() => end(selected)}
          back={() => go({ status, contactId: undefined })}
        />
      ) : (
        <Nothing snapshot={snapshot} isGone={selected !== undefined} next={nextOne} />
      )}
      {view && <VisitorPanel view={view} close={() => showDetails(false)} />}
      <Toasts toasts={toasts} hide={hide} />
      {areShortcutsShown && <ShortcutSheet close={() => showShortcuts(false)} />}
      <Renewal session={session} hasEnded={hasEnded} renew={(next) => renewed(next)} signOut={() => signOut()} />
    </div>
  );

  function renewed(next: Session): void {
    renew(next);
    desk.open();
  }
}

interface NothingProps {
  readonly snapshot: SellerSnapshot;
  /** There is an address, and no conversation behind it. */
  readonly isGone: boolean;
  readonly next: () => void;
}

/** What stands in place of a conversation: how much there is to do. */
function Nothing({ snapshot, isGone, next }: NothingProps) {
  const open = rowsOfInbox(snapshot, "open");
  const unanswered = open.filter(({ waitsSince }) => waitsSince !== undefined).length;
  return (
    <main class="nothing">
      <Icon path={CHAT} />
      <p>{isGone ? "This chat is with somebody else now, or there is none." : "Choose a conversation."}</p>
      <dl class="figures">
        <Figure label="open" count={open.length} />
        <Figure label="without an answer" count={unanswered} />
        <Figure label="in the queue" count={snapshot.inbox.queued.length} />
      </dl>
      {unanswered > 0 && (
        <button type="button" class="primary" onClick={next}>
          Next unanswered
        </button>
      )}
    </main>
  );
}

function Figure({ label, count }: { readonly label: string; readonly count: number }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{count}</dd>
    </div>
  );
}

/** The desk's newest snapshot; it is open for as long as it is drawn. */
function useDesk(desk: SellerDesk, isFresh: boolean): SellerSnapshot {
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

function usePreferences(): [Preferences, (changes: Partial<Preferences>) => void] {
  const store = useMemo(() => createPreferenceStore(), []);
  const [preferences, set] = useState(store.get);
  useEffect(() => store.subscribe(() => set(store.get())), [store]);
  return [preferences, store.change];
}

/** Where the page's address says that the seller is: reload, the way back and links lead there. */
function usePlace(): [Place, (place: Place) => void] {
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

function useEndings(desk: SellerDesk, failed: (contactId: string, problem: ChatProblem) => void): Endings {
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

/** Whether a session that had begun has ended. One that never began leads back to the sign-in, and so does a sign-out. */
function useSessionEnd(snapshot: SellerSnapshot, signOut: Props["signOut"]): boolean {
  const wasOnline = useRef(false);
  const { connection, problem } = snapshot;
  if (connection === "online") wasOnline.current = true;
  const isOut = connection === "signed_out";
  useEffect(() => {
    if (isOut && !problem) signOut();
    else if (isOut && !wasOnline.current) signOut(REFUSED);
  }, [isOut, problem, signOut]);
  return isOut && problem !== undefined && wasOnline.current;
}

function useKeys(pressed: (event: KeyboardEvent) => void): void {
  const newest = useRef(pressed);
  newest.current = pressed;
  useEffect(() => {
    const listener = (event: KeyboardEvent) => newest.current(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}

/** From the field where one writes to the list; false if one was not writing. */
function leaveField(target: Element): boolean {
  if (!target.closest?.("input, textarea, select")) return false;
  (document.querySelector<HTMLElement>('.inbox .contact[tabindex="0"]') ?? (target as HTMLElement)).focus();
  if (document.activeElement === target) (target as HTMLElement).blur();
  return true;
}

function openHandOver(): void {
  const menu = document.querySelector<HTMLDetailsElement>(
    ".conversation .hand-over details, .conversation details.menu",
  );
  if (!menu) return;
  menu.open = true;
  menu.querySelector<HTMLElement>("input")?.focus();
}

/** The number of the newest message of the visitor. */
function newestOf({ conversations }: SellerSnapshot, contactId: string): number {
  const items = conversations.get(contactId)?.items ?? [];
  const message = items.findLast((item) => item.kind === "message" && item.from === `visitor-${contactId}`);
  return message?.kind === "message" ? message.seq : 0;
}
