// The message of 2/MVDS with the metadata of 4/MVDS-META, and its id.

import { concatBytes } from "../bytes.ts";
import { HASH_BYTES, sha256 } from "../crypto/sha256.ts";
import { encodeUtf8 } from "../utf8.ts";
import { withDefaults } from "../with-defaults.ts";
import { DEFAULT_WIRE_LIMITS, type WireLimits } from "./limits.ts";
import { EMPTY, ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { fieldOf, invalid, malformed, type Refuse } from "./refusal.ts";

/** Length of an MVDS group id, in bytes. */
const GROUP_ID_BYTES = 32;

const ID_PREFIX = encodeUtf8("MESSAGE_ID");

/** The field numbers of a message: implementations of 2/MVDS differ in them. */
export interface MvdsFields {
  readonly groupId: number;
  readonly timestamp: number;
  readonly body: number;
  readonly metadata: number;
}

/** The field numbers of the standard, which logs and everything in production use. */
export const MVDS_FIELDS: MvdsFields = Object.freeze({
  groupId: 6001,
  timestamp: 6002,
  body: 6003,
  metadata: 6004,
});

/** A message of 2/MVDS (`vac.mvds.Message`) with the metadata of 4/MVDS-META. */
export interface MvdsMessage {
  /** The group that the message is for, 32 bytes. */
  readonly groupId: Uint8Array;
  /** When it was made, as its sender says: an int64. The implementations in Go, and `@remote-log/mvds`, count seconds since 1970. */
  readonly timestamp: bigint;
  /** The content. */
  readonly body: Uint8Array;
  /** Ids of the messages that this one depends on, 32 bytes each. */
  readonly parents: readonly Uint8Array[];
  /** Whether the message is sent once, without acknowledgement. */
  readonly ephemeral: boolean;
}

/**
 * The id of a message in 2/MVDS: SHA-256 of `"MESSAGE_ID"`, group id, timestamp as int64 in little-endian, and body.
 * It does not cover the metadata.
 *
 * @returns 32 bytes
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the group id does not have 32 bytes, or the timestamp exceeds 64 bits
 *
 * @example
 * ```ts
 * import { encodeMvdsMessage, mvdsMessageId } from "@remote-log/core";
 *
 * const message = {
 *   groupId: new Uint8Array(32),
 *   timestamp: BigInt(Date.now()),
 *   body: new TextEncoder().encode("hello"),
 *   parents: [],
 *   ephemeral: false,
 * };
 * const content = encodeMvdsMessage(message); // what a log with `identifiers: "mvds"` appends
 * const id = mvdsMessageId(message); // the entry's id
 * ```
 */
export function mvdsMessageId(message: Pick<MvdsMessage, "groupId" | "timestamp" | "body">): Uint8Array {
  checkGroupId(message.groupId, invalid);
  if (BigInt.asIntN(64, message.timestamp) !== message.timestamp) {
    throw invalid(
      fieldOf("Message", "timestamp"),
      "takes a number of 64 bits with sign, and this one is larger",
    );
  }
  const timestamp = new Uint8Array(8);
  new DataView(timestamp.buffer).setBigInt64(0, message.timestamp, true);
  return sha256(concatBytes([ID_PREFIX, message.groupId, timestamp, message.body]));
}

/**
 * Encodes a message. The same message always gives the same bytes.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the group id or a parent does not have 32 bytes, the timestamp not
 * 64 bits, or {@link DEFAULT_WIRE_LIMITS} are exceeded
 */
export function encodeMvdsMessage(message: MvdsMessage): Uint8Array {
  const { maxBytes } = DEFAULT_WIRE_LIMITS;
  const writer = new ProtobufWriter("Message", 128 + message.body.length);
  writeMvdsMessage(writer, message, MVDS_FIELDS);
  const bytes = writer.finish();
  if (bytes.length > maxBytes) {
    throw invalid("message Message", `has ${bytes.length} bytes, and at most ${maxBytes} may be`);
  }
  return bytes;
}

/**
 * Writes the fields of a message, by the numbers of an implementation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` as {@link encodeMvdsMessage}, but for the length of the whole
 */
export function writeMvdsMessage(writer: ProtobufWriter, message: MvdsMessage, fields: MvdsFields): void {
  const { maxParents } = DEFAULT_WIRE_LIMITS;
  checkGroupId(message.groupId, invalid);
  if (message.parents.length > maxParents) {
    throw invalid(
      fieldOf("Metadata", "parents"),
      `has ${message.parents.length} elements, over ${maxParents}`,
    );
  }
  for (const parent of message.parents) checkParent(parent, invalid);
  writer.bytes(fields.groupId, message.groupId);
  writer.int64(fields.timestamp, message.timestamp);
  writer.bytes(fields.body, message.body);
  if (message.parents.length > 0 || message.ephemeral)
    writer.message(fields.metadata, message, writeMetadata);
}

/**
 * Decodes a message. What it returns are views of `bytes`; unknown fields are skipped. Metadata that is absent
 * means no parents, and not ephemeral.
 *
 * @param limits - `maxBytes`, `maxParents` and `maxUnknownFields` apply; the defaults are {@link DEFAULT_WIRE_LIMITS}
 * @throws MalformedError `ERR_MALFORMED` for anything but exactly one such message within the limits; also if
 * the group id or a parent does not have 32 bytes, since no message has such an id
 */
export function decodeMvdsMessage(bytes: Uint8Array, limits?: WireLimits): MvdsMessage {
  const bounds = withDefaults(DEFAULT_WIRE_LIMITS, limits);
  return readMvdsMessage(new ProtobufReader(bytes, "Message", bounds), MVDS_FIELDS, bounds.maxParents);
}

/**
 * Reads the fields of a message, by the numbers of an implementation.
 *
 * @throws MalformedError `ERR_MALFORMED` as {@link decodeMvdsMessage}
 */
export function readMvdsMessage(
  reader: ProtobufReader,
  fields: MvdsFields,
  maxParents: number = DEFAULT_WIRE_LIMITS.maxParents,
): MvdsMessage {
  let groupId: Uint8Array | undefined;
  let timestamp: bigint | undefined;
  let body: Uint8Array | undefined;
  let metadata: Metadata | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case fields.groupId:
        groupId = reader.bytesOnce("group_id", groupId);
        break;
      case fields.timestamp:
        timestamp = reader.int64Once("timestamp", timestamp);
        break;
      case fields.body:
        body = reader.bytesOnce("body", body);
        break;
      case fields.metadata:
        if (metadata !== undefined) throw reader.malformed("metadata", "is there twice");
        metadata = readMetadata(reader.message("metadata", "Metadata"), maxParents);
        break;
      default:
        reader.skip();
    }
  }
  checkGroupId(groupId ?? EMPTY, malformed);
  return {
    groupId: groupId ?? EMPTY,
    timestamp: timestamp ?? 0n,
    body: body ?? EMPTY,
    parents: metadata?.parents ?? [],
    ephemeral: metadata?.ephemeral ?? false,
  };
}

