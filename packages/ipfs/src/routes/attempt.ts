// One request of a route, and what its failures mean.

import { isRemoteLogError, NameConflictError, UnreachableError } from "@remote-log/core";
import { byThisClock, type OperationContext, throwIfAborted } from "@remote-log/core/adapter";
import { statusOf, textOf, translateFailure, wordsOf } from "../http/errors.ts";

/** What nodes say that hold a newer record, or another one of the same sequence number. */
const NEWER = /existing IPNS record has sequence|replace a newer value|newer record/i;

/** What nodes say that are connected to nobody. */
const ALONE = /failed to find any peer|insufficient peers|no peers/i;

/** What nodes say that run with `--offline`. */
const OFFLINE = /online mode|while offline|is offline/i;

/** What nodes say to which a new record is out of date already. */
const EXPIRED = /record (?:is|has) expired/i;

/** What nodes say if nobody has a record of the name. */
const NONE = /routing: not found|record not found|no record/i;

/**
 * Sends one request of a route. An abort keeps its reason, and so does an error of this project; any other is translated.
 *
 * @param translate - what a failure means. Default: what it means for nodes and routers
 */
export async function attempt<T>(
  context: OperationContext,
  signal: AbortSignal | undefined,
  request: () => Promise<T>,
  translate: (error: unknown, context: OperationContext) => unknown = translateRouteFailure,
): Promise<T> {
  throwIfAborted(signal);
  try {
    return await request();
  } catch (error) {
    throwIfAborted(signal);
    throw isRemoteLogError(error) ? error : translate(error, context);
  }
}

/** Whether a text of a service says that there is no record of the name. */
export function saysNone(text: string): boolean {
  return NONE.test(text);
}

/** Whether a node said that there is no record of the name. It does so with status 500, unlike what may be in front of it. */
export function isNone(error: unknown): boolean {
  return statusOf(error) === 500 && saysNone(wordsOf(error));
}

/** Something answered that can't be what it should be. */
export function notUnderstood(what: string, { operation, action }: OperationContext): UnreachableError {
  const message = `While ${action}: something answered ${what}. Check the network, and the URL.`;
  return new UnreachableError(message, { operation, reason: "wrong-service" });
}

/** A route shows another record than the one that it was given. */
export function showsAnother({ operation, action }: OperationContext): NameConflictError {
  return new NameConflictError(`While ${action}: it shows another record instead.`, { operation });
}

/** A route took a record, and has none. */
export function showsNone({ operation, action }: OperationContext): UnreachableError {
  return new UnreachableError(
    `While ${action}: it reported success, and then showed no record. Try again; is the node connected?`,
    { operation },
  );
}

function translateRouteFailure(error: unknown, context: OperationContext): Error {
  const { operation, action } = context;
  const words = wordsOf(error);
  const text = textOf(error);
  const options = { operation, cause: new Error(text) };
  if (NEWER.test(words)) {
    const message = `While ${action}: it has a newer record, or another of this number.`;
    return new NameConflictError(message, options);
  }
  if (ALONE.test(words)) {
    return new UnreachableError(
      `While ${action}: the node has no peers (${text}). Wait until it has found some, connect it to one ` +
        "(ipfs swarm connect), or check its Bootstrap list and Routing.Type.",
      { ...options, reason: "no-peers" },
    );
  }
  if (EXPIRED.test(words)) {
    return new UnreachableError(
      `While ${action}: to the node it has expired already (${text}). Check the clock of this device, and that of the node: it was made ${byThisClock()}.`,
      { ...options, reason: "clock-skew" },
    );
  }
  if (OFFLINE.test(words)) {
    return new UnreachableError(
      `While ${action}: the node is offline (${text}). Start it without --offline, and try again.`,
      { ...options, reason: "offline" },
    );
  }
  return translateFailure(error, context);
}
