/** So much of what was typed is told back. */
const TOLD = 60;

/** What a seller typed, within a sentence: its direction does not turn the rest of it, and its length stays within bounds. */
export function Quoted({ text }: { readonly text: string }) {
  const characters = [...text];
  const told = characters.length > TOLD ? `${characters.slice(0, TOLD - 1).join("")}…` : text;
  return (
    <>
      “<bdi>{told}</bdi>”
    </>
  );
}
