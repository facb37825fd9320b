// The envelope of a message: when it was written, what its author had seen, what form its bytes have.

import { InvalidInputError, MalformedError } from "@remote-log/core";
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
  /** What is attached to it. */
  readonly attachments: readonly AttachmentPlace[];
}

/** Entries in a row. */
export interface PartRange {
  /** Sequence number of the first. */
  readonly first: number;
  /** How many they are; at least one. */
  readonly count: number;
}

/** Where something attached is found: in its author's log of attachments. */
export interface AttachmentPlace {
  /** Its parts, in order. */
  readonly parts: readonly PartRange[];
  /** How many bytes it has. */
  readonly bytes: number;
  /** How many bytes each part has but the last. */
  readonly size: number;
  /** The key that opens the log up to the last part, 32 bytes. */
  readonly key: Uint8Array;
}

/** The form of all of it. A newer one is reported, and not read. */
const FORM = 1;

/** The most parents of a message: more logs than a group has members. */
const MOST_PARENTS = 256;

/** The most attachments of a message. */
export const MOST_ATTACHMENTS = 64;
/** The most ranges of parts of one. */
const MOST_RANGES = 1024;

/** The longest type of a value, in characters. */
export const LONGEST_TYPE = 64;

/** Encodes an envelope. The same envelope always gives the same bytes. */
export function encodeEnvelope({ time, parents, type, version, body, attachments }: Envelope): Uint8Array {
  const sorted = [...parents].sort((a, b) => (a.log < b.log ? -1 : 1));
  const places = sorted.map(({ log, sequence }) => [logBytes(log), sequence]);
  const attached = attachments.map(({ parts, bytes, size, key }) => [
    parts.map(({ first, count }) => [first, count]),
    bytes,
    size,
    key,
  ]);
  return encodeStrictly([FORM, time, places, type, version, body, attached]);
}

/**
 * Encodes an envelope of this device.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if it is one that nobody would read
 */
export function encodeOwnEnvelope(envelope: Envelope): Uint8Array {
  try {
    const content = encodeEnvelope(envelope);
    decodeEnvelope(content);
    return content;
  } catch (cause) {
    throw new InvalidInputError(
      "Nobody could read this message, so it was not appended. Its attachments have to be what `attach` returned, as they are; see the cause.",
      { operation: "group.append", cause },
    );
  }
}

/**
 * Decodes an envelope. It comes from another device, and each has one encoding.
 *
 * @throws MalformedError `ERR_MALFORMED` if it is none, or of a newer form
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const parts = decodeStrictly(bytes, "The envelope of a message");
  if (!Array.isArray(parts) || parts[0] !== FORM || parts.length !== 7)
    throw malformed("is not of the form that this version knows");
  const [, time, places, type, version, body, attached] = parts as readonly unknown[];
  if (!isNumber(time)) throw malformed("has no time");
  if (typeof type !== "string" || type.length > LONGEST_TYPE) throw malformed("has no type");
  if (!isNumber(version)) throw malformed("has no version");
  if (!(body instanceof Uint8Array)) throw malformed("has no body");
  const attachments = attachmentsFrom(attached);
  const envelope = { time, parents: parentsFrom(places), type, version, body, attachments };
  if (!bytesEqual(encodeEnvelope(envelope), bytes)) throw malformed("is encoded in another way than ours");
  return envelope;
}

/** The time in the envelope of an entry; `undefined` if it is no message. */
export function timeOf(content: Uint8Array): number | undefined {
  try {
    return decodeEnvelope(content).time;
  } catch {
    return undefined;
  }
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

function attachmentsFrom(attached: unknown): readonly AttachmentPlace[] {
  if (!Array.isArray(attached) || attached.length > MOST_ATTACHMENTS)
    throw malformed("has no list of attachments");
  return attached.map((one: unknown) => {
    const [parts, bytes, size, key] = Array.isArray(one) && one.length === 4 ? (one as unknown[]) : [];
    if (
      !Array.isArray(parts) ||
      parts.length > MOST_RANGES ||
      !isNumber(bytes) ||
      !isNumber(size) ||
      size === 0
    )
      throw malformed("has an attachment that is none");
    if (!(key instanceof Uint8Array) || key.length !== 32) throw malformed("has an attachment without a key");
    return { parts: parts.map(rangeFrom), bytes, size, key };
  });
}

function rangeFrom(range: unknown): PartRange {
  const [first, count] = Array.isArray(range) && range.length === 2 ? (range as unknown[]) : [];
  if (isNumber(first) && isNumber(count) && count > 0) return { first, count };
  throw malformed("has an attachment with parts that are none");
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LARGEST_NUMBER;
}

function malformed(why: string): MalformedError {
  return new MalformedError(`The envelope of a message ${why}.`, { operation: "group.decode" });
}
