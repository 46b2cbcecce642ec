import { CLOSE, Icon } from "../../controls/icon";
import type { WidgetModel } from "../widget";
import { Face, nameOfTeam } from "./team";

/** What the seller wrote while the visitor looked elsewhere, above the bubble. */
export function Teaser({ model, text }: { readonly model: WidgetModel; readonly text: string }) {
  const { strings } = model.language;
  return (
    <div class="teaser">
      <button type="button" class="preview" onClick={model.open}>
        <Face member={model.options.team?.members?.[0]} name={model.options.title} />
        <span>
          <b>{nameOfTeam(model)}</b>
          <span class="words" dir="auto">
            {text}
          </span>
        </span>
      </button>
      <button type="button" class="quiet" aria-label={strings.dismiss} onClick={model.dismiss}>
        <Icon path={CLOSE} />
      </button>
    </div>
  );
}
