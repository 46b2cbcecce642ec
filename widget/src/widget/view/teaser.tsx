import { CLOSE, Icon } from "../../controls/icon";
import type { WidgetModel } from "../widget";
import { Face, nameOfTeam } from "./team";

export { default as css } from "./teaser.css?inline";

/** What the seller wrote while the visitor looked elsewhere, above the bubble. */
export function View({ model }: { readonly model: WidgetModel }) {
  const { strings } = model.language;
  return (
    <div class="above teaser">
      <button type="button" class="preview" onClick={model.open}>
        <Face member={model.options.team?.members?.[0]} name={model.options.title} />
        <span>
          <b>{nameOfTeam(model)}</b>
          <span class="words" dir="auto">
            {model.teaser}
          </span>
        </span>
      </button>
      <button type="button" class="quiet" aria-label={strings.dismiss} onClick={model.dismiss}>
        <Icon path={CLOSE} />
      </button>
    </div>
  );
}
