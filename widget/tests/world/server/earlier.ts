import type { ClientFrame, ServerFrame } from "../../../src/core";
import type { Person } from "./connections";
import type { Contact } from "./contacts";
import { errorOf } from "./frames";

/** So few, that tests turn pages. */
const PAGE = 2;

export type EarlierFrames = Extract<ClientFrame, { action: "earlier" | "readEarlier" }>;

export function isForEarlier(frame: ClientFrame): frame is EarlierFrames {
  return frame.action === "earlier" || frame.action === "readEarlier";
}

/** What the visitor of a contact had before with the same seller. */
export function answerEarlier(
  all: ReadonlyMap<string, Contact>,
  found: Contact,
  { role, userId }: Person,
  frame: EarlierFrames,
): ServerFrame {
  if (role !== "seller") return errorOf(frame, "forbidden");
  if (found.status === "closed") return errorOf(frame, "contact_closed");
  const own = [...all.values()].filter(
    ({ visitor, requested, id }) => visitor === found.visitor && requested === found.requested && id !== found.id,
  );
  const ended = own.filter(({ status, seller }) => status === "closed" && seller === userId).reverse();
  return frame.action === "earlier" ? listed(ended, frame) : entriesOf(ended, frame);
}

function listed(ended: readonly Contact[], frame: Extract<EarlierFrames, { action: "earlier" }>): ServerFrame {
  const from = ended.findIndex(({ id }) => id === frame.after) + 1;
  const page = ended.slice(from, from + PAGE);
  const last = page.at(-1);
  return {
    action: "earlier",
    contact_id: frame.contact_id,
    contacts: page.map(({ id, log, seller = null }) => {
      const message = log.find(({ kind, from }) => kind === "message" && from === `visitor-${id}`)?.message;
      return {
        contact_id: id,
        opened_at: log[0]?.timestamp ?? "",
        since: log.at(-1)?.timestamp ?? "",
        seller_id: seller,
        name: "",
        ...(message !== undefined && { message: message.slice(0, 120) }),
      };
    }),
    ...(last && last !== ended.at(-1) && { next: last.id }),
  };
}

function entriesOf(ended: readonly Contact[], frame: Extract<EarlierFrames, { action: "readEarlier" }>): ServerFrame {
  const past = ended.find(({ id }) => id === frame.earlier);
  if (!past) return errorOf(frame, "forbidden");
  const { after = 0 } = frame;
  const following = past.log.filter(({ seq }) => seq > Math.max(after, past.expired));
  const entries = following.slice(0, PAGE * 2);
  const { contact_id, earlier } = frame;
  return { action: "readEarlier", contact_id, earlier, after, entries, more: entries.length < following.length };
}
