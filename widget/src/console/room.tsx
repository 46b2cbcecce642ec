/** How many characters a text may still have; with a minus, how many it has too many. The server does not count in halves. */
export function leftIn(text: string, longest: number): number {
  return longest - [...text].length;
}

export function leftLabel(left: number): string {
  const characters = `${Math.abs(left)} ${Math.abs(left) === 1 ? "character" : "characters"}`;
  return left < 0 ? `Too long by ${characters}.` : `${characters} left.`;
}

/** What ties a field to the element that says what is wrong with it, or how much room it has. */
export function saidBy(id: string, isWrong: boolean) {
  return { "aria-describedby": id, "aria-invalid": isWrong };
}

interface Props {
  readonly id: string;
  readonly left: number;
  /** From here on it is told. */
  readonly from: number;
}

/** How much room is left in a field, before there is none. */
export function Left({ id, left, from }: Props) {
  return (
    <small id={id} class={`left ${left < 0 ? "problem" : ""}`} role="status">
      {left <= from && leftLabel(left)}
    </small>
  );
}
