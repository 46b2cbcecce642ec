import { render } from "preact";
import controlsCss from "../controls/controls.css?inline";
import messagesCss from "../timeline/messages.css?inline";
import { createOwnLauncher, hasBubble } from "./own-launcher";
import { createHost, place } from "./placement";
import screensCss from "./screens.css?inline";
import { shield } from "./shield";
import { App } from "./view/app";
import type { WidgetModel } from "./widget";
import widgetCss from "./widget.css?inline";

/** The widget's place on the page; its shadow keeps the shop's styles and the widget's apart. */
export interface WidgetElement {
  draw(model: WidgetModel): void;
  remove(): void;
}

/** `there` is told whether the page has the widget in its document. */
export function createElement(there: (isThere: boolean) => void = () => {}): WidgetElement {
  const host = createHost();
  const shadow = host.attachShadow({ mode: "open" });
  // Not a <style>: a page whose policy has no unsafe-inline would refuse that.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(controlsCss + messagesCss + screensCss + widgetCss);
  shadow.adoptedStyleSheets = [sheet];
  const root = document.createElement("div");
  root.className = "root";
  shadow.append(root);
  const placement = place(host, root, there);
  const lower = shield(host);
  const own = createOwnLauncher();
  let wasOpen = false;
  return {
    draw: (model) => {
      root.lang = model.language.tag;
      root.dir = model.language.direction;
      host.dataset.sellerId = model.options.sellerId;
      root.dataset.theme = model.options.theme ?? "auto";
      root.dataset.side = model.options.side ?? "end";
      root.dataset.launcher = hasBubble(model.options) ? "bubble" : "own";
      own.follow(model);
      render(<App model={model} />, root);
      if (model.isOpen && !wasOpen) placement.raise();
      wasOpen = model.isOpen;
    },
    remove: () => {
      lower();
      own.remove();
      render(null, root);
      placement.remove();
    },
  };
}
