import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { SellerDesk } from "../core";
import { createAlerts } from "./alerts/alerts";
import { browserAlerts, createBell } from "./alerts/browser";
import { createClaims } from "./alerts/claims";
import { createMemory } from "./alerts/memory";
import { Conversation } from "./conversation/conversation";
import type { Drafts } from "./conversation/drafts";
import { useDesk, useEndings, usePlace, usePreferences, useSessionEnd, useSnooze } from "./desk-state";
import { callOf, lineOf, nameOf, tagsOf } from "./inbox/contacts";
import { Inbox } from "./inbox/inbox";
import { leaveField, openHandOver, openSnooze, useKeys } from "./keys";
import { movesFrom } from "./moves";
import { Nothing } from "./nothing";
import { Renewal } from "./session/renewal";
import type { Session } from "./session/session";
import { TopBar } from "./settings/top-bar";
import { commandOf, type ShortcutAction, ShortcutSheet } from "./shortcuts";
import { Toasts, useToasts } from "./toasts";
import { BlockSheet } from "./visitor/block-sheet";
import { BlockedSheet } from "./visitor/blocked-sheet";
import { EarlierChats } from "./visitor/earlier";
import { VisitorPanel } from "./visitor/visitor-panel";
import { sentenceFor } from "./words";

interface Props {
  readonly shopName: string;
  readonly desk: SellerDesk;
  readonly session: Session;
  /** The seller has just signed in, and so is there; after a reload the server knows better. */
  readonly isFresh: boolean;
  readonly drafts: Drafts;
  readonly renew: (session: Session) => void;
  readonly signOut: (reason?: string) => void;
}

