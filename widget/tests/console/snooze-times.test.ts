import { afterEach, describe, expect, it } from "vitest";
import { comingTime, fieldTime, snoozeChoices } from "../../src/console/conversation/snooze-times";

const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone;
});

function offered(zone: string, now: string): readonly string[] {
  process.env.TZ = zone;
  return snoozeChoices(Date.parse(now)).map(({ label, until }) => `${label} ${new Date(until).toISOString()}`);
}

describe("the times that are offered for a chat to come back", () => {
  it("are later today, tomorrow and Monday at nine, by the seller's own clock", () => {
    expect(offered("Asia/Kolkata", "2026-11-24T05:02:30Z")).toEqual([
      "Later today 2026-11-24T08:15:00.000Z",
      "Tomorrow 2026-11-25T03:30:00.000Z",
      "Monday 2026-11-30T03:30:00.000Z",
    ]);
  });

  it("leave out what is not today any more, and Monday where that is tomorrow", () => {
    expect(offered("Europe/Berlin", "2026-11-29T21:00:00Z")).toEqual(["Tomorrow 2026-11-30T08:00:00.000Z"]);
    expect(offered("Europe/Berlin", "2026-11-30T10:00:00Z").at(-1)).toBe("Monday 2026-12-07T08:00:00.000Z");
  });

  it("are nine o'clock also where the clock is put forward in the night", () => {
    expect(offered("Europe/Berlin", "2026-03-28T12:00:00Z")).toContain("Tomorrow 2026-03-29T07:00:00.000Z");
  });

  it("are in a field as the seller's clock has them", () => {
    process.env.TZ = "Asia/Kolkata";
    expect(fieldTime(Date.parse("2026-11-24T20:00:00Z"))).toBe("2026-11-25T01:30");
  });

  it("are told as shortly as nobody takes them for another day", () => {
    process.env.TZ = "UTC";
    const now = Date.parse("2026-11-24T12:00:00Z");
    const told = (time: string) => comingTime(Date.parse(time), now, "en-GB");
    expect(told("2026-11-24T15:00:00Z")).toBe("15:00");
    expect(told("2026-11-25T09:00:00Z")).toBe("Wed, 9:00");
    expect(told("2026-12-01T09:00:00Z")).toBe("1 Dec, 9:00");
  });
});
