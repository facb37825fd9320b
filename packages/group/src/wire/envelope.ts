// The envelope of a message: when it was written, what its author had seen, what form its bytes have.

import { MalformedError } from "@remote-log/core";
import { bytesEqual } from "@remote-log/core/adapter";
import type { ValueForm } from "../codec.ts";
import { decodeStrictly, encodeStrictly } from "./cbor.ts";
import { type EntryPlace, LARGEST_NUMBER, logBytes, logFrom } from "./position.ts";

/** What an entry of a member's log of messages holds. */
export interface Envelope extends ValueForm {
  /**
   * When it was written, in milliseconds since 1970, by the clock of its author; later than everything that its author had seen
   * before, also if that clock is slow.
   */
  readonly time: number;
  /** The newest entries of other logs that the author had seen, and no entry before it names: one for a log, by log id. */
  readonly parents: readonly EntryPlace[];
  /** The value, as the codec of the application wrote it. */
  readonly body: Uint8Array;
}

/** The form of all of it. A newer one is reported, and not read. */
const FORM = 1;

/** The most parents of a message: more logs than a group has members. */
const MOST_PARENTS = 256;

/** The longest type of a value, in characters. */
const LONGEST_TYPE = 64;

/** Encodes an envelope. The same envelope always gives the same bytes. */
export function encodeEnvelope({ time, parents, type, version, body }: Envelope): Uint8Array {
  const sorted = [...parents].sort((a, b) => (a.log < b.log ? -1 : 1));
  const places = sorted.map(({ log, sequence }) => [logBytes(log), sequence]);
  return encodeStrictly([FORM, time, places, type, version, body]);
}

/**
 * Decodes an envelope. It comes from another device, and each has one encoding.
 *
 * @throws MalformedError `ERR_MALFORMED` if it is none, or of a newer form
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const parts = decodeStrictly(bytes, "The envelope of a message");
  if (!Array.isArray(parts) || parts[0] !== FORM || parts.length !== 6)
    throw malformed("is not of the form that this version knows");
  const [, time, places, type, version, body] = parts as readonly unknown[];
  if (!isNumber(time)) throw malformed("has no time");
  if (typeof type !== "string" || type.length > LONGEST_TYPE) throw malformed("has no type");
  if (!isNumber(version)) throw malformed("has no version");
  if (!(body instanceof Uint8Array)) throw malformed("has no body");
  const envelope = { time, parents: parentsFrom(places), type, version, body };
  if (!bytesEqual(encodeEnvelope(envelope), bytes)) throw malformed("is encoded in another way than ours");
  return envelope;
}

function parentsFrom(places: unknown): readonly EntryPlace[] {
  if (!Array.isArray(places) || places.length > MOST_PARENTS) throw malformed("has no list of parents");
  const parents = places.map((place: unknown) => {
    const [log, sequence] = Array.isArray(place) && place.length === 2 ? (place as unknown[]) : [];
    if (!(log instanceof Uint8Array) || log.length !== 32 || !isNumber(sequence))
      throw malformed("has a parent that is none");
    return { log: logFrom(log), sequence };
  });
  if (new Set(parents.map(({ log }) => log)).size < parents.length)
    throw malformed("names two parents of one log");
  return parents;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LARGEST_NUMBER;
}

function malformed(why: string): MalformedError {
  return new MalformedError(`The envelope of a message ${why}.`, { operation: "group.decode" });
}
