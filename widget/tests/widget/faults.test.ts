import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withoutFaults } from "../../src/widget/faults";
import type { BootOptions } from "../../src/widget/settings";

const reported = vi.fn();

beforeEach(() => {
  reported.mockClear();
  vi.stubGlobal("reportError", reported);
});
afterEach(() => vi.unstubAllGlobals());

describe("what is wrong inside an option", () => {
  it.each([
    [{ consent: { text: "", url: "javascript:alert(1)" } }, "consent is wrong. It takes {text, url, required}"],
    [{ consent: { text: "We keep it.", url: "javascript:alert(1)" } }, "a url that begins with https://"],
    [{ fields: [{ name: "" }] }, "fields is wrong. It takes a list"],
    [{ fields: [null] }, "fields is wrong. It takes a list"],
    [{ fields: [{ name: "q", type: "date" }] }, 'a type of "text"'],
    [{ questions: ["Where is my order?", 5] }, "questions is wrong. It takes a list of texts"],
    [{ team: { members: [{ name: "A", picture: "javascript:1" }] } }, "team is wrong. It takes {members"],
    [{ team: { members: "Ada" } }, "team is wrong. It takes {members"],
  ])("is reported of %j, and the chat does without", (options, reason) => {
    expect(withoutFaults({ title: "Ask us", ...options } as unknown as Partial<BootOptions>)).toEqual({
      title: "Ask us",
    });
    expect(reported.mock.calls.map(([{ message }]) => message)).toEqual([expect.stringContaining(reason)]);
  });

  it("is nothing where all is well", () => {
    const options: Partial<BootOptions> = {
      fields: [{ name: "order" }, { name: "message", type: "textarea", message: true }],
      questions: [],
      consent: { text: "We keep it.", url: "https://shop.example/privacy" },
      team: { members: [{ name: "Ada", picture: "data:image/png;base64,AAAA" }], answerTime: "Soon" },
    };
    expect(withoutFaults(options)).toEqual(options);
    expect(reported).not.toHaveBeenCalled();
  });
});
