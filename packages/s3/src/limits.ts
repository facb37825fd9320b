// How large contents may be, in bytes. The same for writers with the SDK and for readers over plain HTTP.

import { checkWhole } from "@remote-log/core/adapter";

/** The largest content of a storage, if nothing else is said. */
export const LARGEST_CONTENT: number = 64 * 1024 * 1024;

/** The largest content of a name, if nothing else is said. */
export const LARGEST_NAME: number = 1024 * 1024;

/**
 * Checks the option `largestContent`, and gives it back.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkLimit(largestContent: number): number {
  checkWhole({ largestContent }, { operation: "s3.open", least: 0, largest: 2 ** 31 - 1 });
  return largestContent;
}
