/**
 * Rows in the order they had while somebody aims at one of them: those that came meanwhile stand at the end. `order` is
 * what the answer to the last call was made of, and is changed to it.
 */
export function heldOrder<Row extends { readonly contactId: string }>(
  rows: readonly Row[],
  order: string[],
  isHeld: boolean,
): readonly Row[] {
  const held = isHeld ? [...rows].sort((one, other) => placeIn(order, one) - placeIn(order, other)) : rows;
  order.splice(0, order.length, ...held.map(({ contactId }) => contactId));
  return held;
}

function placeIn(order: readonly string[], { contactId }: { readonly contactId: string }): number {
  const place = order.indexOf(contactId);
  return place < 0 ? order.length : place;
}
