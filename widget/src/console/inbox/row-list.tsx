import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ContactRow } from "./contacts";

interface Props {
  readonly rows: readonly ContactRow[];
  readonly selected: string | undefined;
  /** Of each row, in pixels. */
  readonly height: number;
  /** Somebody is about to choose a row. */
  readonly touched: () => void;
  /** These rows are on screen. */
  readonly shown: (rows: readonly ContactRow[]) => void;
  readonly draw: (row: ContactRow, tabIndex: number) => ComponentChildren;
}

/** Rows that are drawn above and below what can be seen. */
const SPARE = 8;
/** Where nothing tells how high the list is. */
const UNMEASURED_PX = 1_000;

/** A list of many rows, of which only those are drawn that can be seen. It is one stop of the Tab key; arrows go on from there. */
export function RowList({ rows, selected, height, touched, shown, draw }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const [focused, setFocused] = useState<string>();
  const wanted = useRef<string>();

  const visible = Math.ceil((list.current?.clientHeight || UNMEASURED_PX) / height);
  const first = Math.max(0, Math.min(Math.floor(top / height) - SPARE, rows.length - visible));
  const last = Math.min(rows.length, first + visible + 2 * SPARE);
  const drawn = rows.slice(first, last);
  const isDrawn = (id: string | undefined) => drawn.some(({ contactId }) => contactId === id);
  const stop = [focused, selected].find(isDrawn) ?? drawn[0]?.contactId;

  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    wanted.current = undefined;
  });

  useEffect(() => shown(drawn));

  const move = (event: KeyboardEvent) => {
    const at = rows.findIndex(({ contactId }) => contactId === stop);
    const next = rows[Math.max(0, Math.min(rows.length - 1, placeAfter(event.key, at, rows.length)))];
    if (!next || !KEYS.includes(event.key)) return;
    event.preventDefault();
    touched();
    wanted.current = next.contactId;
    setFocused(next.contactId);
    show(list.current, rows.indexOf(next) * height, height);
  };

  return (
    <ul
      ref={list}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onPointerMove={touched}
      onKeyDown={move}
      onFocusIn={({ target }) => {
        const id = (target as Element).closest("li")?.dataset.contact;
        if (id !== undefined && id !== focused) setFocused(id);
      }}
    >
      {first > 0 && <li aria-hidden="true" style={{ height: `${first * height}px` }} />}
      {drawn.map((row) => (
        <li key={row.contactId} data-contact={row.contactId} style={{ height: `${height}px` }}>
          {draw(row, row.contactId === stop ? 0 : -1)}
        </li>
      ))}
      {last < rows.length && <li aria-hidden="true" style={{ height: `${(rows.length - last) * height}px` }} />}
    </ul>
  );
}

const KEYS = ["ArrowDown", "ArrowUp", "Home", "End"];

function placeAfter(key: string, at: number, count: number): number {
  switch (key) {
    case "ArrowDown":
      return at + 1;
    case "ArrowUp":
      return at - 1;
    case "Home":
      return 0;
    default:
      return count - 1;
  }
}

/** Scrolls a list as little as shows what lies at `top`. */
function show(list: HTMLElement | null, top: number, height: number): void {
  if (!list) return;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
}
