"""The recipes of docs/embed.md in small real apps: a visitor's chat outlives what frameworks do to a page."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from local_aws.web_pages import WIDGET
from tests.browser.conftest import NewContext
from tests.browser.shop import SHOP, Shop

DOCUMENT = (WIDGET.parent / "docs" / "embed.md").read_text(encoding="utf-8")
BUILD = """
import { build } from "vite";
const [root, entry, widget] = process.argv.slice(2);
await build({
  root, configFile: false, logLevel: "error", mode: "development",
  define: { "process.env.NODE_ENV": '"development"' },
  resolve: { alias: { "seller-chat": `${widget}/dist/npm/index.js` } },
  build: { minify: false, lib: { entry: `${root}/${entry}`, formats: ["es"], fileName: () => "app.js" } },
});
"""
REACT = """
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Chat } from "./recipe.jsx";
function Shop() {
  const [view, setView] = useState("Bowls");
  const [customer, setCustomer] = useState();
  return <>
    <h1>{view}</h1>
    {["Cart", "Payment"].map((each) => <button key={each} onClick={() => setView(each)}>{each}</button>)}
    <button onClick={() => setCustomer({ plan: "gold" })}>Sign in</button>
    {view !== "Payment" && <Chat customer={customer} />}
  </>;
}
createRoot(document.querySelector("#app")).render(<StrictMode><Shop /></StrictMode>);
"""
VUE = """
import { createApp, h, ref } from "vue";
import { useChat } from "./recipe.js";
const view = ref("Bowls"), customer = ref();
const Chat = { setup() { useChat(customer); return () => null; } };
createApp({ render: () => [
  h("h1", view.value),
  ...["Cart", "Payment"].map((each) => h("button", { key: each, onClick: () => { view.value = each; } }, each)),
  h("button", { onClick: () => { customer.value = { plan: "gold" }; } }, "Sign in"),
  view.value !== "Payment" && h(Chat),
] }).mount("#app");
"""
APPS = {"React": ("jsx", REACT), "Vue": ("js", VUE)}


def recipe(language: str, library: str) -> str:
    """The document's code for a library, with this shop's addresses."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    code = next(block for block in blocks if f'from "{library.lower()}"' in block)
    addresses = {"https://HOST/": SHOP, "wss://API/STAGE": "ws://chat.test/", "https://REST": "https://rest.test"}
    for placeholder, address in addresses.items():
        assert placeholder in code
        code = code.replace(placeholder, address)
    return code


def built(folder: Path, files: dict[str, str], entry: str) -> str:
    """An app as Vite builds it for development."""
    (folder / "node_modules").symlink_to(WIDGET / "node_modules")
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    build = WIDGET / "node_modules" / ".vite" / f"{folder.name}.mjs"
    build.parent.mkdir(exist_ok=True)
    build.write_text(BUILD, encoding="utf-8")
    try:
        command = ["node", str(build), str(folder), entry, str(WIDGET)]
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    finally:
        build.unlink()
    return (folder / "dist" / "app.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("library", APPS)
def test_the_chat_lives_in_an_app_and_outlives_its_views(library: str, new_context: NewContext, tmp_path: Path) -> None:
    ending, app = APPS[library]
    code = built(tmp_path, {f"recipe.{ending}": recipe(ending, library), f"app.{ending}": app}, f"app.{ending}")
    page = '<!doctype html><html lang="en"><title>A shop</title><div id="app"></div>'
    page += '<script type="module" src="/app.js"></script></html>'
    shop = Shop(new_context(), files={"shop.html": page, "app.js": code})
    shop.page.goto(f"{SHOP}shop.html")

    shop.start_chat()
    shop.field.fill("half a sentence")
    shop.page.get_by_role("button", name="Cart").click()
    expect(shop.page.get_by_role("heading", name="Cart")).to_be_visible()
    assert shop.field.input_value() == "half a sentence"
    shop.page.get_by_role("button", name="Sign in").click()
    shop.page.wait_for_timeout(1_000)
    assert [entry["user_info"] for entry in shop.log if entry["kind"] == "identified"] == [{"plan": "gold"}]
    shop.page.get_by_role("button", name="Payment").click()
    expect(shop.page.locator("seller-chat")).to_have_count(0)
    shop.page.get_by_role("button", name="Cart").click()
    expect(shop.field).to_have_value("half a sentence")
    shop.answer("Still here")
    expect(shop.messages).to_contain_text("Still here")
    assert shop.page.locator("seller-chat").count() == 1
    assert shop.complaints == []


LIBRARIES = {
    "Turbo": ("@hotwired/turbo/dist/turbo.es2017-umd.js", ""),
    "htmx": ("htmx.org/dist/htmx.min.js", 'hx-boost="true"'),
}
HEAD = '</style><script src="/library.js" defer></script><style>'


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_chat_outlives_a_library_that_replaces_the_page_s_body(library: str, new_context: NewContext) -> None:
    file, attribute = LIBRARIES[library]
    code = (WIDGET / "node_modules" / file).read_text(encoding="utf-8")
    links = " ".join(f'<a {attribute} href="/{path}">{name}</a>' for path, name in (("", "Bowls"), ("other", "Cart")))
    shop = Shop(new_context(), css=HEAD, body=f"<p>A page</p>{links}", files={"library.js": code})
    shop.page.wait_for_load_state("load")
    shop.page.evaluate("() => { window.isFirst = true; document.querySelector('p').textContent = 'The first page'; }")

    shop.start_chat()
    shop.field.fill("half a sentence")
    for name in ("Cart", "Bowls"):
        shop.page.get_by_role("link", name=name).click()
        expect(shop.page.get_by_text("A page", exact=True)).to_be_visible()
        assert shop.page.evaluate("window.isFirst"), "the page was loaded anew, and nothing was tried"
        assert shop.field.input_value() == "half a sentence"
    shop.answer("Still here")
    expect(shop.messages).to_contain_text("Still here")
    assert shop.page.locator("seller-chat").count() == 1
    assert shop.complaints == []
