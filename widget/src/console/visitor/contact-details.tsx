import type { ConversationView, Entry } from "../../core";
import { timesIn } from "../../timeline/times";
import { CONSOLE_LANGUAGE } from "../english";
import { nameOf } from "../inbox/contacts";
import { Avatar } from "../inbox/inbox";

/** What is known of the visitor. */
export function ContactDetails({ view }: { readonly view: ConversationView }) {
  const name = nameOf(view.contactId, view);
  const opened = view.items.find((item): item is Entry => item.kind === "opened");
  return (
    <aside class="details" aria-label="Visitor">
      <Avatar name={name} />
      <h2 dir="auto">{name}</h2>
      <dl>
        {Object.entries(view.userInfo ?? {}).map(([label, value]) => (
          <Detail key={label} label={label} value={typeof value === "string" ? value : JSON.stringify(value)} />
        ))}
        {opened && <Detail label="Started" value={startOf(opened)} isOurs />}
        <Detail label="Status" value={view.status} isOurs />
        <Detail label="Contact" value={view.contactId} />
      </dl>
    </aside>
  );
}

interface DetailProps {
  readonly label: string;
  readonly value: string;
  /** Said by the console itself, and not by the visitor. */
  readonly isOurs?: boolean;
}

function Detail({ label, value, isOurs = false }: DetailProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd class={isOurs ? "ours" : ""} dir="auto">
        {value}
      </dd>
    </div>
  );
}

function startOf({ timestamp }: Entry): string {
  const time = Date.parse(timestamp);
  const { day, clock } = timesIn(CONSOLE_LANGUAGE.tag);
  return `${day(time)}, ${clock(time)}`;
}
