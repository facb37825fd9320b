// What every cache is told: how much it may hold.

import { checkOptionTypes, checkWhole, type OptionKind, optionKinds } from "@remote-log/core/adapter";

/** How much a cache holds if it is not told. */
const USUAL_BYTES = 64 * 1024 * 1024;

/** What the options of every cache have. */
export interface BoundedCache {
  /** The most bytes of values that it holds; then what was used least recently goes first. A whole number from 1. Default: 64 MiB. */
  readonly bytes?: number | undefined;
}

/**
 * Checks the options of a cache.
 *
 * @param kinds - of its other options
 * @returns how much it may hold
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkCacheOptions(
  options: BoundedCache,
  name: string,
  kinds: Readonly<Record<string, OptionKind>> = {},
): number {
  checkOptionTypes(options, { bytes: optionKinds.number, ...kinds }, { name, operation: "cache.open" });
  const { bytes = USUAL_BYTES } = options;
  checkWhole({ bytes }, { operation: "cache.open", largest: Number.MAX_SAFE_INTEGER });
  return bytes;
}
