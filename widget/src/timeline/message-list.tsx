import { Component } from "preact";
import { DOWN, Icon } from "../controls/icon";
import type { Entry } from "../core";
import type { Language } from "../strings";
import { inDigits } from "../strings/digits";
import { createAnchor } from "./anchor";
import { isEmojiOnly, MessageText } from "./message-text";
import type { MessageRow, Row } from "./rows";
import { Ticks } from "./ticks";
import { timesIn } from "./times";

export interface MessageListProps {
  readonly language: Language;
  /** Above everything else; no part of the log. */
  readonly welcome?: string;
  /** The language of the welcome, where it is not the widget's. */
  readonly welcomeLanguage?: string | undefined;
  /** How the other side is called. */
  readonly peerName: string;
  /** Whether their name is shown over what they write, and not only told. */
  readonly isPeerNamed?: boolean;
  readonly typingLabel: string;
  /** Beside what failed, for a person who asks for help to read off. */
  readonly reference?: string | undefined;
  /** What to say of an entry that is no message; undefined for nothing. */
  readonly noteOf: (entry: Entry) => string | undefined;
  readonly retry: (id: string) => void;
  readonly discard: (id: string) => void;
  readonly rows: readonly Row[];
  /** Whether the past has been read; until then nothing is announced. */
  readonly isSettled: boolean;
  readonly isPeerTyping: boolean;
  /** How many messages were not seen yet; told on the way back to them. */
  readonly unread?: number;
  /** Whether the newest message is in view, each time that this changes. */
  readonly seen?: (isAtEnd: boolean) => void;
}

/** From here on a person who reads older messages is offered the way back, in pixels. */
const FAR_FROM_END = 160;
/** Up to here the newest message is in view. */
const AT_END = 24;

export class MessageList extends Component<MessageListProps> {
  private list: HTMLElement | null = null;
  private midnight: ReturnType<typeof setTimeout> | undefined;
  private stopAnchor = () => {};

  override componentDidMount(): void {
    this.waitForMidnight();
    if (this.list) this.stopAnchor = createAnchor(this.list);
  }

  override componentDidUpdate({ rows }: MessageListProps): void {
    const newest = this.props.rows.at(-1);
    // A person who sends wants to see it; what others send must not take anybody from where they read.
    if (newest?.key !== rows.at(-1)?.key && newest?.kind === "message" && newest.isOwn) this.toEnd();
  }

  override componentWillUnmount(): void {
    clearTimeout(this.midnight);
    this.stopAnchor();
    this.props.seen?.(true);
  }

  /** "Today" is "yesterday" then, and nothing else may happen that draws it again. */
  private waitForMidnight(): void {
    this.midnight = setTimeout(
      () => {
        this.forceUpdate();
        this.waitForMidnight();
      },
      new Date().setHours(24, 0, 1, 0) - Date.now(),
    );
  }

  private readonly toEnd = (): void => {
    if (this.list) this.list.scrollTop = 0;
  };

  private readonly goToEnd = (): void => {
    // The button that was pressed goes, and would take the focus with it.
    this.list?.focus();
    this.toEnd();
  };

  override render(list: MessageListProps) {
    const { language, welcome, rows, isSettled, isPeerTyping, typingLabel, unread = 0 } = list;
    const { strings, tag } = language;
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
              <p class="bubble" lang={list.welcomeLanguage}>
                <MessageText text={welcome} />
              </p>
            )}
            {rows.map((row) => (
              <RowView key={row.key} row={row} list={list} />
            ))}
            {isPeerTyping && (
              // Not announced: it comes and goes with every few letters.
              <p class="bubble typing" aria-live="off">
                <span class="hidden">{typingLabel}</span>
                <i />
                <i />
                <i />
              </p>
            )}
          </div>
        </section>
        <WayBack
          label={strings.latest}
          count={unread > 0 ? unread.toLocaleString(inDigits(tag)) : ""}
          list={() => this.list}
          toEnd={this.goToEnd}
          seen={list.seen}
        />
      </div>
    );
  }
}

interface WayBackProps {
  readonly label: string;
  /** Nothing for none. */
  readonly count: string;
  readonly list: () => HTMLElement | null;
  readonly toEnd: () => void;
  readonly seen: MessageListProps["seen"];
}

interface WayBackState {
  readonly isFar?: boolean;
  readonly isAway?: boolean;
}

/** A component of its own, so that scrolling a long conversation draws nothing else. */
class WayBack extends Component<WayBackProps, WayBackState> {
  override componentDidMount(): void {
    this.props.list()?.addEventListener("scroll", this.scrolled, { passive: true });
  }

  private readonly scrolled = ({ currentTarget }: Event): void => {
    // The list counts from its end (column-reverse), upwards with a minus.
    const distance = Math.abs((currentTarget as Element).scrollTop);
    const isFar = distance > FAR_FROM_END;
    const isAway = distance > AT_END;
    const { state } = this;
    if (isAway !== Boolean(state.isAway)) this.props.seen?.(!isAway);
    if (isFar !== Boolean(state.isFar) || isAway !== Boolean(state.isAway)) this.setState({ isFar, isAway });
  };

  override render({ label, count, toEnd }: WayBackProps, { isFar, isAway }: WayBackState) {
    return isFar || (isAway && count) ? (
      <button type="button" class="quiet latest" aria-label={count ? `${label} (${count})` : label} onClick={toEnd}>
        {count && <span class="count">{count}</span>}
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
  private line: string | undefined;

  override shouldComponentUpdate({ row, list }: RowProps): boolean {
    const before = this.props;
    if (list.language !== before.list.language || list.peerName !== before.list.peerName) return true;
    if (row.kind !== "message") return lineOf(row, list) !== this.line;
    const was = before.row as MessageRow;
    return (["state", "time", "isContinued", "isFollowed"] as const).some((each) => row[each] !== was[each]);
  }

  override render({ row, list }: RowProps) {
    if (row.kind === "message") return <MessageView row={row} list={list} />;
    this.line = lineOf(row, list);
    return this.line ? (
      <p class={`line ${row.kind === "note" ? row.entry.kind : row.kind}`}>
        <span>{this.line}</span>
      </p>
    ) : null;
  }
}

function lineOf(row: Exclude<Row, MessageRow>, { language, noteOf }: MessageListProps): string | undefined {
  if (row.kind === "day") return timesIn(language.tag).day(row.time);
  return row.kind === "break" ? language.strings.missing : noteOf(row.entry);
}

function MessageView({ row, list }: RowProps & { readonly row: MessageRow }) {
  const { strings, tag } = list.language;
  const {
    isOwn,
    isContinued,
    isFollowed,
    state,
    failure,
    outgoingId,
    writer = isOwn ? strings.you : list.peerName,
  } = row;
  const classes = ["message", isOwn && "own", isContinued && "continued", isFollowed && "followed"];
  return (
    <div class={classes.filter(Boolean).join(" ")}>
      {list.isPeerNamed && !isOwn && !isContinued && (
        <p class="writer" aria-hidden="true">
          {writer}
        </p>
      )}
      <p class={`bubble ${isEmojiOnly(row.text) ? "emoji" : ""}`}>
        {!isContinued && <span class="hidden">{writer}: </span>}
        <MessageText text={row.text} />
      </p>
      {state === "failed" && outgoingId ? (
        <p class="problem" role="alert">
          {strings[failure as "blocked"] ?? strings.unsent} <small>{list.reference}</small>{" "}
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
