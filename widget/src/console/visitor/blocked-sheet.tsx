import { useEffect } from "preact/hooks";
import { Sheet } from "../../controls/sheet";
import type { Block, SellerSnapshot } from "../../core";
import { timesIn } from "../../timeline/times";
import { CONSOLE_LANGUAGE } from "../english";
import { nameOf } from "../inbox/contacts";

interface Props {
  readonly snapshot: SellerSnapshot;
  readonly refresh: () => void;
  readonly unblock: (block: Block) => void;
  readonly close: () => void;
}

/** Who is blocked in the shop, by whom, why and for how long. */
export function BlockedSheet({ snapshot, refresh, unblock, close }: Props) {
  const { blocks, conversations, team } = snapshot;
  useEffect(refresh, []);
  const seller = (id: string) => team.find(({ seller_id }) => seller_id === id)?.name ?? id;
  return (
    <Sheet label="Blocked visitors" closed={close}>
      {blocks.length === 0 && <p class="caption">Nobody is blocked.</p>}
      <ul class="blocked">
        {blocks.map((block) => (
          <li key={block.visitor}>
            <p dir="auto">
              <strong>{nameOf(block.contact_id, conversations.get(block.contact_id))}</strong>: {block.reason}
            </p>
            <p class="caption">
              By {seller(block.seller_id)}, until {momentOf(block.until)}
            </p>
            <button type="button" class="secondary" onClick={() => unblock(block)}>
              Unblock
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

export function momentOf(timestamp: string): string {
  const { day, clock } = timesIn(CONSOLE_LANGUAGE.tag);
  const time = Date.parse(timestamp);
  return `${day(time)}, ${clock(time)}`;
}
