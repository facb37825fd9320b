// Answers that are no contents: what a service says to a write, or about a block.

import { TooLargeError } from "@remote-log/core";
import { type BodyLike, readBody } from "@remote-log/core/adapter";

/** Options of {@link readAnswer}. */
interface ReadAnswerOptions {
  /** The most bytes that such an answer has. */
  readonly limit: number;
  /** The operation, for errors of the connection. */
  readonly operation: string;
  /** Makes the error for a longer one. */
  readonly refusal: () => Error;
}

/**
 * Reads an answer that is no content. If it is longer than any such answer, that says nothing about what the caller
 * reads or writes: it is not "too large", which would never be tried again, but an answer that nobody understands.
 *
 * @throws whatever `refusal` makes, if it is longer than the limit
 */
export async function readAnswer(
  response: BodyLike,
  { limit, operation, refusal }: ReadAnswerOptions,
): Promise<Uint8Array> {
  try {
    return await readBody(response, { limit, operation, what: "an answer" });
  } catch (error) {
    throw error instanceof TooLargeError ? refusal() : error;
  }
}
