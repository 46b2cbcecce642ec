import { render } from "preact";
import controlsCss from "../controls/controls.css?inline";
import messagesCss from "../timeline/messages.css?inline";
import { App } from "./view/app";
import type { WidgetModel } from "./widget";
import widgetCss from "./widget.css?inline";

/** The widget's place on the page; its shadow keeps the shop's styles and the widget's apart. */
export interface WidgetElement {
  draw(model: WidgetModel): void;
  remove(): void;
}

const NAME = "seller-chat";

export function createElement(): WidgetElement {
  if (!customElements.get(NAME)) customElements.define(NAME, class extends HTMLElement {});
  const host = document.createElement(NAME);
  const root = host.attachShadow({ mode: "open" });
  // Not a <style>: a page whose policy has no unsafe-inline would refuse that.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(controlsCss + messagesCss + widgetCss);
  root.adoptedStyleSheets = [sheet];
  document.body.append(host);
  return {
    draw: (model) => {
      host.lang = model.language.tag;
      host.dir = model.language.direction;
      host.dataset.theme = model.options.theme ?? "auto";
      render(<App model={model} />, root);
    },
    remove: () => {
      render(null, root);
      host.remove();
    },
  };
}
