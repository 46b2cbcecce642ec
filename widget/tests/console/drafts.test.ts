// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { createDrafts } from "../../src/console/conversation/drafts";

afterEach(() => sessionStorage.clear());

describe("what was taken out of a field to be kept", () => {
  it("comes back, and outlasts a reload", () => {
    const drafts = createDrafts();
    drafts.set("ada", "Wants a refund", "note");
    const putBack = drafts.take("ada", "note");
    expect(drafts.get("ada", "note")).toBe("");
    putBack();
    expect(createDrafts().get("ada", "note")).toBe("Wants a refund");
  });

  it("does not come in the place of something newer, nor of what is in another field", () => {
    const drafts = createDrafts();
    drafts.set("ada", "VIP", "tag");
    const putBack = drafts.take("ada", "tag");
    drafts.set("ada", "refund", "tag");
    putBack();
    expect(drafts.get("ada", "tag")).toBe("refund");
    expect(drafts.get("ada")).toBe("");
  });

  it("does not come back once the session has ended", () => {
    const drafts = createDrafts();
    drafts.set("ada", "Wants a refund", "note");
    const putBack = drafts.take("ada", "note");
    drafts.forget();
    putBack();
    expect(createDrafts().get("ada", "note")).toBe("");
    expect(sessionStorage.length).toBe(0);
  });
});
