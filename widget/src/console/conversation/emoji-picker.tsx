import { useState } from "preact/hooks";
import { FACE } from "../../controls/icon";
import { Popover } from "../../controls/popover";

type Emoji = readonly [emoji: string, words: string];

const SHOWN = 120;

/** The emoji are fetched when somebody first looks for one. */
export function EmojiPicker({ insert }: { readonly insert: (emoji: string) => void }) {
  const [all, setAll] = useState<readonly Emoji[]>();
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = (all ?? []).filter(([emoji, words]) => emoji === wanted || words.includes(wanted)).slice(0, SHOWN);

  const load = () => {
    if (!all) import("./emoji").then(({ EMOJI }) => setAll(EMOJI), reportError);
  };

  return (
    <div class="emoji" onFocusIn={load} onPointerEnter={load}>
      <Popover label="Emoji" icon={FACE}>
        <input
          type="search"
          aria-label="Search emoji"
          placeholder="Search emoji"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          onKeyDown={(event) => {
            // The field lies within the composer's form, which Enter would send.
            if (event.key !== "Enter") return;
            event.preventDefault();
            const [first] = found;
            if (first) insert(first[0]);
          }}
        />
        <div class="emoji-grid">
          {found.map(([emoji, words]) => (
            <button
              key={emoji}
              type="button"
              class="glyph"
              title={words}
              aria-label={words}
              onClick={() => insert(emoji)}
            >
              {emoji}
            </button>
          ))}
        </div>
        {all && found.length === 0 && <p class="caption">Nothing found.</p>}
      </Popover>
    </div>
  );
}
