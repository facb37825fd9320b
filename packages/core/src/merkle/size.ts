// Arithmetic on tree sizes. They go up to 2^53 - 1, so the bit operators of the language, which cut their
// operands to 32 bits, can't be used.

/** Whether a value can be a number of leaves: a whole number from 0 to 2^53 − 1. */
export function isTreeSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Whether a tree size is a power of two, so that its tree is perfect. 1 is one, 0 is none. */
export function isPowerOfTwo(size: number): boolean {
  if (size < 1) return false;
  let rest = size;
  while (rest % 2 === 0) rest /= 2;
  return rest === 1;
}

/** The number of bits that are set in a tree size: how many perfect subtrees it takes to make it up. */
export function countOnes(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = halve(rest)) ones += rest % 2;
  return ones;
}

/** The largest power of two that is smaller than a size of at least 2: where RFC 9162 splits a tree. */
export function splitPoint(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** Half of a tree size, rounded down. */
export function halve(size: number): number {
  return Math.floor(size / 2);
}
