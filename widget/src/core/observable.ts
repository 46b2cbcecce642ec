import type { Observable } from "./api";

export interface ObservableState<Snapshot> extends Observable<Snapshot> {
  /** The next snapshot is computed anew, and listeners hear of it once, however often this is called before. */
  changed(): void;
}

export function createObservable<Snapshot>(compute: () => Snapshot): ObservableState<Snapshot> {
  const listeners = new Set<() => void>();
  let snapshot: Snapshot | undefined;
  let announced = false;

  const announce = () => {
    announced = false;
    for (const listener of [...listeners]) listener();
  };

  return {
    getSnapshot: () => {
      snapshot ??= compute();
      return snapshot;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed: () => {
      snapshot = undefined;
      if (announced) return;
      announced = true;
      // In a microtask of its own, a listener that throws cannot stop the handling of a frame.
      Promise.resolve().then(announce);
    },
  };
}
