import { DOWN, Icon, MORE } from "../../controls/icon";
import { closePopover, Popover } from "../../controls/popover";
import { rowsOf } from "../../timeline/rows";
import { downloadText, transcriptOf } from "../../timeline/transcript";
import type { WidgetModel } from "../widget";

export function Header({ model }: { readonly model: WidgetModel }) {
  const { strings } = model.language;
  const { conversation } = model.snapshot;
  return (
    <div class="header">
      <h2 id="title">{model.options.title ?? strings.title}</h2>
      {conversation && <Menu model={model} />}
      <button type="button" class="quiet" aria-label={strings.minimize} onClick={model.close}>
        <Icon path={DOWN} />
      </button>
    </div>
  );
}

function Menu({ model: { language, snapshot, chat } }: { readonly model: WidgetModel }) {
  const { strings } = language;
  const { conversation } = snapshot;

  const download = () => {
    if (!conversation) return;
    const names = { own: strings.you, peer: strings.seller };
    downloadText(`chat-${conversation.contactId}.txt`, transcriptOf(rowsOf(conversation), names));
  };
  const end = () => {
    // What went wrong shows in the conversation: it is still open.
    chat.close().catch(() => {});
  };

  return (
    <Popover label={strings.menu} icon={MORE}>
      <button type="button" onClick={closing(download)}>
        {strings.transcript}
      </button>
      {conversation?.status !== "closed" && (
        <button type="button" onClick={closing(end)}>
          {strings.end}
        </button>
      )}
    </Popover>
  );
}

function closing(act: () => void) {
  return (event: Event) => {
    closePopover(event);
    act();
  };
}
