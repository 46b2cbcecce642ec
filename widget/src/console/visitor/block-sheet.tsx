import { useState } from "preact/hooks";
import { Sheet } from "../../controls/sheet";
import { Left, leftIn, saidBy } from "../room";

interface Props {
  readonly name: string;
  /** Why nobody was blocked; undefined once they are. */
  readonly block: (minutes: number, reason: string) => Promise<string | undefined>;
  readonly close: () => void;
}

/** As long as the server takes one (docs/protocol.md, "Blocking a visitor"). */
const LONGEST_REASON = 200;
const COUNT_DOWN_FROM = 50;
const HOUR = 60;
const DAY = 24 * HOUR;
const DURATIONS: readonly (readonly [number, string])[] = [
  [HOUR, "An hour"],
  [DAY, "A day"],
  [7 * DAY, "A week"],
  [30 * DAY, "30 days"],
  [365 * DAY, "A year"],
];

/** For how long and why a visitor is kept away. What was typed stays until they are. */
export function BlockSheet({ name, block, close }: Props) {
  const [reason, setReason] = useState("");
  const [complaint, complain] = useState<string>();
  const [isUnderWay, setUnderWay] = useState(false);
  const left = leftIn(reason.trim(), LONGEST_REASON);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget as HTMLFormElement);
    if (left < 0 || isUnderWay) return;
    setUnderWay(true);
    const refusal = await block(Number(values.get("minutes")), reason.trim());
    setUnderWay(false);
    complain(refusal);
    if (refusal === undefined) close();
  };
  return (
    <Sheet label={`Block ${name}`} closed={close}>
      <form class="block" onSubmit={submit}>
        <p class="caption">The chat ends, and until then they can open none with anybody here. They are told so.</p>
        <label for="block-reason">Reason, for your colleagues</label>
        <input
          id="block-reason"
          name="reason"
          required
          pattern=".*\S.*"
          autocomplete="off"
          value={reason}
          {...saidBy("block-left block-said", left < 0 || complaint !== undefined)}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <Left id="block-left" left={left} from={COUNT_DOWN_FROM} />
        <label for="block-minutes">For</label>
        <select id="block-minutes" name="minutes" defaultValue={String(DAY)}>
          {DURATIONS.map(([minutes, label]) => (
            <option key={minutes} value={minutes} selected={minutes === DAY}>
              {label}
            </option>
          ))}
        </select>
        <p id="block-said" class="problem" role="alert">
          {complaint}
        </p>
        <button type="submit" class="primary" disabled={isUnderWay}>
          Block
        </button>
      </form>
    </Sheet>
  );
}
