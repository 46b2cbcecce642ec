import { describe, expect, it } from "vitest";
import { ENGLISH, loadLanguage, type Strings, TRANSLATED, withNumber } from "../src/strings";

const load = async (primary: string): Promise<Strings> => (await import(`../src/strings/${primary}.json`)).default;

describe.each(TRANSLATED)("the strings of %s", (primary) => {
  it("are all there, and none other", async () => {
    expect(Object.keys(await load(primary)).sort()).toEqual(Object.keys(ENGLISH.strings).sort());
  });

  it("keep the places for numbers", async () => {
    const strings = await load(primary);
    for (const [key, english] of Object.entries(ENGLISH.strings)) {
      expect(strings[key as keyof Strings].includes("{n}"), key).toBe(english.includes("{n}"));
    }
  });
});

describe("the language", () => {
  it.each([
    [["de-AT", "en"], "de-AT", "ltr"],
    [[undefined, "", "ar"], "ar", "rtl"],
    [["xx", "FR-fr"], "FR-fr", "ltr"],
    [["en-GB", "de"], "en-GB", "ltr"],
    [["en", "de", "en-GB"], "en-GB", "ltr"],
    [["not a tag", "constructor"], "en", "ltr"],
    [[], "en", "ltr"],
  ])("for %j is %s", async (wanted, tag, direction) => {
    expect(await loadLanguage(wanted, load)).toMatchObject({ tag, direction });
  });

  it("is English when the strings cannot be had", async () => {
    expect(await loadLanguage(["de"], () => Promise.reject(new Error("offline")))).toBe(ENGLISH);
  });
});

it("a number is written as the language writes it", () => {
  expect(withNumber("Nummer {n}", 1234, "de")).toBe("Nummer 1.234");
});
