import { Component } from "preact";
import { CLOSE, Icon, MORE } from "../../controls/icon";
import { closePopover, Popover } from "../../controls/popover";
import { earlierRows, rowsOf } from "../../timeline/rows";
import type { WidgetModel } from "../widget";
import { isAskedFirst } from "./details-form";
import { languageOf } from "./shop-language";
import { Faces } from "./team";

export function Header({ model }: { readonly model: WidgetModel }) {
  const { strings } = model.language;
  const { title, team, welcomeMessage } = model.options;
  const { conversation } = model.snapshot;
  const own = languageOf(title);
  return (
    <div class="header">
      <div class="bar">
        <Faces model={model} />
        <div class="names">
          <h2 id="title" lang={own}>
            {title ?? strings.title}
          </h2>
          {team?.answerTime && <p lang={own}>{team.answerTime}</p>}
        </div>
        {conversation && <Menu model={model} />}
        <button type="button" class="quiet minimize" aria-label={strings.minimize} onClick={model.close}>
          <Icon path={CLOSE} />
        </button>
      </div>
      {isAskedFirst(model) && (
        <p class="intro" dir="auto" lang={languageOf(welcomeMessage)}>
          {welcomeMessage ?? strings.welcome}
        </p>
      )}
    </div>
  );
}

interface MenuProps {
  readonly model: WidgetModel;
}

class Menu extends Component<MenuProps, { isSure?: boolean }> {
  private readonly download = async (): Promise<void> => {
    const { language, snapshot } = this.props.model;
    const { conversation, earlier } = snapshot;
    if (!conversation) return;
    const names = { own: language.strings.you, peer: language.strings.seller };
    // Few want it, so it is no part of what everybody loads.
    const { downloadText, transcriptOf } = await import("../../timeline/transcript");
    downloadText(
      `chat-${conversation.contactId}.txt`,
      transcriptOf([...earlierRows(earlier), ...rowsOf(conversation)], names),
    );
  };

  /** There is no way back from it, so it is asked once more, in the same place. */
  private readonly end = (event: Event): void => {
    const { isSure } = this.state;
    this.setState({ isSure: !isSure });
    if (!isSure) return;
    closePopover(event);
    // What went wrong shows in the conversation: it is still open.
    this.props.model.chat.close().catch(() => {});
  };

  override render({ model }: MenuProps, { isSure }: { isSure?: boolean }) {
    const { strings } = model.language;
    const { conversation } = model.snapshot;
    return (
      <Popover label={strings.menu} icon={MORE} folded={() => this.setState({ isSure: false })}>
        <button type="button" onClick={closing(this.download)}>
          {strings.transcript}
        </button>
        {model.options.sound !== false && (
          <button type="button" onClick={closing(() => model.mute(!model.isMuted))}>
            {model.isMuted ? strings.unmute : strings.mute}
          </button>
        )}
        {conversation?.status !== "closed" && (
          <button type="button" class={isSure ? "sure" : "choice"} onClick={this.end}>
            {isSure ? strings.sure : strings.end}
          </button>
        )}
      </Popover>
    );
  }
}

function closing(act: () => void) {
  return (event: Event) => {
    closePopover(event);
    act();
  };
}
