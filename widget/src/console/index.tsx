import { render } from "preact";
import { App } from "./app";
import "../controls/base.css";
import "../controls/controls.css";
import "../timeline/messages.css";
import "./console.css";
import "./conversation/answer.css";
import "./conversation/conversation.css";
import "./inbox/inbox.css";
import "./session/session.css";
import "./settings/top-bar.css";
import "./visitor/visitor.css";
import type { Addresses } from "./session/session";

const place = document.querySelector("#console");

async function start(at: Element): Promise<void> {
  const response = await fetch("config.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`config.json answered ${response.status}`);
  render(<App addresses={(await response.json()) as Addresses} />, at);
}

if (place) {
  start(place).catch((error: unknown) => {
    place.textContent = "The console could not be loaded. Reload the page, or ask your shop for its config.json.";
    reportError(error);
  });
}
