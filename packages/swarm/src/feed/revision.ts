// Revisions of a name: which update of which feed it holds.

import { NameConflictError, type Revision, UnsupportedError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { toHex } from "../chunk/hex.ts";
import type { FeedName } from "./feed-name.ts";
import { LAST_INDEX, updatePlace } from "./feed-update.ts";

/** How much of the address of an update is in a revision. */
const PLACE_BYTES = 8;

/** What a revision says: which update of a feed it is, and what that holds. */
export interface ParsedRevision {
  readonly index: bigint;
  /** The address of the chunk in the update, 64 hexadecimal digits. */
  readonly chunk: string;
}

/**
 * The revision that an update stands for: `<index>-<place>-<address of the chunk in it>`. The place is the beginning of the
 * update's own address, and tells the updates of one feed from those of all others.
 */
export function formatRevision(feed: FeedName, { index, chunk }: ParsedRevision): Revision {
  return `${index}-${placeOf(feed, index)}-${chunk}`;
}

/** Reads a revision; `undefined` if it is not one of this feed. */
export function parseRevision(text: Revision | null | undefined, feed: FeedName): ParsedRevision | undefined {
  const [, digits, place, chunk] = /^(0|[1-9]\d{0,19})-([0-9a-f]{16})-([0-9a-f]{64})$/.exec(text ?? "") ?? [];
  if (digits === undefined || chunk === undefined) return undefined;
  const index = BigInt(digits);
  return index <= LAST_INDEX && place === placeOf(feed, index) ? { index, chunk } : undefined;
}

function placeOf(feed: FeedName, index: bigint): string {
  return toHex(updatePlace(feed, index).address.subarray(0, PLACE_BYTES));
}

/**
 * The index of the update that follows a revision.
 *
 * @throws NameConflictError `ERR_NAME_CONFLICT` for a revision of another name or another resolver, which the name can't hold
 * @throws UnsupportedError `ERR_UNSUPPORTED` if the indexes have run out
 */
export function indexAfter(
  expected: Revision | null,
  feed: FeedName,
  { operation, action }: OperationContext,
): bigint {
  if (expected === null) return 0n;
  const before = parseRevision(expected, feed);
  if (before === undefined) {
    throw new NameConflictError(
      `While ${action}: ${JSON.stringify(expected.slice(0, 100))} is no revision of this feed, so the name can't hold ` +
        "it. Resolve it to see what it holds.",
      { operation },
    );
  }
  if (before.index < LAST_INDEX) return before.index + 1n;
  throw new UnsupportedError(
    `While ${action}: ${before.index} is the last index of a feed, and nothing can follow it. Publish under another name.`,
    { operation },
  );
}
