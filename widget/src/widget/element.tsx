import { render } from "preact";
import controlsCss from "../controls/controls.css?inline";
import messagesCss from "../timeline/messages.css?inline";
import type { Frame } from "./frame";
import screensCss from "./screens.css?inline";
import { shield } from "./shield";
import { App } from "./view/app";
import type { WidgetModel } from "./widget";
import widgetCss from "./widget.css?inline";

/** The chat in the widget's place on the page. */
export interface WidgetElement {
  draw(model: WidgetModel): void;
  /** Adds to what it looks like. */
  dress(css: string): void;
  remove(): void;
}

/** `frame` may have the launcher's bubble in it, which becomes the chat's own. */
export function createElement(frame: Frame): WidgetElement {
  frame.dress(controlsCss + messagesCss + screensCss + widgetCss);
  const lower = shield(frame.host);
  let wasOpen = false;
  return {
    dress: frame.dress,
    draw: (model) => {
      frame.follow(model);
      render(<App model={model} />, frame.root);
      if (model.isOpen && !wasOpen) frame.raise();
      wasOpen = model.isOpen;
    },
    remove: () => {
      lower();
      render(null, frame.root);
      frame.remove();
    },
  };
}
