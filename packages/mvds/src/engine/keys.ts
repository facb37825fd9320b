// Where the database of a node has what.

import { encodeUtf8 } from "@remote-log/core/adapter";
import { int64Bytes, joined, uint64Bytes } from "../bytes.ts";

const prefix = (letter: string): Uint8Array => encodeUtf8(letter);

/** A range of all keys that begin with the same bytes, followed by at least one more. */
export interface Prefixed {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
}

function below(start: Uint8Array): Prefixed {
  const end = start.slice();
  // No prefix here ends with 255 alone: each begins with a letter.
  for (let at = end.length - 1; at >= 0; at--) {
    if (end[at] === 255) continue;
    end[at]!++;
    return { gte: start, lt: end.slice(0, at + 1) };
  }
  throw new RangeError("a prefix of a key is empty");
}

/** The present epoch. */
export const epochKey: Uint8Array = prefix("e");

/** A group: its members, and below which message it forgets. */
export const groupKey = (groupId: Uint8Array): Uint8Array => joined(prefix("g"), groupId);
export const groupKeys: Prefixed = below(prefix("g"));

/** What is known of a message, and the message itself. */
export const messageKey = (id: Uint8Array): Uint8Array => joined(prefix("m"), id);
export const bodyKey = (id: Uint8Array): Uint8Array => joined(prefix("b"), id);

/** The messages of a group by their timestamps, with the bytes that each takes. */
export const timeKey = (groupId: Uint8Array, timestamp: bigint, id: Uint8Array): Uint8Array =>
  joined(prefix("t"), groupId, int64Bytes(timestamp), id);
export const timeKeys = (groupId: Uint8Array): Prefixed => below(joined(prefix("t"), groupId));

/** The messages of a group that no other has as a parent. */
export const headKey = (groupId: Uint8Array, id: Uint8Array): Uint8Array => joined(prefix("h"), groupId, id);
export const headKeys = (groupId: Uint8Array): Prefixed => below(joined(prefix("h"), groupId));

/** The record of a message for a peer. */
export const recordKey = (peer: string, id: Uint8Array): Uint8Array =>
  joined(prefix("s"), encodeUtf8(peer), id);
export const recordKeys: Prefixed = below(prefix("s"));

/** A message that waits for a parent. */
export const waitKey = (parent: Uint8Array, child: Uint8Array): Uint8Array =>
  joined(prefix("w"), parent, child);
export const waitKeys: Prefixed = below(prefix("w"));

/** The parents in another copy of a message that waits; `copy` is its id, and the name of the peer whose log has the copy. */
export const copyKey = (copy: Uint8Array): Uint8Array => joined(prefix("c"), copy);

/** What waits for the application, and what waits for the node's own log, in order. */
export const inboxKey = (order: number): Uint8Array => joined(prefix("i"), uint64Bytes(order));
export const inboxKeys: Prefixed = below(prefix("i"));
export const outboxKey = (order: number): Uint8Array => joined(prefix("o"), uint64Bytes(order));
export const outboxKeys: Prefixed = below(prefix("o"));

/** How far a log was read. */
export const readKey = (logId: Uint8Array): Uint8Array => joined(prefix("r"), logId);
export const readKeys: Prefixed = below(prefix("r"));

/** What a peer has read of a log, by its own word. */
export const statementKey = (logId: Uint8Array, peer: string): Uint8Array =>
  joined(prefix("q"), logId, encodeUtf8(peer));
export const statementKeys: Prefixed = below(prefix("q"));
