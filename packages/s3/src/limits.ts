import { InvalidInputError } from "@remote-log/core";

/** The largest content of a storage where nothing else is said, in bytes. */
export const LARGEST_CONTENT: number = 64 * 1024 * 1024;

/** The largest content of a name where nothing else is said, in bytes. */
export const LARGEST_NAME: number = 1024 * 1024;

const LARGEST_LIMIT = 2 ** 31 - 1;

/**
 * Checks the largest content, and gives it back.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkLimit(limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 0 && limit <= LARGEST_LIMIT) return limit;
  throw new InvalidInputError(
    `largestContent must be a whole number from 0 to ${LARGEST_LIMIT}, not ${limit}.`,
    {
      operation: "s3.open",
    },
  );
}
