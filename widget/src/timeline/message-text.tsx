import { splitLinks } from "./links";

/** A message's text with its links. Text only ever becomes text nodes: nothing in it can act as HTML. */
export function MessageText({ text }: { readonly text: string }) {
  return (
    <span class="text" dir="auto">
      {splitLinks(text).map((part) =>
        part.href === undefined ? (
          part.text
        ) : (
          <a dir="ltr" href={part.href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {part.text}
          </a>
        ),
      )}
    </span>
  );
}

/** By its shape, since the exact list grows every year: a picture, with what colours, joins or turns it into a flag. */
const EMOJI =
  /^(?:(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f?|[\u{1f1e6}-\u{1f1ff}]{2})(?:\p{Emoji_Modifier}|\u200d|\ufe0f|\u20e3)*\s*){1,5}$/u;

/** A few pictures and no word: shown large. */
export function isEmojiOnly(text: string): boolean {
  // To look through a long text for each row would be slow.
  return text.length < 60 && EMOJI.test(text);
}
