import { useEffect, useState } from "preact/hooks";
import { BELL_OFF, Icon, MORE } from "../../controls/icon";
import { Popover } from "../../controls/popover";
import type { ConnectionState, PresenceStatus, SellerSnapshot } from "../../core";
import type { Bell } from "../alerts/browser";
import { Avatar } from "../avatar";
import type { Density, Preferences } from "./preferences";

interface Props {
  readonly shopName: string;
  readonly sellerId: string;
  readonly sellerName: string;
  readonly snapshot: SellerSnapshot;
  readonly preferences: Preferences;
  readonly bell: Bell;
  readonly setPresence: (status: PresenceStatus) => void;
  readonly setPreferences: (changes: Partial<Preferences>) => void;
  readonly showShortcuts: () => void;
  readonly showBlocked: () => void;
  readonly signOut: () => void;
}

const CONNECTIONS: Readonly<Record<ConnectionState, string>> = {
  idle: "Not connected",
  connecting: "Connecting…",
  online: "Connected",
  reconnecting: "Connection lost. Reconnecting…",
  offline: "You are offline. What you write is sent when you are back.",
  signed_out: "Signed out",
};

const AVAILABILITY: readonly (readonly [PresenceStatus, string])[] = [
  ["online", "Available"],
  ["away", "Away"],
  ["offline", "Offline"],
];

export function TopBar(props: Props) {
  const { shopName, sellerId, sellerName, snapshot, preferences, bell, setPresence } = props;
  return (
    <header class="top">
      <h1 dir="auto" title={shopName}>
        {shopName}
      </h1>
      <p class={`connection ${snapshot.connection}`} role="status">
        {stateOf(snapshot)}
      </p>
      {preferences.sound && <SoundNeeded bell={bell} />}
      <label class={`availability ${snapshot.presence ?? "unknown"}`}>
        <span class="hidden">Availability</span>
        <select
          value={snapshot.presence ?? ""}
          onChange={({ currentTarget }) => setPresence(currentTarget.value as PresenceStatus)}
        >
          {snapshot.presence === undefined && (
            <option value="" disabled>
              …
            </option>
          )}
          {AVAILABILITY.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <span class="me" title={`Signed in as ${sellerName}`}>
        <Avatar name={sellerName} id={sellerId} />
      </span>
      <Settings {...props} />
    </header>
  );
}

/** Nothing while all is well; a problem that concerns no chat is told here. */
function stateOf({ connection, problem }: SellerSnapshot): string {
  if (connection !== "online") return CONNECTIONS[connection];
  if (problem?.code === "unknown_seller") return "You are not registered here and get no chats. Ask your shop.";
  return "";
}

/** After a reload browsers keep a page silent until somebody presses something in it. */
function SoundNeeded({ bell }: { readonly bell: Bell }) {
  const [isAllowed, setAllowed] = useState(bell.isAllowed);
  useEffect(() => {
    const look = () => setAllowed(bell.isAllowed());
    const stop = bell.listen(look);
    const allow = () => bell.allow();
    // Any press will do; the button only says that one is needed.
    for (const event of ["pointerdown", "keydown"]) window.addEventListener(event, allow, { once: true });
    look();
    return () => {
      stop();
      for (const event of ["pointerdown", "keydown"]) window.removeEventListener(event, allow);
    };
  }, [bell]);
  if (isAllowed) return null;
  return (
    <button type="button" class="secondary silent" onClick={bell.allow}>
      <Icon path={BELL_OFF} />
      Turn the sound on
    </button>
  );
}

function Settings({ sellerName, preferences, setPreferences, showShortcuts, showBlocked, signOut }: Props) {
  const [refusal, setRefusal] = useState<string>();
  const notify = async (wanted: boolean) => {
    const isAllowed = await allowNotifications(wanted);
    setRefusal(wanted && !isAllowed ? whyNoNotifications() : undefined);
    setPreferences({ notifications: isAllowed });
  };
  return (
    <Popover label="Settings" icon={MORE}>
      <p class="caption">Signed in as {sellerName}</p>
      <Switch label="Sound" isOn={preferences.sound} set={(sound) => setPreferences({ sound })} />
      <Switch
        label="Number in the title"
        isOn={preferences.titleBadge}
        set={(titleBadge) => setPreferences({ titleBadge })}
      />
      <Switch label="Desktop notifications" isOn={preferences.notifications} set={notify} />
      {refusal && (
        <p class="problem caption" role="alert">
          {refusal}
        </p>
      )}
      <Switch
        label="Compact list"
        isOn={preferences.density === "compact"}
        set={(isCompact) => setPreferences({ density: (isCompact ? "compact" : "comfortable") satisfies Density })}
      />
      <button type="button" onClick={showShortcuts}>
        Keyboard shortcuts
      </button>
      <button type="button" onClick={showBlocked}>
        Blocked visitors
      </button>
      <button type="button" onClick={signOut}>
        Sign out
      </button>
    </Popover>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly set: (isOn: boolean) => void;
}

function Switch({ label, isOn, set }: SwitchProps) {
  return (
    <label class="switch">
      <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => set(currentTarget.checked)} />
      {label}
    </label>
  );
}

/** Browsers ask for notifications only when a person wants them. */
async function allowNotifications(wanted: boolean): Promise<boolean> {
  if (!wanted || !("Notification" in window)) return false;
  return (await Notification.requestPermission()) === "granted";
}

function whyNoNotifications(): string {
  if (!("Notification" in window)) return "This browser has no notifications.";
  return Notification.permission === "denied"
    ? "Your browser forbids them for this page. Allow them at the lock or the bell beside the address."
    : "Your browser was not allowed to show them. Switch them on again and choose “Allow”.";
}
