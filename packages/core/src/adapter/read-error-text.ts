// The text of an answer that is an error: little of it, and not for long.

import { withDeadline } from "../async/deadline.ts";
import { decodeUtf8Loosely } from "../utf8.ts";
import { type BodyLike, readBody } from "./read-body.ts";

/** How much of the text of a refusal is looked at, in bytes. */
const ERROR_BYTES = 16 * 1024;

/** How long the text of a refusal may take to come, in milliseconds: its status is known already. */
const ERROR_MILLISECONDS = 5_000;

/** Options of {@link readErrorText}. */
export interface ReadErrorTextOptions {
  /** The operation, as `subject.verb`. */
  readonly operation: string;
  /** The caller's own signal. */
  readonly signal: AbortSignal;
}

/**
 * Reads what a service says about its refusal: at most 16 KiB, and at most 5 seconds. The status tells what is the matter; so
 * an answer that is longer, or slower, or that breaks off, has no text.
 *
 * @returns the text without white space around it; empty if there is none
 *
 * @example
 * ```ts
 * import { type Call, HttpFailure, readErrorText } from "@remote-log/core/adapter";
 *
 * async function refused(reply: Response, { signal, context }: Call): Promise<never> {
 *   throw new HttpFailure(reply.status, await readErrorText(reply, { operation: context.operation, signal }));
 * }
 * ```
 */
export async function readErrorText(
  reply: BodyLike,
  { operation, signal }: ReadErrorTextOptions,
): Promise<string> {
  const deadline = { milliseconds: ERROR_MILLISECONDS, operation, backend: "The service", signal };
  const bytes = await withDeadline(deadline, (inner) =>
    readBody(reply, { limit: ERROR_BYTES, operation, what: "an error", signal: inner }),
  ).catch(() => new Uint8Array(0));
  return decodeUtf8Loosely(bytes).trim();
}
