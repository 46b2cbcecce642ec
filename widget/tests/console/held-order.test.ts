import { expect, it } from "vitest";
import { heldOrder } from "../../src/console/inbox/held-order";

const rows = (...ids: readonly string[]) => ids.map((contactId) => ({ contactId }));
const idsOf = (shown: readonly { readonly contactId: string }[]) => shown.map(({ contactId }) => contactId);

it("the list keeps its order while somebody aims at a row, and what is new stands at the end", () => {
  const order: string[] = [];
  heldOrder(rows("ada", "grace", "alan"), order, false);
  expect(idsOf(heldOrder(rows("new", "alan", "ada", "grace"), order, true))).toEqual(["ada", "grace", "alan", "new"]);
  expect(idsOf(heldOrder(rows("grace", "new", "ada"), order, true))).toEqual(["ada", "grace", "new"]);
});

it("the list has its own order again once nobody aims", () => {
  const order = ["ada", "grace"];
  expect(idsOf(heldOrder(rows("grace", "ada"), order, false))).toEqual(["grace", "ada"]);
});
