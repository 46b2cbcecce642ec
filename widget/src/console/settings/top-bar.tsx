import { MORE } from "../../controls/icon";
import { Popover } from "../../controls/popover";
import type { ConnectionState, PresenceStatus, SellerSnapshot } from "../../core";
import type { Preferences } from "./preferences";

interface Props {
  readonly sellerId: string;
  readonly snapshot: SellerSnapshot;
  readonly preferences: Preferences;
  readonly setPresence: (status: PresenceStatus) => void;
  readonly setPreferences: (changes: Partial<Preferences>) => void;
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

export function TopBar({ sellerId, snapshot, preferences, setPresence, setPreferences, signOut }: Props) {
  const presence = snapshot.presence ?? "offline";
  return (
    <header class="top">
      <h1>Seller Chat</h1>
      <p class={`connection ${snapshot.connection}`} role="status">
        {snapshot.connection === "online" ? "" : CONNECTIONS[snapshot.connection]}
      </p>
      <label class={`availability ${presence}`}>
        <span class="hidden">Availability</span>
        <select value={presence} onChange={({ currentTarget }) => setPresence(currentTarget.value as PresenceStatus)}>
          {AVAILABILITY.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <Popover label="Settings" icon={MORE}>
        <p class="caption">Signed in as {sellerId}</p>
        <Switch label="Sound" isOn={preferences.sound} set={(sound) => setPreferences({ sound })} />
        <Switch
          label="Number in the title"
          isOn={preferences.titleBadge}
          set={(titleBadge) => setPreferences({ titleBadge })}
        />
        <Switch
          label="Desktop notifications"
          isOn={preferences.notifications}
          set={(wanted) => allowNotifications(wanted).then((notifications) => setPreferences({ notifications }))}
        />
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </Popover>
    </header>
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
