import { useEffect, useMemo, useState } from "preact/hooks";
import { CHAT, Icon } from "../controls/icon";
import type { ContactStatus, SellerDesk, SellerSnapshot } from "../core";
import { browserAlerts, createAlerts } from "./alerts/alerts";
import { Conversation } from "./conversation/conversation";
import { nameOf } from "./inbox/contacts";
import { Inbox } from "./inbox/inbox";
import { loadPreferences, type Preferences, storePreferences } from "./settings/preferences";
import { TopBar } from "./settings/top-bar";
import { ContactDetails } from "./visitor/contact-details";

interface Props {
  readonly desk: SellerDesk;
  readonly sellerId: string;
  readonly signOut: (reason?: string) => void;
}

/** A signed-in seller's whole page. */
export function Desk({ desk, sellerId, signOut }: Props) {
  const snapshot = useDesk(desk);
  const [status, setStatus] = useState<ContactStatus>("open");
  const [selected, select] = useState<string>();
  const [preferences, setPreferences] = usePreferences();
  const alerts = useMemo(() => createAlerts(browserAlerts(select)), []);

  useEffect(() => alerts.follow(snapshot, preferences), [alerts, snapshot, preferences]);
  useEffect(() => desk.setVisible(selected), [desk, selected]);
  useEffect(() => {
    if (status === "closed") desk.refreshInbox("closed");
  }, [desk, status]);
  useEffect(() => {
    if (snapshot.connection === "signed_out") signOut(snapshot.problem && "Your session has ended. Sign in again.");
  }, [snapshot, signOut]);

  const choose = (contactId: string) => {
    desk.read(contactId);
    select(contactId);
  };
  const view = selected === undefined ? undefined : snapshot.conversations.get(selected);

  return (
    <div class={`desk ${selected === undefined ? "" : "has-selection"}`}>
      <TopBar
        sellerId={sellerId}
        snapshot={snapshot}
        preferences={preferences}
        setPresence={desk.setPresence}
        setPreferences={setPreferences}
        signOut={desk.signOut}
      />
      <Inbox
        snapshot={snapshot}
        status={status}
        selected={selected}
        setStatus={setStatus}
        choose={choose}
        listOlder={desk.listOlderClosed}
      />
      {selected === undefined ? (
        <main class="nothing">
          <Icon path={CHAT} />
          <p>Choose a conversation.</p>
        </main>
      ) : (
        <Conversation
          key={selected}
          desk={desk}
          contactId={selected}
          view={view}
          name={nameOf(selected, view)}
          preferences={preferences}
          setPreferences={setPreferences}
          back={() => select(undefined)}
        />
      )}
      {view && <ContactDetails view={view} />}
    </div>
  );
}

/** The desk's newest snapshot; it is open for as long as it is drawn. */
function useDesk(desk: SellerDesk): SellerSnapshot {
  const [snapshot, setSnapshot] = useState(desk.getSnapshot);
  useEffect(() => {
    const unsubscribe = desk.subscribe(() => setSnapshot(desk.getSnapshot()));
    desk.open();
    desk.setPresence("online");
    return () => {
      unsubscribe();
      desk.destroy();
    };
  }, [desk]);
  return snapshot;
}

function usePreferences(): [Preferences, (changes: Partial<Preferences>) => void] {
  const [preferences, setPreferences] = useState(loadPreferences);
  const change = (changes: Partial<Preferences>) => {
    const changed = { ...preferences, ...changes };
    storePreferences(changed);
    setPreferences(changed);
  };
  return [preferences, change];
}
