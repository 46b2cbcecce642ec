import { Sheet } from "../controls/sheet";

export type ShortcutAction = "next" | "find" | "up" | "down" | "end" | "handOver" | "snooze" | "take" | "help";

interface Shortcut {
  readonly command: ShortcutAction;
  /** As `KeyboardEvent.key` says it. */
  readonly key: string;
  readonly withAlt: boolean;
  readonly shown: string;
  readonly label: string;
}

/** Single keys work outside of fields; those with Alt also while one writes. */
export const SHORTCUTS: readonly Shortcut[] = [
  { command: "next", key: "n", withAlt: true, shown: "Alt N", label: "Next visitor who waits for an answer" },
  { command: "down", key: "arrowdown", withAlt: true, shown: "Alt ↓", label: "Next chat in the list" },
  { command: "up", key: "arrowup", withAlt: true, shown: "Alt ↑", label: "Previous chat in the list" },
  { command: "end", key: "e", withAlt: true, shown: "Alt E", label: "End the chat (can be undone for 5 seconds)" },
  { command: "handOver", key: "h", withAlt: true, shown: "Alt H", label: "Hand the chat over" },
  { command: "snooze", key: "z", withAlt: true, shown: "Alt Z", label: "Snooze the chat until a time" },
  { command: "take", key: "t", withAlt: true, shown: "Alt T", label: "Take the chat out of the queue" },
  { command: "find", key: "/", withAlt: false, shown: "/", label: "Search in your chats" },
  { command: "next", key: "n", withAlt: false, shown: "N", label: "Next visitor who waits for an answer" },
  { command: "help", key: "?", withAlt: false, shown: "?", label: "This sheet" },
];

/** The command that a key stands for; undefined where it is a person's text. */
export function commandOf(event: KeyboardEvent): ShortcutAction | undefined {
  if (event.ctrlKey || event.metaKey || event.isComposing) return undefined;
  const isWriting = (event.target as Element | null)?.closest?.("input, textarea, select, [contenteditable]");
  if (!event.altKey && isWriting) return undefined;
  // With Alt some keyboards give another letter; the place of the key says which was meant.
  const keys = [event.key.toLowerCase(), event.altKey ? event.code.replace("Key", "").toLowerCase() : ""];
  return SHORTCUTS.find(({ key, withAlt }) => withAlt === event.altKey && keys.includes(key))?.command;
}

export function ShortcutSheet({ close }: { readonly close: () => void }) {
  return (
    <Sheet label="Keyboard shortcuts" closed={close}>
      <dl>
        {SHORTCUTS.map(({ shown, label }) => (
          <div key={shown}>
            <dt>
              <kbd>{shown}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>Close what is known of the visitor; from the field to the list; from the list, close the chat</dd>
        </div>
      </dl>
    </Sheet>
  );
}
