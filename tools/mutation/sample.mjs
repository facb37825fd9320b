// Chooses some mutants by chance, so that CI tries others each time, and the same ones again by their seed.

/**
 * Some of the items, in their order.
 *
 * @template T
 * @param {readonly T[]} items
 * @param {number} count
 * @param {number} seed
 * @returns {T[]}
 */
export function sample(items, count, seed) {
  const random = mulberry32(seed);
  const left = items.map((_, index) => index);
  const chosen = Array.from({ length: Math.min(count, items.length) }, () => {
    return left.splice(Math.floor(random() * left.length), 1)[0];
  });
  return chosen.sort((a, b) => a - b).map((index) => items[index]);
}

function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
