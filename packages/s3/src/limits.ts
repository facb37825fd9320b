// How large contents may be, in bytes. The same for writers with the SDK and for readers over plain HTTP.

import { checkWhole } from "@remote-log/core/adapter";

/** The largest content of a storage, if nothing else is said. */
export const LARGEST_CONTENT: number = 64 * 1024 * 1024;

/** The largest content of a name, if nothing else is said. */
export const LARGEST_NAME: number = 1024 * 1024;

/** How long a service may take to answer a request, if nothing else is said, in milliseconds. */
export const ANSWER_MILLISECONDS = 60_000;

/** The longest time that timers keep, in milliseconds, less what the largest content needs. */
const LONGEST_ANSWER = 2 ** 31 - 1 - 2 ** 26;

/** The slowest transfer that is waited for. */
const BYTES_PER_MILLISECOND = 32;

/** How much longer a request may take that carries this many bytes, in milliseconds. */
export function transferMilliseconds(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_MILLISECOND);
}

/**
 * Checks the option `answerMilliseconds`, and gives it back.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkAnswerTime(answerMilliseconds: number): number {
  checkWhole({ answerMilliseconds }, { operation: "s3.open", largest: LONGEST_ANSWER });
  return answerMilliseconds;
}

/**
 * Checks the option `largestContent`, and gives it back.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkLimit(largestContent: number): number {
  checkWhole({ largestContent }, { operation: "s3.open", least: 0, largest: 2 ** 31 - 1 });
  return largestContent;
}

/**
 * What a request costs, as the bytes that could be read instead. Of 16 requests at once, each took as long as 131,000 bytes more on
 * MinIO on the same machine; over a line of 100 Mbit/s with 30 ms to the service that would be 23,000. In between.
 */
export const REQUEST_BYTES = 65_536;

/** How many retries a list and a probe have room for: not enough for one after a timeout, which has taken a minute. */
export const RETRIES = 7;