/** A signed-in seller's whole page. */
export function Desk({ shopName, desk, session, isFresh, drafts, renew, signOut }: Props) {
  const { sellerId } = session;
  const snapshot = useDesk(desk, isFresh);
  const [place, go] = usePlace();
  const { status, contactId: selected } = place;
  const [preferences, setPreferences] = usePreferences();
  const [areDetailsShown, showDetails] = useState(false);
  const [sheet, open] = useState<"shortcuts" | "block" | "blocked">();
  const { toasts, show, hide } = useToasts();
  const seen = useMemo(() => createMemory(`seller-console:seen:${sellerId}`), [sellerId]);
  const bell = useMemo(createBell, []);
  const alerts = useMemo(() => {
    const opened = (contactId: string) => go({ status: "open", contactId });
    return createAlerts(browserAlerts(bell, opened), createClaims(sellerId), seen);
  }, [sellerId]);
  const endings = useEndings(desk, (contactId, problem) =>
    show({ id: contactId, text: `${name(contactId)}: ${sentenceFor(problem)}` }),
  );
  const hidden = endings.pending();
  const view = selected === undefined ? undefined : snapshot.conversations.get(selected);

  const awayUntil = useSnooze(desk, snapshot, selected, seen);
  useEffect(() => alerts.follow(snapshot, preferences), [alerts, snapshot, preferences]);
  useEffect(() => {
    if (selected !== undefined) {
      desk.read(selected);
      desk.notes.read(selected);
      if (!snapshot.tags.has(selected)) desk.tagging.read(selected);
    }
    desk.setVisible(selected);
    showDetails(false);
  }, [desk, selected]);
  useEffect(() => {
    const call = view && callOf(view, seen);
    if (call && document.visibilityState === "visible") seen.note(view.contactId, call);
  });
  useTeam(desk, snapshot.connection === "online");
  const isLeaving = useRef(false);
  const hasEnded = useSessionEnd(snapshot, isLeaving, signOut);

  const own = snapshot.team.find(({ seller_id }) => seller_id === sellerId);

  function name(contactId: string): string {
    return nameOf(contactId, snapshot.conversations.get(contactId), lineOf(snapshot, contactId));
  }

  const moves = movesFrom({ desk, snapshot, place, preferences, seen, endings, drafts, go, show });
  useEffect(moves.keepThoseWhoWrite, [snapshot]);
  const commands: Readonly<Record<ShortcutAction, () => void>> = {
    next: moves.next,
    find: () => document.querySelector<HTMLElement>(".find input")?.focus(),
    up: () => moves.step(-1),
    down: () => moves.step(1),
    end: () => view?.status === "open" && moves.end(view.contactId),
    handOver: openHandOver,
    snooze: openSnooze,
    take: () => view?.status === "queued" && moves.take(view.contactId),
    help: () => open("shortcuts"),
  };
  useKeys((event) => {
    const command = commandOf(event);
    if (command) {
      event.preventDefault();
      commands[command]();
    } else if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) {
      if (areDetailsShown) showDetails(false);
      else if (!leaveField(event.target as Element)) go({ status, contactId: undefined });
    }
  });

  return (
    <div class={`desk ${selected === undefined ? "" : "has-selection"} ${areDetailsShown ? "has-details" : ""}`}>
      <TopBar
        shopName={shopName}
        sellerId={sellerId}
        sellerName={own?.name ?? sellerId}
        snapshot={snapshot}
        preferences={preferences}
        bell={bell}
        setPresence={desk.setPresence}
        setPreferences={setPreferences}
        showShortcuts={() => open("shortcuts")}
        showBlocked={() => open("blocked")}
        signOut={() => {
          endings.finish();
          isLeaving.current = true;
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
        chooseFound={(found) => go({ status: found.status, contactId: found.contact_id })}
        searching={desk.searching}
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
          isNobodys={snapshot.inbox.closed.some((each) => each.contact_id === selected && each.seller_id === null)}
          name={name(selected)}
          sellerName={own?.name ?? sellerId}
          preferences={preferences}
          sharedReplies={snapshot.sharedReplies}
          sharing={moves.sharing}
          drafts={drafts}
          areDetailsShown={areDetailsShown}
          sent={() => endings.undo(selected)}
          setPreferences={setPreferences}
          toggleDetails={() => showDetails(!areDetailsShown)}
          team={snapshot.team}
          teams={snapshot.teams}
          handOver={(to, note) => moves.handOver(selected, to, note)}
          notes={snapshot.notes.get(selected) ?? []}
          tags={snapshot.tags.get(selected) ?? []}
          knownTags={tagsOf(snapshot)}
          addTag={(tag) => moves.addTag(selected, tag)}
          removeTag={(tag) => moves.removeTag(selected, tag)}
          awayUntil={awayUntil}
          snooze={(until) => moves.snooze(selected, until)}
          fetchBack={() => moves.fetchBack(selected)}
          writeNote={(text) => moves.note(selected, text)}
          take={() => moves.take(selected)}
          end={() => moves.end(selected)}
          block={() => open("block")}
          back={() => go({ status, contactId: undefined })}
        />
      ) : (
        <Nothing snapshot={snapshot} isGone={selected !== undefined} next={moves.next} />
      )}
      {view && (
        <VisitorPanel view={view} close={() => showDetails(false)}>
          <EarlierChats key={view.contactId} reading={desk.earlier} snapshot={snapshot} view={view} />
        </VisitorPanel>
      )}
      <Toasts toasts={toasts} hide={hide} />
      {sheet === "shortcuts" && <ShortcutSheet close={() => open(undefined)} />}
      {sheet === "blocked" && (
        <BlockedSheet
          snapshot={snapshot}
          refresh={desk.blocking.refresh}
          unblock={moves.unblock}
          close={() => open(undefined)}
        />
      )}
      {sheet === "block" && selected !== undefined && (
        <BlockSheet
          name={name(selected)}
          block={(minutes, reason) => moves.block(selected, minutes, reason)}
          close={() => open(undefined)}
        />
      )}
      <Renewal session={session} hasEnded={hasEnded} renew={(next) => renewed(next)} signOut={() => signOut()} />
    </div>
  );

  function renewed(next: Session): void {
    renew(next);
    desk.open();
  }
}

/** Who is in the team is asked for whenever the connection comes. */
function useTeam(desk: SellerDesk, isOnline: boolean): void {
  useEffect(() => {
    if (isOnline) desk.refreshTeam();
  }, [desk, isOnline]);
}
