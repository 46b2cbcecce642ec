import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ConversationView, Entry } from "../../core";
import { timesIn } from "../../timeline/times";
import { Avatar } from "../avatar";
import { CONSOLE_LANGUAGE } from "../english";
import { nameOf } from "../inbox/contacts";
import { seen } from "../inbox/names";
import { type Cell, type Fact, factsOf } from "./facts";

interface Props {
  readonly view: ConversationView;
  readonly close: () => void;
  /** What is known of them beside this chat. */
  readonly children?: ComponentChildren;
}

const STATUSES = { open: "Open", queued: "Waits for a seller", closed: "Ended" } as const;

/** Who the visitor is, by their own account, and apart from it what is known of the contact. */
export function VisitorPanel({ view, close, children }: Props) {
  const name = nameOf(view.contactId, view);
  const opened = view.items.find((item): item is Entry => item.kind === "opened");
  const facts = factsOf(view.userInfo ?? {});
  const timeZone = view.userInfo?.time_zone ?? view.userInfo?.timeZone;
  return (
    <aside class="details" aria-label="Visitor">
      <button type="button" class="quiet close" aria-label="Close what is known of the visitor" onClick={close}>
        ×
      </button>
      <Avatar name={name} id={view.contactId} />
      <h2 dir="auto">{name}</h2>
      {(facts.length > 0 || typeof timeZone === "string") && (
        <>
          <p class="caption">As the visitor says</p>
          <dl aria-label="As the visitor says">
            {facts.map((fact) => (
              <FactView key={fact.label} fact={fact} />
            ))}
            {typeof timeZone === "string" && <Plain label="Local time" value={clockIn(timeZone)} />}
          </dl>
        </>
      )}
      <p class="caption">As the chat knows</p>
      <dl aria-label="As the chat knows">
        {opened && <Plain label="Started" value={momentOf(opened)} />}
        <Plain label="Status" value={STATUSES[view.status]} />
      </dl>
      {children}
      <details class="technical">
        <summary>For support</summary>
        <p>
          Contact <code>{view.contactId}</code> <Copy label="the contact's id" text={view.contactId} />
        </p>
      </details>
    </aside>
  );
}

function FactView({ fact }: { readonly fact: Fact }) {
  if (fact.kind === "rows") {
    return (
      <div>
        <dt>{fact.label}</dt>
        {fact.rows.map((cells, place) => (
          <dd key={place} class="card">
            {cells.map(([label, value]) => (
              <Row key={label} cell={[label, value]} />
            ))}
          </dd>
        ))}
      </div>
    );
  }
  return (
    <div>
      <dt>{fact.label}</dt>
      <dd dir="auto">
        <Value fact={fact} />
      </dd>
    </div>
  );
}

function Row({ cell: [label, value] }: { readonly cell: Cell }) {
  return (
    <p dir="auto">
      {label && <span class="key">{label} </span>}
      {value}
    </p>
  );
}

function Value({ fact }: { readonly fact: Exclude<Fact, { kind: "rows" }> }) {
  const { kind, value } = fact;
  switch (kind) {
    case "email":
      return (
        <>
          <a href={`mailto:${encodeURIComponent(value).replace("%40", "@")}`}>{value}</a>{" "}
          <Copy label={value} text={value} />
        </>
      );
    case "phone":
      return <a href={`tel:${value.replace(/[^\d+]/g, "")}`}>{value}</a>;
    case "link":
      return (
        <a href={value} target="_blank" rel="noopener noreferrer nofollow ugc">
          {value.replace(/^https?:\/\//i, "")}
        </a>
      );
    default:
      return <>{value}</>;
  }
}

function Plain({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Copy({ label, text }: { readonly label: string; readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true), reportError);
  return (
    <button type="button" class="link" aria-label={`Copy ${label}`} onClick={copy}>
      {isCopied ? "Copied" : "Copy"}
    </button>
  );
}

function momentOf({ timestamp }: Entry): string {
  const time = Date.parse(timestamp);
  const { day, clock } = timesIn(CONSOLE_LANGUAGE.tag);
  const text = `${day(time)}, ${clock(time)}`;
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

function clockIn(timeZone: string): string {
  try {
    return new Date().toLocaleTimeString(CONSOLE_LANGUAGE.tag, { timeZone, hour: "numeric", minute: "2-digit" });
  } catch {
    return seen(timeZone);
  }
}
