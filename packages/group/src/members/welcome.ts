// What who invites leaves for a newcomer whom it has let in: who the members are, and the keys to what they wrote before they
// heard of it.

import { bytesEqual } from "@remote-log/core/adapter";
import type { LogKey } from "../store/known-keys.ts";
import { decodeStrictly, encodeStrictly } from "../wire/cbor.ts";
import { cardParts, malformed, Parts, type RosterEntry } from "./records.ts";

/** A member, with the keys of its logs as far as who invites has them. */
export interface WelcomedBy extends RosterEntry {
  /** The key of its log of messages; absent if it is not known, or the newcomer may not read what was before. */
  readonly messagesKey?: LogKey;
  /** The key of its control log. */
  readonly controlKey?: LogKey;
}

/** What a newcomer is told. */
export interface Welcome {
  /** The id of the group. */
  readonly group: string;
  /** The members, nearest to the founder first. */
  readonly members: readonly WelcomedBy[];
}

const FORM = 1;

/** Encodes a welcome. */
export function encodeWelcome({ group, members }: Welcome): Uint8Array {
  return encodeStrictly([
    FORM,
    group,
    members.map(({ card, depth, person, admin, history, messagesKey, controlKey }) => [
      cardParts(card),
      depth,
      person,
      admin,
      history,
      keyParts(messagesKey),
      keyParts(controlKey),
    ]),
  ]);
}

/**
 * Decodes a welcome.
 *
 * @throws MalformedError `ERR_MALFORMED` if it is none, or of a newer form
 */
export function decodeWelcome(bytes: Uint8Array): Welcome {
  const parts = decodeStrictly(bytes, "A welcome");
  if (!Array.isArray(parts) || parts[0] !== FORM)
    throw malformed("is not of the form that this version knows");
  const all = new Parts(parts.slice(1));
  const welcome = { group: all.logId(), members: all.members().map(memberFrom) };
  if (!bytesEqual(encodeWelcome(welcome), bytes)) throw malformed("is encoded in another way than ours");
  return welcome;
}

function memberFrom(parts: Parts): WelcomedBy {
  const [card, depth, person] = [parts.card(), parts.number(), parts.logId()];
  const [admin, history] = [parts.flag(), parts.flag()];
  const [messagesKey, controlKey] = [keyFrom(parts.list()), keyFrom(parts.list())];
  return {
    ...{ card, depth, person, admin, history },
    ...(messagesKey && { messagesKey }),
    ...(controlKey && { controlKey }),
  };
}

function keyParts(key: LogKey | undefined): readonly unknown[] {
  return key === undefined ? [] : [key.epoch, key.key];
}

function keyFrom(list: readonly unknown[]): LogKey | undefined {
  if (list.length === 0) return undefined;
  const parts = new Parts(list);
  return { epoch: parts.number(), key: parts.bytes(32) };
}