type Metadata = Pick<MvdsMessage, "parents" | "ephemeral">;

function writeMetadata(writer: ProtobufWriter, metadata: Metadata): void {
  for (const parent of metadata.parents) writer.element(1, parent);
  writer.bool(2, metadata.ephemeral);
}

function readMetadata(reader: ProtobufReader, maxParents: number): Metadata {
  const parents: Uint8Array[] = [];
  let ephemeral: boolean | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1: {
        reader.limit("parents", parents.length, maxParents);
        const parent = reader.bytes("parents");
        checkParent(parent, malformed);
        parents.push(parent);
        break;
      }
      case 2:
        ephemeral = reader.boolOnce("ephemeral", ephemeral);
        break;
      default:
        reader.skip();
    }
  }
  return { parents, ephemeral: ephemeral ?? false };
}

function checkGroupId(groupId: Uint8Array, refuse: Refuse): void {
  if (groupId.length !== GROUP_ID_BYTES) {
    throw refuse(fieldOf("Message", "group_id"), `has ${groupId.length} bytes, not ${GROUP_ID_BYTES}`);
  }
}

function checkParent(parent: Uint8Array, refuse: Refuse): void {
  if (parent.length !== HASH_BYTES) {
    throw refuse(fieldOf("Metadata", "parents"), `holds an id of ${parent.length} bytes, not ${HASH_BYTES}`);
  }
}
