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
    [{ fields: [{ name: "order number" }] }, "each with a name of A-Z a-z 0-9 _ . -"],
    [{ otherWay: { phone: 4930 } }, "otherWay is wrong. It takes {email, phone}, which are texts"],
  ])("is reported of %j, and the chat does without", (options, reason) => {
    expect(withoutFaults({ title: "Ask us", ...options } as unknown as Partial<BootOptions>)).toEqual({
      title: "Ask us",
    });
    expect(reported.mock.calls.map(([{ message }]) => message)).toEqual([expect.stringContaining(reason)]);
  });

  it.each<[string, object]>([
    ["a name with a blank", { "order number": "4711" }],
    ["a number of another kind", { total: 10n }],
    ["a number that readers of JSON know no two alike", { total: 1e300 }],
    ["a function", { greet: () => "Hi" }],
    ["a name that is none", { name: 5 }],
    ["a name of two lines", { name: "Ada\nLovelace" }],
    ["a text that turns what stands beside it", { note: "\u202eGOLD" }],
    ["four levels", { one: { two: { three: {} } } }],
    ["a list of 33", { list: Array(33).fill(1) }],
    ["a text of 1,001 characters", { long: "x".repeat(1_001) }],
    ["1,200 letters of two bytes each", { one: "ä".repeat(600), other: "ä".repeat(600) }],
    ["what has no end", circular()],
  ])("is reported of what is said of a visitor, which the chat does without: %s", (_, userInfo) => {
    const wrong = Object.keys(userInfo).at(-1) as string;
    const { [wrong]: dropped, ...others } = userInfo as Record<string, unknown>;
    expect(withoutFaults({ userInfo: { plan: "gold", ...userInfo } })).toEqual({
      userInfo: { plan: "gold", ...others },
    });
    expect(reported.mock.calls.map(([{ message }]) => message)).toEqual([
      expect.stringContaining(`SellerChat: userInfo.${wrong} is wrong. It takes a name of A-Z a-z 0-9 _ . - and`),
    ]);
  });

  it("is nothing where all is well", () => {
    const options: Partial<BootOptions> = {
      fields: [{ name: "order" }, { name: "message", type: "textarea", message: true }],
      questions: [],
      consent: { text: "We keep it.", url: "https://shop.example/privacy" },
      team: { members: [{ name: "Ada", picture: "data:image/png;base64,AAAA" }], answerTime: "Soon" },
      otherWay: { email: "hi@shop.example" },
      userInfo: {
        name: "Ada",
        since: new Date(),
        isGold: true,
        cart: { items: [1], note: "a\nb", none: null },
      },
    };
    expect(withoutFaults(options)).toEqual(options);
    expect(reported).not.toHaveBeenCalled();
  });

  it("is reported once, however often a page says the same", () => {
    const options = { team: { members: "Ada" } } as unknown as Partial<BootOptions>;
    withoutFaults(options);
    expect(withoutFaults({ ...options })).toEqual({});
    withoutFaults({ userInfo: { total: 7n } });
    withoutFaults({ userInfo: { total: 7n, name: "Ada" } });
    expect(reported).toHaveBeenCalledTimes(2);
  });
});

function circular(): object {
  const info: Record<string, unknown> = {};
  info.self = info;
  return info;
}
