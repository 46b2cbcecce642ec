import { Composer } from "../../controls/composer";
import type { EntryKind } from "../../core";
import { withNumber } from "../../strings";
import { MessageList } from "../../timeline/message-list";
import { earlierRows, outgoingRows, rowsOf } from "../../timeline/rows";
import type { WidgetModel } from "../widget";
import { Banner, isAway } from "./banner";
import { ConsentLine, isBefore } from "./details-form";
import { Later } from "./later";
import { languageOf } from "./shop-language";
import { nameOfTeam } from "./team";

const loadQuestion = () => import("./ask-for-details");

export function ConversationScreen({ model }: { readonly model: WidgetModel }) {
  const { options, language, snapshot, chat } = model;
  const { strings, tag } = language;
  const { conversation, earlier, outgoing } = snapshot;
  const isClosed = conversation?.status === "closed";
  const rows = conversation ? rowsOf(conversation) : outgoingRows(outgoing);
  const isUnwritten = !isClosed && !rows.some(({ kind }) => kind === "message");

  const send = (text: string) => {
    chat.keepDraft("message", "");
    if (isBefore(model)) model.start({}, text);
    else chat.send(text);
  };

  return (
    <>
      <Banner model={model} />
      <MessageList
        language={language}
        welcome={options.welcomeMessage ?? strings.welcome}
        welcomeLanguage={languageOf(options.welcomeMessage)}
        rows={[...earlierRows(earlier), ...rows]}
        isSettled={conversation?.loaded ?? true}
        isPeerTyping={conversation?.peerTyping ?? false}
        typingLabel={strings.typing}
        peerName={options.team?.members?.length ? nameOfTeam(model) : strings.seller}
        isPeerNamed={Boolean(options.team?.members?.length)}
        noteOf={({ kind }) => (isTold(kind) ? strings[kind] : undefined)}
        // Its end is another one in each contact, also where the shop counts its contacts.
        reference={conversation?.contactId.slice(-8)}
        retry={chat.retry}
        discard={chat.discard}
        unread={conversation?.unread ?? 0}
        seen={model.seen}
      />
      {isUnwritten && options.questions && (
        <div class="questions">
          {options.questions.map((question) => (
            <button type="button" lang={languageOf(question)} onClick={() => send(question)}>
              {question}
            </button>
          ))}
        </div>
      )}
      {isClosed && (
        <div class="ended">
          <button type="button" class="primary" onClick={model.again}>
            {strings.again}
          </button>
        </div>
      )}
      {conversation && (options.firstContact === "message" || isAway(model)) && (
        <Later load={loadQuestion} model={model} />
      )}
      {isBefore(model) && options.consent && <ConsentLine consent={options.consent} strings={strings} />}
      <Composer
        label={strings.write}
        sendLabel={strings.send}
        leftLabel={(left) => withNumber(left < 0 ? strings.tooLong : strings.left, Math.abs(left), tag)}
        draft={chat.draft("message")}
        typed={(text) => {
          chat.keepDraft("message", text);
          chat.typing();
        }}
        send={send}
      />
    </>
  );
}

function isTold(kind: EntryKind): kind is "transferred" | "closed" | "reopened" {
  return kind === "transferred" || kind === "closed" || kind === "reopened";
}
