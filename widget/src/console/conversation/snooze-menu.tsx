import { useState } from "preact/hooks";
import { CLOCK } from "../../controls/icon";
import { closePopover, Popover } from "../../controls/popover";
import { timesIn } from "../../timeline/times";
import { CONSOLE_LANGUAGE } from "../english";
import { saidBy } from "../room";
import { comingTime, fieldTime, LONGEST_DAYS, snoozeChoices } from "./snooze-times";

interface Props {
  /** Until a time in milliseconds since the epoch; false where it was not put away. */
  readonly snooze: (until: number) => Promise<boolean>;
}

/** When the chat is to come back. */
export function SnoozeMenu({ snooze }: Props) {
  // A menu that stood folded for an hour offers times from now on.
  const [now, setNow] = useState(Date.now);
  const [picked, pick] = useState("");
  const [isWrong, setWrong] = useState(false);
  const choose = (event: Event, until: number) => {
    closePopover(event);
    // A time that was refused can be put right.
    void snooze(until).then((isAway) => isAway && pick(""));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const until = new Date(picked).getTime();
    const isTaken = until > Date.now() && until <= Date.now() + LONGEST_DAYS * 86_400_000;
    setWrong(!isTaken);
    if (isTaken) choose(event, until);
  };
  return (
    <div class="snooze" onFocusIn={({ target }) => (target as Element).matches("summary") && setNow(Date.now())}>
      <Popover label="Snooze" icon={CLOCK} folded={() => setWrong(false)}>
        {snoozeChoices(now).map(({ label, until }) => (
          <button key={label} type="button" onClick={(event) => choose(event, until)}>
            {label}, {timesIn(CONSOLE_LANGUAGE.tag).clock(until)}
          </button>
        ))}
        <form class="pick-time" noValidate onSubmit={submit}>
          <label for="snooze-until">Pick a time</label>
          <input
            id="snooze-until"
            type="datetime-local"
            min={fieldTime(now)}
            max={fieldTime(now + LONGEST_DAYS * 86_400_000)}
            value={picked}
            {...saidBy("snooze-said", isWrong)}
            onInput={({ currentTarget }) => pick(currentTarget.value)}
          />
          <small id="snooze-said" role="status">
            {isWrong && `Pick a time to come, at most ${LONGEST_DAYS} days from now.`}
          </small>
          <button type="submit" class="secondary">
            Snooze
          </button>
        </form>
      </Popover>
    </div>
  );
}

interface AwayProps {
  /** In milliseconds since the epoch. */
  readonly until: number;
  readonly fetchBack: () => void;
}

/** What is said of a chat that is away, and read none the less. */
export function Away({ until, fetchBack }: AwayProps) {
  return (
    <p class="away">
      Snoozed until {comingTime(until, Date.now(), CONSOLE_LANGUAGE.tag)}.{" "}
      <button type="button" class="link" onClick={fetchBack}>
        Bring it back
      </button>
    </p>
  );
}
