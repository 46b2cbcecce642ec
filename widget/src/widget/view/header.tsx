import { DOWN, Icon, MORE } from "../../timeline/icon";
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
    <details class="menu" onKeyDown={closeOnEscape} onFocusOut={closeWhenLeft}>
      <summary class="quiet" aria-label={strings.menu}>
        <Icon path={MORE} />
      </summary>
      <div class="choices">
        <button type="button" onClick={closing(download)}>
          {strings.transcript}
        </button>
        {conversation?.status !== "closed" && (
          <button type="button" onClick={closing(end)}>
            {strings.end}
          </button>
        )}
      </div>
    </details>
  );
}

function closing(act: () => void) {
  return ({ currentTarget }: Event) => {
    const menu = (currentTarget as Element).closest("details");
    menu?.querySelector("summary")?.focus();
    menu?.removeAttribute("open");
    act();
  };
}

function closeOnEscape(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.key !== "Escape" || !menu.open) return;
  event.preventDefault();
  event.stopPropagation();
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

function closeWhenLeft(event: FocusEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (!menu.contains(event.relatedTarget as Node | null)) menu.open = false;
}
