/** As long as the server takes one (docs/protocol.md, "Notes of sellers"). */
export const LONGEST_NOTE = 1_000;
/** From here on it is told how many are left. */
const COUNT_DOWN_FROM = 100;

interface Props {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly typed: (text: string) => void;
}

/** Where something is written that no visitor sees. */
export function NoteField({ id, label, text, typed }: Props) {
  const left = LONGEST_NOTE - [...text].length;
  return (
    <>
      <label class="caption" for={id}>
        {label}
      </label>
      <textarea
        id={id}
        rows={2}
        dir="auto"
        maxLength={LONGEST_NOTE}
        value={text}
        onInput={({ currentTarget }) => typed(currentTarget.value)}
      />
      {left <= COUNT_DOWN_FROM && (
        <p class="left" role="status">
          {left} characters left.
        </p>
      )}
    </>
  );
}
