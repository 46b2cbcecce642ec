import type { ConversationView, Entry } from "../core";
import { timesIn } from "../timeline/times";
import { nameOf } from "./contacts";
import { CONSOLE_LANGUAGE } from "./english";
import { Avatar } from "./inbox";

/** What is known of the visitor. */
export function ContactDetails({ view }: { readonly view: ConversationView }) {
  const name = nameOf(view.contactId, view);
  const opened = view.items.find((item): item is Entry => item.kind === "opened");
  return (
    <aside class="details" aria-label="Visitor">
      <Avatar name={name} />
      <h2>{name}</h2>
      <dl>
        {Object.entries(view.userInfo ?? {}).map(([label, value]) => (
          <Detail key={label} label={label} value={typeof value === "string" ? value : JSON.stringify(value)} />
        ))}
        {opened && <Detail label="Started" value={startOf(opened)} />}
        <Detail label="Status" value={view.status} />
        <Detail label="Contact" value={view.contactId} />
      </dl>
    </aside>
  );
}

function Detail({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd dir="auto">{value}</dd>
    </div>
  );
}

function startOf({ timestamp }: Entry): string {
  const time = Date.parse(timestamp);
  const { day, clock } = timesIn(CONSOLE_LANGUAGE.tag);
  return `${day(time)}, ${clock(time)}`;
}
