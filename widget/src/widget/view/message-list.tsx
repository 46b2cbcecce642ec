import { Component } from "preact";
import type { Entry, VisitorChat } from "../../core";
import type { Language, Strings } from "../../strings";
import { MessageText } from "../../timeline/message-text";
import type { MessageRow, Row } from "../../timeline/rows";
import { Ticks } from "../../timeline/ticks";
import { timesIn } from "../../timeline/times";
import { Icon } from "./icons";

interface Props {
  readonly language: Language;
  readonly welcome: string;
  readonly rows: readonly Row[];
  /** Whether the past has been read; until then nothing is announced. */
  readonly isSettled: boolean;
  readonly isPeerTyping: boolean;
  readonly chat: VisitorChat;
}

/** From here on a person who reads older messages is offered the way back, in pixels. */
const FAR_FROM_END = 160;

export class MessageList extends Component<Props, { isFar: boolean }> {
  private list: HTMLElement | null = null;

  override componentDidUpdate({ rows }: Props): void {
    const newest = this.props.rows.at(-1);
    // Whoever sends wants to see it; what others send must not take anybody from where he reads.
    if (newest?.key !== rows.at(-1)?.key && newest?.kind === "message" && newest.isOwn) this.toEnd();
  }

  private readonly toEnd = (): void => {
    if (this.list) this.list.scrollTop = 0;
  };

  private readonly scrolled = (): void => {
    // The list counts from its end (column-reverse), upwards with a minus.
    const isFar = Math.abs(this.list?.scrollTop ?? 0) > FAR_FROM_END;
    if (isFar !== Boolean(this.state.isFar)) this.setState({ isFar });
  };

  override render({ language, welcome, rows, isSettled, isPeerTyping, chat }: Props) {
    const { strings } = language;
    return (
      <div class="middle">
        <section
          class="messages"
          role="log"
          aria-live={isSettled ? "polite" : "off"}
          aria-label={strings.messages}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
          tabIndex={0}
          ref={(list) => {
            this.list = list;
          }}
          onScroll={this.scrolled}
        >
          <div class="rows">
            <p class="bubble welcome" dir="auto">
              <MessageText text={welcome} />
            </p>
            {rows.map((row) => (
              <RowView key={row.key} row={row} language={language} chat={chat} />
            ))}
            {isPeerTyping && (
              <p class="bubble typing">
                <span class="hidden">{strings.typing}</span>
                <i />
                <i />
                <i />
              </p>
            )}
          </div>
        </section>
        {this.state.isFar && (
          <button type="button" class="latest" aria-label={strings.latest} onClick={this.toEnd}>
            <Icon name="minimize" />
          </button>
        )}
      </div>
    );
  }
}

interface RowProps {
  readonly row: Row;
  readonly language: Language;
  readonly chat: VisitorChat;
}

/** Drawn again only when it looks different: a long conversation stays quick. */
class RowView extends Component<RowProps> {
  override shouldComponentUpdate({ row, language }: RowProps): boolean {
    const { row: before } = this.props;
    if (language.tag !== this.props.language.tag) return true;
    if (row.kind !== "message" || before.kind !== "message") return false;
    return row.state !== before.state || row.isContinued !== before.isContinued || row.time !== before.time;
  }

  override render({ row, language, chat }: RowProps) {
    const { strings, tag } = language;
    switch (row.kind) {
      case "message":
        return <MessageView row={row} language={language} chat={chat} />;
      case "day":
        return <p class="line">{timesIn(tag).day(row.time)}</p>;
      case "break":
        return <p class="line">{strings.missing}</p>;
      case "note": {
        const note = noteOf(row.entry, strings);
        return note ? <p class="line">{note}</p> : null;
      }
    }
  }
}

function MessageView({ row, language, chat }: RowProps & { readonly row: MessageRow }) {
  const { strings, tag } = language;
  const { isOwn, isContinued, state, outgoingId } = row;
  return (
    <div class={`message ${isOwn ? "own" : ""} ${isContinued ? "continued" : ""}`}>
      <p class="bubble" dir="auto">
        <span class="hidden">{isOwn ? strings.you : strings.seller}: </span>
        <MessageText text={row.text} />
      </p>
      {state === "failed" && outgoingId ? (
        <p class="problem" role="alert">
          {strings.unsent}{" "}
          <button type="button" onClick={() => chat.retry(outgoingId)}>
            {strings.retry}
          </button>{" "}
          <button type="button" onClick={() => chat.discard(outgoingId)}>
            {strings.discard}
          </button>
        </p>
      ) : (
        <p class="meta">
          <time dateTime={new Date(row.time).toISOString()}>{timesIn(tag).clock(row.time)}</time>
          {state && <Ticks state={state} label={strings[state as "sent"]} />}
        </p>
      )}
    </div>
  );
}

function noteOf({ kind }: Entry, strings: Strings): string | undefined {
  if (kind === "transferred" || kind === "closed" || kind === "reopened") return strings[kind];
  return undefined;
}
