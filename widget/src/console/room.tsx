/** How many characters a text may still have; with a minus, how many it has too many. The server does not count in halves. */
export function leftIn(text: string, longest: number): number {
  return longest - [...text].length;
}

export const NOTHING_TO_SEE = "Nobody would see anything of this. Write something else.";

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
  /** Nobody would see anything of what is in the field. */
  readonly isUnseen?: boolean;
}

/** How much room is left in a field, before there is none; or that there is nothing to see in it. */
export function Left({ id, left, from, isUnseen = false }: Props) {
  return (
    <small id={id} class={`left ${left < 0 || isUnseen ? "problem" : ""}`} role="status">
      {isUnseen ? NOTHING_TO_SEE : left <= from && leftLabel(left)}
    </small>
  );
}
