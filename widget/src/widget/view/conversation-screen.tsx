import { Composer } from "../../controls/composer";
import type { EntryKind } from "../../core";
import { withNumber } from "../../strings";
import { MessageList } from "../../timeline/message-list";
import { outgoingRows, rowsOf } from "../../timeline/rows";
import type { WidgetModel } from "../widget";

export function ConversationScreen({ model }: { readonly model: WidgetModel }) {
  const { options, language, snapshot, chat } = model;
  const { strings } = language;
  const { conversation, outgoing } = snapshot;
  const banner = bannerOf(model);
  const isClosed = conversation?.status === "closed";
  return (
    <>
      <div class="banners" role="status">
        {banner && <p class="banner">{banner}</p>}
      </div>
      <MessageList
        language={language}
        welcome={options.welcomeMessage ?? strings.welcome}
        rows={conversation ? rowsOf(conversation) : outgoingRows(outgoing)}
        isSettled={conversation?.loaded ?? true}
        isPeerTyping={conversation?.peerTyping ?? false}
        typingLabel={strings.typing}
        peerName={strings.seller}
        noteOf={({ kind }) => (isTold(kind) ? strings[kind] : undefined)}
        retry={chat.retry}
        discard={chat.discard}
      />
      {isClosed ? (
        <div class="composer">
          <button type="button" class="primary first" onClick={() => chat.start(conversation.userInfo ?? {})}>
            {strings.again}
          </button>
        </div>
      ) : (
        <Composer
          label={strings.write}
          sendLabel={strings.send}
          draft={chat.draft("message")}
          typed={(text) => {
            chat.keepDraft("message", text);
            chat.typing();
          }}
          send={(text) => {
            chat.keepDraft("message", "");
            chat.send(text);
          }}
        />
      )}
    </>
  );
}

function isTold(kind: EntryKind): kind is "transferred" | "closed" | "reopened" {
  return kind === "transferred" || kind === "closed" || kind === "reopened";
}

function bannerOf({ snapshot, language: { strings, tag } }: WidgetModel): string | undefined {
  const { connection, conversation, phase, queue } = snapshot;
  if (connection === "offline" || connection === "reconnecting") return strings[connection];
  if (phase === "starting") return strings.connecting;
  if (conversation?.status !== "queued") return undefined;
  if (queue?.out_of_hours || reasonOfWaiting(conversation.items) === "out_of_hours") return strings.away;
  return queue ? withNumber(strings.position, queue.position, tag) : strings.queued;
}

function reasonOfWaiting(items: NonNullable<WidgetModel["snapshot"]["conversation"]>["items"]): string | undefined {
  const queued = items.filter(({ kind }) => kind === "queued").at(-1);
  return queued?.kind === "queued" ? queued.reason : undefined;
}
