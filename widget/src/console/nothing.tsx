import { CHAT, Icon } from "../controls/icon";
import type { SellerSnapshot } from "../core";
import { rowsOfInbox } from "./inbox/contacts";

interface Props {
  readonly snapshot: SellerSnapshot;
  /** There is an address, and no conversation behind it. */
  readonly isGone: boolean;
  readonly next: () => void;
}

/** What stands in place of a conversation: how much there is to do. */
export function Nothing({ snapshot, isGone, next }: Props) {
  const open = rowsOfInbox(snapshot, "open");
  const unanswered = open.filter(({ waitsSince }) => waitsSince !== undefined).length;
  return (
    <main class="nothing">
      <Icon path={CHAT} />
      <p>{isGone ? "This chat is with somebody else now, or there is none." : "Choose a conversation."}</p>
      <dl class="figures">
        <Figure label="open" count={open.length} />
        <Figure label="without an answer" count={unanswered} />
        <Figure label="in the queue" count={snapshot.inbox.queued.length} />
      </dl>
      {unanswered > 0 && (
        <button type="button" class="primary" onClick={next}>
          Next unanswered
        </button>
      )}
    </main>
  );
}

function Figure({ label, count }: { readonly label: string; readonly count: number }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{count}</dd>
    </div>
  );
}
