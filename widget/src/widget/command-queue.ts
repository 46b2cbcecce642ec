/** The stub that a page may load first: calls before the widget has loaded wait in `q`. It does nothing else. */

type Call = readonly unknown[];

/** `SellerChat` before the widget has loaded. */
export interface CommandQueue {
  (...call: Call): unknown;
  q?: Call[];
}

export function createCommandQueue(): CommandQueue {
  const calls: Call[] = [];
  const queue: CommandQueue = (...call) => {
    calls.push(call);
    // By then the widget stands in the queue's place, and forgets the listener if it has met it.
    return call[0] === "on"
      ? () => (window as unknown as { SellerChat: CommandQueue }).SellerChat("off", ...call.slice(1))
      : undefined;
  };
  queue.q = calls;
  return queue;
}
