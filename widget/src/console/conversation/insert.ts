/** Puts `text` in place of what lies between `from` and `to`, as if it were typed: it can be taken back with Ctrl+Z. */
export function insertAt(field: HTMLTextAreaElement, from: number, to: number, text: string): void {
  field.focus();
  field.setSelectionRange(from, to);
  // The only way into a browser's history of what was typed, whatever its name says.
  if (document.execCommand?.("insertText", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

export function insertAtCaret(field: HTMLTextAreaElement, text: string): void {
  const { selectionStart, selectionEnd, value } = field;
  const needsSpace = selectionStart > 0 && !/\s/.test(value[selectionStart - 1] ?? "");
  insertAt(field, selectionStart, selectionEnd, needsSpace ? ` ${text}` : text);
}
