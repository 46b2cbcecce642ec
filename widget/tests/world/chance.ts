/** Seeded randomness (mulberry32), so that whatever a run did can be done again. */
export interface Chance {
  /** At least 0, below 1. */
  fraction(): number;
  happens(probability: number): boolean;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<Item>(items: readonly Item[]): Item;
  uuid(): string;
}

export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  let minted = 0;

  function fraction(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  return {
    fraction,
    happens: (probability) => fraction() < probability,
    between: (low, high) => low + Math.floor(fraction() * (high - low + 1)),
    pick: (items) => {
      const item = items[Math.floor(fraction() * items.length)];
      if (item === undefined) throw new Error("There is nothing to pick from.");
      return item;
    },
    uuid: () => `id-${seed}-${++minted}`,
  };
}
