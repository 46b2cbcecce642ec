// @vitest-environment happy-dom
import { h, render } from "preact";
import { afterEach, expect, it } from "vitest";
import { SignIn } from "../../src/console/session/sign-in";
import { drawn, find, leave } from "./desk-page";

afterEach(leave);

it("after a sign-out the next token can be pasted at once", async () => {
  document.body.innerHTML = "<button>Sign out</button>";
  find("button").focus();
  document.body.replaceChildren();
  render(h(SignIn, { shopName: "Café Ana", reason: undefined, signIn: () => {} }), document.body);
  await drawn();
  expect(document.activeElement).toBe(find("#token"));
});
