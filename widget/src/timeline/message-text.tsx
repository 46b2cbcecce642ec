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
