import { Sheet } from "../../controls/sheet";

interface Props {
  readonly name: string;
  readonly block: (minutes: number, reason: string) => void;
  readonly close: () => void;
}

const HOUR = 60;
const DAY = 24 * HOUR;
const DURATIONS: readonly (readonly [number, string])[] = [
  [HOUR, "An hour"],
  [DAY, "A day"],
  [7 * DAY, "A week"],
  [30 * DAY, "30 days"],
  [365 * DAY, "A year"],
];

/** For how long and why a visitor is kept away. */
export function BlockSheet({ name, block, close }: Props) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget as HTMLFormElement);
    block(Number(values.get("minutes")), String(values.get("reason")).trim());
    close();
  };
  return (
    <Sheet label={`Block ${name}`} closed={close}>
      <form class="block" onSubmit={submit}>
        <p class="caption">The chat ends, and until then they can open none with anybody here. They are told so.</p>
        <label for="block-reason">Reason, for your colleagues</label>
        <input id="block-reason" name="reason" required pattern=".*\S.*" maxLength={200} autocomplete="off" />
        <label for="block-minutes">For</label>
        <select id="block-minutes" name="minutes" defaultValue={String(DAY)}>
          {DURATIONS.map(([minutes, label]) => (
            <option key={minutes} value={minutes} selected={minutes === DAY}>
              {label}
            </option>
          ))}
        </select>
        <button type="submit" class="primary">
          Block
        </button>
      </form>
    </Sheet>
  );
}
