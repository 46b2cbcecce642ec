import baseCss from "../controls/base.css?inline";
import launcherCss from "./launcher/launcher.css?inline";
import { createOwnLauncher, hasBubble, type OwnLauncherModel } from "./own-launcher";
import { createHost, place } from "./placement";

export interface FrameModel extends OwnLauncherModel {
  readonly language: { readonly tag: string; readonly direction: "ltr" | "rtl" };
}

/** The widget's place on the page, which the bubble and the chat share; its shadow keeps the shop's styles and the widget's apart. */
export interface Frame {
  readonly host: HTMLElement;
  /** What is drawn in it lies in here. */
  readonly root: HTMLElement;
  /** Adds to what it looks like. */
  dress(css: string): void;
  follow(model: FrameModel): void;
  /** Above what the page has put into its top layer meanwhile. */
  raise(): void;
  remove(): void;
}

/** `there` is told whether the page has it in its document. */
export function createFrame(there: (isThere: boolean) => void = () => {}): Frame {
  const host = createHost();
  const shadow = host.attachShadow({ mode: "open" });
  const root = document.createElement("div");
  root.className = "root";
  shadow.append(root);
  dress(baseCss + launcherCss);
  const placement = place(host, root, there);
  const own = createOwnLauncher();

  /** Not a <style>: a page whose policy has no unsafe-inline would refuse that. */
  function dress(css: string): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  }

  return {
    host,
    root,
    dress,
    follow: (model) => {
      const { options, language } = model;
      root.lang = language.tag;
      root.dir = language.direction;
      host.dataset.sellerId = options.sellerId;
      root.style.colorScheme = options.theme?.replace("auto", "") ?? "";
      root.dataset.side = options.side ?? "end";
      root.dataset.launcher = hasBubble(options) ? "bubble" : "own";
      own.follow(model);
    },
    raise: placement.raise,
    remove: () => {
      own.remove();
      placement.remove();
    },
  };
}
