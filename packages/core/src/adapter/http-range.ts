// Parts of a content over HTTP (RFC 9110, section 14): asked for by `Range`, and believed only if the answer is that part.

import { hasCode, UnreachableError, UnsupportedError } from "../errors/index.ts";
import type { ByteRange } from "../remote/storage-backend.ts";
import { type BodyLike, discardBody, readBody } from "./read-body.ts";

/** What an answer says of the part that it holds, besides its body. */
export interface RangeAnswer extends BodyLike {
  /** The HTTP status. */
  readonly status: number | undefined;
  /** Its header `Content-Range`. Default: that of `headers`. A browser shows it only if the service exposes it. */
  readonly contentRange?: string | undefined;
}

/** Options of {@link readRange}. */
export interface ReadRangeOptions {
  /** The operation, for the error: `"storage.get"`. */
  readonly operation: string;
  /** What is read, for the error: `"the content b…"`. */
  readonly what: string;
  /** Ends the reading, and gives the body up. Default: the body ends by itself when its request is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The header `Range` that asks for a part of a content.
 *
 * @example
 * ```ts
 * import { rangeHeader } from "@remote-log/core/adapter";
 *
 * const headers = { range: rangeHeader({ offset: 500, length: 500 }) }; // bytes=500-999
 * ```
 */
export function rangeHeader({ offset, length }: ByteRange): string {
  return `bytes=${offset}-${offset + length - 1}`;
}

/**
 * Reads the answer to a request for a part of a content that is there: 206 with that part, or 416 if the content ends before it. No
 * more than the part is read. Any other answer is refused, such as 200 with everything.
 *
 * @returns the part; less than was asked for if the content ends within it
 * @throws UnsupportedError `ERR_UNSUPPORTED` with the reason `"no-ranges"` for another status: the service ignores ranges
 * @throws UnreachableError `ERR_UNREACHABLE` with the reason `"wrong-range"` if other bytes came, or fewer, or more
 */
export async function readRange(
  answer: RangeAnswer,
  range: ByteRange,
  options: ReadRangeOptions,
): Promise<Uint8Array> {
  const { operation, what } = options;
  if (answer.status === 416) {
    await discardBody(answer);
    return new Uint8Array(0);
  }
  if (answer.status !== 206) {
    await discardBody(answer);
    throw new UnsupportedError(
      `Reading a part of ${what} failed: the service answered with something else (status ${answer.status}). It may ignore ranges.`,
      { operation, reason: "no-ranges" },
    );
  }
  const shown = answer.contentRange ?? answer.headers?.get("content-range") ?? undefined;
  const expected = shown === undefined ? range.length : lengthOf(shown, range);
  if (expected === undefined) {
    await discardBody(answer);
    throw wrongRange("another part came", options);
  }
  const limit = { ...options, limit: expected };
  const content = await readBody(answer, limit).catch((cause: unknown) => {
    throw hasCode(cause, "ERR_TOO_LARGE") ? wrongRange("more came than the part", options, cause) : cause;
  });
  if (content.length < expected) throw wrongRange("less came than the part", options);
  return content;
}

/** How many bytes an answer has to have; `undefined` if it is about other bytes. */
function lengthOf(contentRange: string, { offset, length }: ByteRange): number | undefined {
  const [, first, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(contentRange) ?? [];
  const end = Number(last) + 1;
  if (Number(first) !== offset || end <= offset) return undefined;
  // It may be shorter only where the content ends.
  return end === offset + length || (end < offset + length && Number(total) === end)
    ? end - offset
    : undefined;
}

function wrongRange(why: string, { operation, what }: ReadRangeOptions, cause?: unknown): UnreachableError {
  return new UnreachableError(`Reading a part of ${what} failed: ${why}. Nothing of it was used.`, {
    operation,
    reason: "wrong-range",
    cause,
  });
}
