// The payload of 2/MVDS, "Payloads": what one peer sends to another in one epoch.

import { InvalidInputError, type MvdsMessage } from "@remote-log/core";
import {
  fieldOf,
  invalid,
  malformed,
  ProtobufReader,
  ProtobufWriter,
  readMvdsMessage,
  writeMvdsMessage,
} from "@remote-log/core/wire";
import { type Dialect, PAYLOAD_FIELDS, type PayloadFields } from "./dialect.ts";

/** Length of the id of a message, and of a group id, in bytes. */
export const ID_BYTES = 32;

/** Ids that are offered within one group: field 5005 of status-im/mvds, which declares it and does not use it yet. */
export interface GroupOffer {
  /** The group, 32 bytes. */
  readonly groupId: Uint8Array;
  /** Ids of messages of the group, 32 bytes each. */
  readonly messageIds: readonly Uint8Array[];
}

/** What one peer sends to another in one epoch. Every id has 32 bytes. */
export interface Payload {
  /** Ids of messages that the sender holds. */
  readonly acks: readonly Uint8Array[];
  /** Ids of messages that the sender would like to give. */
  readonly offers: readonly Uint8Array[];
  /** Ids of messages that the sender would like to receive. */
  readonly requests: readonly Uint8Array[];
  /** Messages. */
  readonly messages: readonly MvdsMessage[];
  /** Offers by group. Default: none. Only in the dialect `"production"`. */
  readonly groupOffers?: readonly GroupOffer[] | undefined;
}

/** How much a decoder accepts; anything over it is refused with `MalformedError`. */
export interface PayloadLimits {
  /** The most bytes of a payload. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** The most ids of each kind: acks, offers, requests, and those of all offers by group. Default 16,384. */
  readonly maxIds?: number | undefined;
  /** The most messages. Default 4,096. */
  readonly maxMessages?: number | undefined;
  /** The most groups with offers. Default 1,024. */
  readonly maxGroupOffers?: number | undefined;
  /** The most parents of a message. Default 256. */
  readonly maxParents?: number | undefined;
  /** The most fields to skip because they are unknown, in a whole payload with its parts. Default 1,024. */
  readonly maxUnknownFields?: number | undefined;
}

/** The limits that apply if none are given. */
export const DEFAULT_PAYLOAD_LIMITS: { readonly [K in keyof PayloadLimits]-?: number } = Object.freeze({
  maxBytes: 2 ** 20,
  maxIds: 16_384,
  maxMessages: 4096,
  maxGroupOffers: 1024,
  maxParents: 256,
  maxUnknownFields: 1024,
});

/**
 * Encodes a payload. The same payload always gives the same bytes: fields in ascending order, numbers in their shortest form, and
 * nothing for what is empty.
 *
 * @param dialect - default `"production"`
 * @throws InvalidInputError `ERR_INVALID_INPUT` for an id that does not have 32 bytes, a timestamp over 64 bits, more than 256
 * parents, and offers by group in a dialect that has none
 *
 * @example
 * ```ts
 * import { decodePayload, encodePayload } from "@remote-log/mvds";
 *
 * const bytes = encodePayload({ acks: [new Uint8Array(32)], offers: [], requests: [], messages: [] });
 * console.log(decodePayload(bytes).acks.length); // 1
 * ```
 */
export function encodePayload(payload: Payload, dialect: Dialect = "production"): Uint8Array {
  const fields = fieldsOf(dialect);
  const { acks, offers, requests, messages, groupOffers = [] } = payload;
  const writer = new ProtobufWriter("Payload");
  writeIds(writer, fields.acks, "acks", acks);
  writeIds(writer, fields.offers, "offers", offers);
  writeIds(writer, fields.requests, "requests", requests);
  for (const message of messages) {
    writer.message(fields.messages, message, (inner, value) =>
      writeMvdsMessage(inner, value, fields.message),
    );
  }
  if (groupOffers.length > 0 && fields.groupOffers === undefined) {
    throw invalid(fieldOf("Payload", "group_offers"), `does not exist in the dialect "${dialect}"`);
  }
  for (const offer of groupOffers) writer.message(fields.groupOffers!, offer, writeGroupOffer);
  return writer.finish();
}

/**
 * Decodes a payload. What it returns are views of `bytes`; unknown fields are skipped.
 *
 * @param dialect - default `"production"`
 * @param limits - default {@link DEFAULT_PAYLOAD_LIMITS}
 * @throws MalformedError `ERR_MALFORMED` for anything but exactly one payload within the limits, and for an id that does not have
 * 32 bytes
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a dialect that there is not
 *
 * @example
 * ```ts
 * import { hasCode } from "@remote-log/core";
 * import { decodePayload } from "@remote-log/mvds";
 *
 * try {
 *   decodePayload(new Uint8Array([255]), "reference");
 * } catch (error) {
 *   console.log(hasCode(error, "ERR_MALFORMED")); // true
 * }
 * ```
 */
