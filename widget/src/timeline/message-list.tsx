import { Component } from "preact";
import { DOWN, Icon } from "../controls/icon";
import type { Entry } from "../core";
import type { Language } from "../strings";
import { MessageText } from "./message-text";
import type { MessageRow, Row } from "./rows";
import { Ticks } from "./ticks";
import { timesIn } from "./times";

export interface MessageListProps {
  readonly language: Language;
  /** Above everything else; no part of the log. */
  readonly welcome?: string;
  /** How the other side is called. */
  readonly peerName: string;
  readonly typingLabel: string;
  /** What to say of an entry that is no message; undefined for nothing. */
  readonly noteOf: (entry: Entry) => string | undefined;
  readonly retry: (id: string) => void;
  readonly discard: (id: string) => void;
  readonly rows: readonly Row[];
  /** Whether the past has been read; until then nothing is announced. */
  readonly isSettled: boolean;
  readonly isPeerTyping: boolean;
}

/** From here on a person who reads older messages is offered the way back, in pixels. */
const FAR_FROM_END = 160;

export class MessageList extends Component<MessageListProps> {
  private list: HTMLElement | null = null;

  override componentDidUpdate({ rows }: MessageListProps): void {
    const newest = this.props.rows.at(-1);
    // Whoever sends wants to see it; what others send must not take anybody from where he reads.
    if (newest?.key !== rows.at(-1)?.key && newest?.kind === "message" && newest.isOwn) this.toEnd();
  }

  private readonly toEnd = (): void => {
    if (this.list) this.list.scrollTop = 0;
  };

  override render(list: MessageListProps) {
    const { language, welcome, rows, isSettled, isPeerTyping, typingLabel } = list;
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
        >
          <div class="rows">
            {welcome && (
              <p class="bubble">
                <MessageText text={welcome} />
              </p>
            )}
            {rows.map((row) => (
              <RowView key={row.key} row={row} list={list} />
            ))}
            {isPeerTyping && (
              <p class="bubble typing">
                <span class="hidden">{typingLabel}</span>
                <i />
                <i />
                <i />
              </p>
            )}
          </div>
        </section>
        <WayBack label={strings.latest} list={() => this.list} toEnd={this.toEnd} />
      </div>
    );
  }
}

interface WayBackProps {
  readonly label: string;
  readonly list: () => HTMLElement | null;
  readonly toEnd: () => void;
}

/** A component of its own, so that scrolling a long conversation draws nothing else. */
class WayBack extends Component<WayBackProps, { isFar?: boolean }> {
  override componentDidMount(): void {
    this.props.list()?.addEventListener("scroll", this.scrolled, { passive: true });
  }

  private readonly scrolled = ({ currentTarget }: Event): void => {
    // The list counts from its end (column-reverse), upwards with a minus.
    const isFar = Math.abs((currentTarget as Element).scrollTop) > FAR_FROM_END;
    if (isFar !== Boolean(this.state.isFar)) this.setState({ isFar });
  };

  override render({ label, toEnd }: WayBackProps) {
    return this.state.isFar ? (
      <button type="button" class="quiet latest" aria-label={label} onClick={toEnd}>
        <Icon path={DOWN} />
      </button>
    ) : null;
  }
}

interface RowProps {
  readonly row: Row;
  readonly list: MessageListProps;
}

/** Drawn again only when it looks different: a long conversation stays quick. */
class RowView extends Component<RowProps> {
  override shouldComponentUpdate({ row, list }: RowProps): boolean {
    const before = this.props;
    if (list.language !== before.list.language || list.peerName !== before.list.peerName) return true;
    if (row.kind !== "message" || before.row.kind !== "message") return false;
    return row.state !== before.row.state || row.isContinued !== before.row.isContinued || row.time !== before.row.time;
  }

  override render({ row, list }: RowProps) {
    if (row.kind === "message") return <MessageView row={row} list={list} />;
    const line = lineOf(row, list);
    return line ? <p class={`line ${row.kind}`}>{line}</p> : null;
  }
}

function lineOf(row: Exclude<Row, MessageRow>, { language, noteOf }: MessageListProps): string | undefined {
  if (row.kind === "day") return timesIn(language.tag).day(row.time);
  return row.kind === "break" ? language.strings.missing : noteOf(row.entry);
}

function MessageView({ row, list }: RowProps & { readonly row: MessageRow }) {
  const { strings, tag } = list.language;
  const { isOwn, isContinued, state, outgoingId, writer = isOwn ? strings.you : list.peerName } = row;
  return (
    <div class={`message ${isOwn ? "own" : ""} ${isContinued ? "continued" : ""}`}>
      <p class="bubble">
        <span class="hidden">{writer}: </span>
        <MessageText text={row.text} />
      </p>
      {state === "failed" && outgoingId ? (
        <p class="problem" role="alert">
          {strings.unsent}{" "}
          <button type="button" onClick={() => list.retry(outgoingId)}>
            {strings.retry}
          </button>{" "}
          <button type="button" onClick={() => list.discard(outgoingId)}>
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
