import { isUnseen } from "../inbox/names";
import { Left, leftIn, saidBy } from "../room";

/** As long as the server takes one (docs/protocol.md, "Notes of sellers"). */
export const LONGEST_NOTE = 1_000;
/** From here on it is told how many are left. */
export const COUNT_DOWN_FROM = 100;

interface Props {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  /** One line, with its label in it. */
  readonly isSlim?: boolean;
  readonly typed: (text: string) => void;
}

/** Where something is written that no visitor sees. */
export function NoteField({ id, label, text, isSlim = false, typed }: Props) {
  const left = leftIn(text, LONGEST_NOTE);
  const said = `${id}-left`;
  return (
    <>
      <label class={isSlim ? "hidden" : "caption"} for={id}>
        {label}
      </label>
      <textarea
        id={id}
        rows={isSlim ? 1 : 2}
        placeholder={isSlim ? label : undefined}
        dir="auto"
        value={text}
        {...saidBy(said, left < 0 || isUnseen(text))}
        onInput={({ currentTarget }) => typed(currentTarget.value)}
      />
      <Left id={said} left={left} from={COUNT_DOWN_FROM} isUnseen={isUnseen(text)} />
    </>
  );
}
