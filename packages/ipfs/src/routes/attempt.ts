import { isRemoteLogError, NameConflictError, UnreachableError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { statusOf, textOf, translateFailure } from "../errors.ts";

/** What nodes say where they hold a newer record, or another one of the same sequence number. */
const NEWER = /existing IPNS record has sequence|replace a newer value|newer record/i;

/** What nodes say that are connected to nobody. */
const ALONE = /failed to find any peer|insufficient peers|no peers/i;

/** What nodes say that run with `--offline`. */
const OFFLINE = /online mode|while offline|is offline/i;

/** What nodes say that hold a new record to be out of date already. */
const EXPIRED = /record (?:is|has) expired/i;

/** What nodes say where nobody has a record of the name. */
const NONE = /routing: not found|record not found|no record/i;

/** Sends one request of a route. An abort keeps its reason; what fails is told in the words of this project. */
export async function attempt<T>(
  context: OperationContext,
  signal: AbortSignal | undefined,
  request: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await request();
  } catch (error) {
    signal?.throwIfAborted();
    throw isRemoteLogError(error) ? error : translate(error, context);
  }
}

/** Whether a text says that there is no record of the name. */
export function saysNone(text: string): boolean {
  return NONE.test(text);
}

/** Whether a node said that there is no record of the name: it does so with status 500, other than what may stand before it. */
export function isNone(error: unknown): boolean {
  return statusOf(error) === 500 && saysNone(textOf(error));
}

/** Something answered that can't be what it should be. */
export function notUnderstood(what: string, { operation, action }: OperationContext): UnreachableError {
  return new UnreachableError(
    `While ${action}: something answered ${what}. Check the network, and the URL.`,
    {
      operation,
    },
  );
}

/** A route shows another record than the one that it was given. */
export function showsAnother({ operation, action }: OperationContext): NameConflictError {
  return new NameConflictError(`While ${action}: it shows another record instead.`, { operation });
}

/** A route took a record, and has none. */
export function showsNone({ operation, action }: OperationContext): UnreachableError {
  return new UnreachableError(
    `While ${action}: it answered that all is well, and then showed no record. Try again; is the node connected?`,
    { operation },
  );
}

function translate(error: unknown, context: OperationContext): Error {
  const { operation, action } = context;
  const text = textOf(error);
  const options = { operation, cause: new Error(text) };
  if (NEWER.test(text)) {
    return new NameConflictError(
      `While ${action}: it has a newer record, or another of this number.`,
      options,
    );
  }
  if (ALONE.test(text)) {
    return new UnreachableError(
      `While ${action}: the node has no peers (${text}). Wait until it has found some, connect it to one ` +
        "(ipfs swarm connect), or check its Bootstrap list and Routing.Type.",
      options,
    );
  }
  if (EXPIRED.test(text)) {
    return new UnreachableError(
      `While ${action}: to the node it has expired already (${text}). Check the clock of this device, and that of the node.`,
      options,
    );
  }
  if (OFFLINE.test(text)) {
    return new UnreachableError(
      `While ${action}: the node is offline (${text}). Start it without --offline, and try again.`,
      options,
    );
  }
  return translateFailure(error, context);
}
