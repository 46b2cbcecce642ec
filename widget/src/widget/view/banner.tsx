import type { Entry } from "../../core";
import { withNumber } from "../../strings";
import type { WidgetModel } from "../widget";

/** What stands between the visitor and an answer: the connection, or that nobody is free. */
export function Banner({ model }: { readonly model: WidgetModel }) {
  const { trouble, options, language } = model;
  const text = trouble === "none" ? placeOf(model) : language.strings[trouble];
  return (
    <div class="banners" role="status">
      {text && (
        <p class={`banner ${trouble === "none" ? "place" : "trouble"}`}>
          {text}
          {trouble === "unreachable" && options.otherWay && <OtherWay model={model} />}
        </p>
      )}
    </div>
  );
}

function OtherWay({ model: { options, language } }: { readonly model: WidgetModel }) {
  const { email, phone } = options.otherWay ?? {};
  return (
    <span class="other">
      {language.strings.otherWay} {email && <a href={`mailto:${email}`}>{email}</a>}{" "}
      {phone && (
        <a href={`tel:${phone.replace(/[^+\d]/g, "")}`} dir="ltr">
          {phone}
        </a>
      )}
    </span>
  );
}

function placeOf(model: WidgetModel): string | undefined {
  const { snapshot, waitsLong } = model;
  const { strings, tag } = model.language;
  const { conversation, phase, queue } = snapshot;
  if (phase === "starting") return strings.connecting;
  if (conversation?.status !== "queued") return undefined;
  if (isAway(model)) return `${strings.away} ${model.options.team?.awayUntil ?? ""}`.trim();
  if (waitsLong) return strings.slow;
  return queue ? withNumber(strings.position, queue.position, tag) : strings.queued;
}

/** Whether the visitor waits while nobody of the team is there. */
export function isAway({ snapshot: { conversation, queue } }: WidgetModel): boolean {
  if (conversation?.status !== "queued") return false;
  const queued = conversation.items.findLast(({ kind }) => kind === "queued") as Entry | undefined;
  return queue?.out_of_hours || ["out_of_hours", "away"].includes(queued?.reason ?? "");
}
