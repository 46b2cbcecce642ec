import type { Row } from "./rows";

export interface TranscriptNames {
  readonly own: string;
  readonly peer: string;
}

/** A conversation as plain text, with times in UTC (ISO 8601). What begins a line is no message's own: its further lines are indented. */
export function transcriptOf(rows: readonly Row[], names: TranscriptNames): string {
  return rows
    .flatMap((row) =>
      row.kind === "message"
        ? [
            `[${new Date(row.time).toISOString()}] ${oneLine(row.writer ?? (row.isOwn ? names.own : names.peer))}: ${indented(row.text)}\n`,
          ]
        : [],
    )
    .join("");
}

/** A name as one word of its line: it is whatever a visitor typed. */
function oneLine(name: string): string {
  return name.replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").trim();
}

function indented(text: string): string {
  return text.replace(/\r\n|[\n\r\v\f\x85\u2028\u2029]/g, "\n    ");
}

export function downloadText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the address after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