export function decodePayload(
  bytes: Uint8Array,
  dialect: Dialect = "production",
  limits?: PayloadLimits,
): Payload {
  const fields = fieldsOf(dialect);
  const { maxBytes, maxIds, maxMessages, maxGroupOffers, maxParents, maxUnknownFields } = filled(limits);
  const reader = new ProtobufReader(bytes, "Payload", { maxBytes, maxUnknownFields });
  const acks: Uint8Array[] = [];
  const offers: Uint8Array[] = [];
  const requests: Uint8Array[] = [];
  const messages: MvdsMessage[] = [];
  const groupOffers: GroupOffer[] = [];
  let offered = 0;
  while (reader.next()) {
    switch (reader.field) {
      case fields.acks:
        readId(reader, "acks", acks, maxIds);
        break;
      case fields.offers:
        readId(reader, "offers", offers, maxIds);
        break;
      case fields.requests:
        readId(reader, "requests", requests, maxIds);
        break;
      case fields.messages:
        reader.limit("messages", messages.length, maxMessages);
        messages.push(readMvdsMessage(reader.message("messages", "Message"), fields.message, maxParents));
        break;
      case fields.groupOffers: {
        reader.limit("group_offers", groupOffers.length, maxGroupOffers);
        const offer = readGroupOffer(reader.message("group_offers", "Offer"), maxIds - offered);
        offered += offer.messageIds.length;
        groupOffers.push(offer);
        break;
      }
      default:
        reader.skip();
    }
  }
  return { acks, offers, requests, messages, ...(groupOffers.length > 0 && { groupOffers }) };
}

/** The bytes that one element of a repeated field takes in a payload. */
export function elementCost(field: number, length: number): number {
  return varintLength(field * 8) + varintLength(length) + length;
}

/** The bytes of a message within a payload, without what comes before it. */
export function encodedMessage(message: MvdsMessage, fields: PayloadFields): Uint8Array {
  const writer = new ProtobufWriter("Message", 128 + message.body.length);
  writeMvdsMessage(writer, message, fields.message);
  return writer.finish();
}

function fieldsOf(dialect: Dialect): PayloadFields {
  if (Object.hasOwn(PAYLOAD_FIELDS, dialect)) return PAYLOAD_FIELDS[dialect];
  throw new InvalidInputError('The dialect must be "production" or "reference".', {
    operation: "mvds.payload",
  });
}

function filled(limits: PayloadLimits | undefined): { readonly [K in keyof PayloadLimits]-?: number } {
  const given = Object.entries(limits ?? {}).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_PAYLOAD_LIMITS, ...Object.fromEntries(given) };
}

function writeIds(writer: ProtobufWriter, field: number, name: string, ids: readonly Uint8Array[]): void {
  for (const id of ids) {
    if (id.length !== ID_BYTES) throw invalid(fieldOf("Payload", name), wrongLength(id));
    writer.element(field, id);
  }
}

function readId(reader: ProtobufReader, name: string, ids: Uint8Array[], most: number): void {
  reader.limit(name, ids.length, most);
  const id = reader.bytes(name);
  if (id.length !== ID_BYTES) throw reader.malformed(name, wrongLength(id));
  ids.push(id);
}

function writeGroupOffer(writer: ProtobufWriter, { groupId, messageIds }: GroupOffer): void {
  if (groupId.length !== ID_BYTES) throw invalid(fieldOf("Offer", "group_id"), wrongLength(groupId));
  writer.bytes(1, groupId);
  writeIds(writer, 2, "group_offers", messageIds);
}

function readGroupOffer(reader: ProtobufReader, most: number): GroupOffer {
  let groupId: Uint8Array | undefined;
  const messageIds: Uint8Array[] = [];
  while (reader.next()) {
    if (reader.field === 1) groupId = reader.bytesOnce("group_id", groupId);
    else if (reader.field === 2) readId(reader, "message_ids", messageIds, most);
    else reader.skip();
  }
  if (groupId?.length !== ID_BYTES)
    throw malformed(fieldOf("Offer", "group_id"), wrongLength(groupId ?? new Uint8Array()));
  return { groupId, messageIds };
}

function wrongLength(id: Uint8Array): string {
  return `holds an id of ${id.length} bytes, not ${ID_BYTES}`;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) length++;
  return length;
}
