import { hasBubble } from "../own-launcher";
import type { WidgetModel } from "../widget";
import { Later } from "./later";
import { Launcher } from "./launcher";
import { Panel } from "./panel";

const loadTeaser = () => import("./teaser");

export function App({ model }: { readonly model: WidgetModel }) {
  const { isHidden, isOpen, teaser, language } = model;
  return (
    <>
      {/* Always there: what comes into the document with its words in it is not announced. */}
      <p class="hidden" role="status">
        {teaser && `${language.strings.news}: ${teaser}`}
      </p>
      {!isHidden && isOpen && <Panel model={model} />}
      {!isHidden && teaser && <Later load={loadTeaser} model={model} />}
      {!isHidden && hasBubble(model.options) && <Launcher model={model} />}
    </>
  );
}
