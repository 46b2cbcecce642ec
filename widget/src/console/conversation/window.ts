import { useEffect, useRef, useState } from "preact/hooks";
import type { Row } from "../../timeline/rows";

/** So many rows are drawn at once: more than two screens, and few enough to scroll them smoothly. */
export const DRAWN = 120;
/** So many come and go together. */
const STEP = 40;
/** How near the end of what is drawn has to be for the next rows to come, in pixels. */
const NEAR = 600;

/** What is drawn of a long conversation. */
export interface Window {
  readonly rows: readonly Row[];
  /** How much room is taken up by what lies below and is not drawn, in pixels. */
  readonly below: number;
  /** Whether it is the newest part, so that what comes is news. */
  readonly isNewest: boolean;
}

/** Rows that lie below those drawn: where they begin, and how high they were when they were drawn. */
interface Passed {
  readonly begin: number;
  readonly height: number;
}

/** The part of a long conversation that somebody reads. `list` is what scrolls; it counts from its end, upwards with a minus. */
export function useWindow(rows: readonly Row[], list: () => HTMLElement | null): Window {
  const [passed, setPassed] = useState<readonly Passed[]>([]);
  const newest = useRef(rows);
  newest.current = rows;
  useEffect(() => {
    const element = list();
    const scrolled = () => element && setPassed((before) => movedBy(element, newest.current, before));
    element?.addEventListener("scroll", scrolled, { passive: true });
    return () => element?.removeEventListener("scroll", scrolled);
  }, []);
  const end = passed.at(-1)?.begin ?? rows.length;
  const final = rows.slice(Math.max(end, rows.length - 1));
  return {
    // The last of all stays: who writes is taken to it.
    rows: [...rows.slice(Math.max(0, end - DRAWN), end), ...final],
    below: heightBelow(passed),
    isNewest: passed.length === 0,
  };
}

function movedBy(list: HTMLElement, rows: readonly Row[], passed: readonly Passed[]): readonly Passed[] {
  const distance = Math.abs(list.scrollTop);
  if (distance < 1) return passed.length > 0 ? [] : passed;
  const end = passed.at(-1)?.begin ?? rows.length;
  if (list.scrollHeight - list.clientHeight - distance < NEAR && end > DRAWN) {
    return [...passed, { begin: end - STEP, height: heightOf(list, passed.length > 0) }];
  }
  let kept = passed;
  while (kept.length > 0 && distance - heightBelow(kept) < NEAR) kept = kept.slice(0, -1);
  return kept;
}

function heightBelow(passed: readonly Passed[]): number {
  return passed.reduce((sum, { height }) => sum + height, 0);
}

/** How high the last rows are that are drawn in one piece: the last row of all may stand below them by itself. */
function heightOf(list: HTMLElement, isLastApart: boolean): number {
  const drawn = [...(list.firstElementChild?.children ?? [])].filter((child) => !child.matches(".typing"));
  const inOnePiece = isLastApart ? drawn.slice(0, -1) : drawn;
  const [before, last] = [inOnePiece.at(-1 - STEP), inOnePiece.at(-1)].map((child) => child?.getBoundingClientRect());
  return before && last ? last.bottom - before.bottom : 0;
}
