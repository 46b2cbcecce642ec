import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createEndings, UNDO_MS } from "../../src/console/endings";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function pendingEnd() {
  const end = vi.fn();
  const endings = createEndings(end, () => {});
  endings.begin("ada", 3);
  return { end, endings };
}

it("a chat ends five seconds after that was asked for, once", () => {
  const { end, endings } = pendingEnd();
  endings.begin("ada", 3);
  vi.advanceTimersByTime(UNDO_MS - 1);
  expect(end).not.toHaveBeenCalled();
  expect([...endings.pending()]).toEqual(["ada"]);
  vi.advanceTimersByTime(UNDO_MS);
  expect(end.mock.calls).toEqual([["ada"]]);
  expect([...endings.pending()]).toEqual([]);
});

it("a chat whose end was taken back goes on", () => {
  const { end, endings } = pendingEnd();
  endings.undo("ada");
  vi.advanceTimersByTime(2 * UNDO_MS);
  expect(end).not.toHaveBeenCalled();
});

it("whoever leaves ends at once what was to end", () => {
  const { end, endings } = pendingEnd();
  endings.finish();
  vi.advanceTimersByTime(2 * UNDO_MS);
  expect(end.mock.calls).toEqual([["ada"]]);
});
