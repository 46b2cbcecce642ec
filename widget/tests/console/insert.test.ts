// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";
import { insertAtCaret } from "../../src/console/conversation/insert";

function fieldWith(text: string): HTMLTextAreaElement {
  const field = document.createElement("textarea");
  document.body.replaceChildren(field);
  field.value = text;
  field.setSelectionRange(text.length, text.length);
  return field;
}

afterEach(() => {
  Reflect.deleteProperty(document, "execCommand");
});

it("what is inserted goes in as if it were typed, so that Ctrl+Z takes it back", () => {
  const typed = vi.fn(() => true);
  Object.assign(document, { execCommand: typed });
  const field = fieldWith("I was writing");
  insertAtCaret(field, "One moment");
  expect(typed.mock.calls).toEqual([["insertText", false, " One moment"]]);
  expect(document.activeElement).toBe(field);
  // The browser does the rest, and knows how to undo it; a value that is set is not in its history.
  expect(field.value).toBe("I was writing");
});

it("what is inserted stands in place of what is selected, and is heard of, where a browser has no such command", () => {
  const field = fieldWith("I was writing");
  field.setSelectionRange(6, 13);
  const heard = vi.fn();
  field.addEventListener("input", heard);
  insertAtCaret(field, "am thinking");
  expect(field.value).toBe("I was am thinking");
  expect(heard).toHaveBeenCalledOnce();
});
