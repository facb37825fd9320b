// What the answers of the service mean.

import { type FailureKind, failureOf, type OperationContext } from "@remote-log/core/adapter";
import { type Reply, SENDER } from "./client.ts";

/** The service's refusals. A status that is not here means that no usable answer came. */
const refusals: Readonly<Record<number, FailureKind>> = {
  401: "denied",
  402: "quota",
  403: "denied",
  413: "too-large",
  429: "busy", // The core waits, and tries again by itself.
  507: "quota",
};

/** An answer that is none of those that were expected. */
export class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
  readonly status: number;

  constructor(status: number, why: string) {
    super(`Status ${status}, ${why}`);
    this.status = status;
  }
}

/**
 * The answer, if it is the service's own and one of those that this operation can have: 404 or 412 says something only in
 * the right place. A proxy, or a network that wants a login, answers in the service's place, with 200 or 404 as it likes.
 *
 * @throws UnexpectedAnswer for any other
 */
export function answerOf(reply: Reply, ...expected: readonly number[]): Reply {
  if (reply.sender !== SENDER) throw new UnexpectedAnswer(reply.status, "and not from the service");
  if (expected.includes(reply.status)) return reply;
  throw new UnexpectedAnswer(reply.status, "which was not expected");
}

/** The error that a failure of the client, or an unexpected answer, means. */
export function translate(cause: unknown, context: OperationContext): unknown {
  const status = cause instanceof UnexpectedAnswer ? cause.status : undefined;
  if (status === undefined) return failureOf("unreachable", context, { cause });
  // A refusal is taken from anyone: it claims nothing of what the service holds.
  return failureOf(refusals[status] ?? "unreachable", context, { cause, detail: `status ${status}` });
}
