import type { DeliveryState } from "./rows";

const SHAPES: Readonly<Record<DeliveryState, string>> = {
  sending: "M8 3.5v4.7l2.6 1.6M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12",
  sent: "m3 8.5 3.5 3.5L13 4.5",
  delivered: "m1 8.5 3.5 3.5L11 4.5M7.5 11l1 1L15 4.5",
  read: "m1 8.5 3.5 3.5L11 4.5M7.5 11l1 1L15 4.5",
  failed: "M8 2.5v7M8 12.5v1",
};

/** How far a message has come, as a picture for the eye and in words for the ear. */
export function Ticks({ state, label }: { readonly state: DeliveryState; readonly label: string }) {
  return (
    <svg class={`ticks ${state}`} viewBox="0 0 16 16" role="img" aria-label={label}>
      <path d={SHAPES[state]} />
    </svg>
  );
}
