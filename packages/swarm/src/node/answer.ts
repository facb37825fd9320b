// What a Bee node answers in JSON.

import { TooLargeError, UnreachableError } from "@remote-log/core";
import { decodeUtf8Loosely, type OperationContext, readBody } from "@remote-log/core/adapter";

/** How much of an answer in JSON is read, in bytes. */
const ANSWER_BYTES = 16 * 1024;

/**
 * Reads what a node answers in JSON.
 *
 * @throws UnreachableError `ERR_UNREACHABLE` if it is no object in JSON: a page that wants a password, say
 */
export async function readAnswer(
  response: Response,
  context: OperationContext,
): Promise<Readonly<Record<string, unknown>>> {
  const { operation } = context;
  const bytes = await readBody(response, {
    limit: ANSWER_BYTES,
    operation,
    what: "the answer of a node",
  }).catch((error: unknown) => {
    throw error instanceof TooLargeError ? notBee(context) : error;
  });
  try {
    const answer: unknown = JSON.parse(decodeUtf8Loosely(bytes));
    if (typeof answer === "object" && answer !== null) return answer as Record<string, unknown>;
  } catch {
    // No JSON.
  }
  throw notBee(context);
}

/** Something answered that is not a Bee node: it says yes to whatever it is asked. */
export function notBee({ operation, action }: OperationContext, cause?: unknown): UnreachableError {
  return new UnreachableError(
    `While ${action}, something answered that is not the API of a Bee node. Check the network, and the URL of the node.`,
    { operation, cause },
  );
}
