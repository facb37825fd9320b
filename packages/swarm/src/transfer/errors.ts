// What can go wrong with a chunk on its way, besides the answers that `translateFailure` knows.

import { IntegrityError, NotFoundError, TimeoutError, TooLargeError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";

/** The answer is longer than the caller accepts. */
export function tooLarge(limit: number, { operation, action }: OperationContext): TooLargeError {
  return new TooLargeError(
    `While ${action}: it has more than the ${limit} bytes that are accepted. No more was read.`,
    { operation, limit },
  );
}

/** The answer is longer than any chunk. */
export function notChunk(
  reference: string,
  limit: number,
  { operation, action }: OperationContext,
): IntegrityError {
  return new IntegrityError(
    `While ${action}: under the address of the chunk ${reference} it has more than ${limit} bytes, and no chunk has. ` +
      "Nothing of them was used.",
    { operation },
  );
}

/** The node says that it has stored something other than the chunk that it was given. */
export function otherStored(
  answered: unknown,
  { reference }: { readonly reference: string },
  { operation, action }: OperationContext,
): IntegrityError {
  // Only what looks like a reference is repeated: it is the text of somebody else.
  const shown =
    typeof answered === "string" && /^[0-9a-f]{1,128}$/i.test(answered) ? answered : "something else";
  return new IntegrityError(
    `While ${action}, it answered with ${shown}, and the chunk is ${reference}: what it ` +
      "has stored is something else. Check what is between here and the node.",
    { operation },
  );
}

/** The network did not accept a chunk in time. */
export function tooSlow(
  milliseconds: number,
  cause: TimeoutError,
  { operation, action }: OperationContext,
): TimeoutError {
  return new TimeoutError(
    `While ${action}: the network did not take a chunk within ${milliseconds} ms. Has the node ` +
      'peers (GET /peers)? Try again, allow more time (uploadMilliseconds), or set upload: "deferred", with which the ' +
      "node keeps the chunk until it finds some.",
    { operation, cause },
  );
}

/**
 * A chunk that the node says is not there.
 *
 * @param what - what is missing, for the message: `"content b…"`
 */
export function missingChunk(what: string, { operation, action }: OperationContext): NotFoundError {
  return new NotFoundError(
    `While ${action}: there is no ${what}. It may not have reached the network yet, or its stamp has expired; a node ` +
      "with few peers may not find it.",
    { operation, retry: "safe" },
  );
}
