import { describe, expect, it } from "vitest";
import type { Link } from "../../../src/core/connection/link";
import type { ClientFrame } from "../../../src/core/protocol";
import { createEarlier } from "../../../src/core/seller/earlier";
import { createWorld } from "../../world/world";

/** What is asked of a server whose answers the test gives. */
function reading() {
  const asked: ClientFrame[] = [];
  const link: Link = { send: (frame) => asked.push(frame) > 0, check: () => {} };
  const earlier = createEarlier(createWorld().device.openTab().ports, link);
  const of = (contactId: string) =>
    asked.flatMap((frame) => (frame.action === "earlier" && frame.contact_id === contactId ? [frame.after] : []));
  const isEmpty = (contact_id: string, next?: string) =>
    earlier.receive({ action: "earlier", contact_id, contacts: [], ...(next !== undefined && { next }) });
  return { earlier, of, isEmpty };
}

describe("the list of earlier chats", () => {
  it("is asked for again where nothing was shown when another chat was opened", () => {
    const { earlier, of, isEmpty } = reading();
    earlier.list("Ada");
    earlier.list("Grace");
    isEmpty("Ada", "1");
    isEmpty("Grace");
    expect(of("Ada")).toEqual([undefined]);

    earlier.list("Ada");
    isEmpty("Ada", "1");

    expect(of("Ada")).toEqual([undefined, undefined, "1"]);
  });

  it("is asked for once while the answer is under way", () => {
    const { earlier, of } = reading();
    earlier.list("Ada");
    earlier.list("Ada");
    expect(of("Ada")).toEqual([undefined]);
  });

  it("goes on over three empty pages by itself, and then only on demand", () => {
    const { earlier, of, isEmpty } = reading();
    earlier.list("Ada");
    for (const next of ["1", "2"]) isEmpty("Ada", next);
    expect(earlier.known().earlier.get("Ada")).toBeUndefined();
    isEmpty("Ada", "3");
    expect(of("Ada")).toEqual([undefined, "1", "2"]);
    expect(earlier.known().earlier.get("Ada")).toEqual({ contacts: [], next: "3" });

    earlier.list("Ada");
    expect(of("Ada")).toHaveLength(3);
    earlier.more("Ada");
    for (const next of ["4", "5", "6"]) isEmpty("Ada", next);

    expect(of("Ada").slice(3)).toEqual(["3", "4", "5"]);
    expect(earlier.known().earlier.get("Ada")?.next).toBe("6");
  });
});
