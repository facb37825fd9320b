// The message of SDS (Scalable Data Sync) in the two encodings that are in use.

import { InvalidInputError } from "@remote-log/core";
import { decodeUtf8, encodeUtf8 } from "@remote-log/core/adapter";
import { fieldOf, invalid, ProtobufReader, ProtobufWriter } from "@remote-log/core/wire";

/**
 * Which field numbers a message has. `"spec"`: those of the specification and of `@waku/sds`; `"nim"`: those of nim-sds, which status-go and
 * logos-delivery use. They can't be told apart safely, so it is said and never guessed.
 */
export type SdsDialect = "spec" | "nim";

/** A message that another one depends on. The field numbers are the same in both dialects. */
export interface HistoryEntry {
  /** The id of the message, as the application has it. */
  readonly messageId: string;
  /** Helps to find it; see `encodeRetrievalHint`. */
  readonly retrievalHint?: Uint8Array | undefined;
  /** Who sent it. */
  readonly senderId?: string | undefined;
}

/** A message of SDS. */
export interface SdsMessage {
  readonly senderId: string;
  readonly messageId: string;
  readonly channelId: string;
  /** Absent from a message that is ephemeral. In `"spec"` in milliseconds, in `"nim"` in seconds since 1970, or more. */
  readonly lamportTimestamp?: number | undefined;
  readonly causalHistory: readonly HistoryEntry[];
  /** As it is on the wire, which differs between the dialects: it is not read here. */
  readonly bloomFilter?: Uint8Array | undefined;
  readonly repairRequest: readonly HistoryEntry[];
  readonly content: Uint8Array;
}

/** How much a decoder accepts; anything over it is refused with `MalformedError`. */
export interface SdsLimits {
  /** The most bytes of a message. Default 1 MiB, as nim-sds has it. */
  readonly maxBytes?: number | undefined;
  /** The most entries of the causal history, and of the repair request. Default 1,024. */
  readonly maxEntries?: number | undefined;
}

type FieldName = keyof SdsMessage;

const FIELDS: Readonly<Record<SdsDialect, Readonly<Record<FieldName, number>>>> = {
  spec: {
    senderId: 1,
    messageId: 2,
    channelId: 3,
    lamportTimestamp: 10,
    causalHistory: 11,
    bloomFilter: 12,
    repairRequest: 13,
    content: 20,
  },
  nim: {
    messageId: 1,
    lamportTimestamp: 2,
    causalHistory: 3,
    channelId: 4,
    content: 5,
    bloomFilter: 6,
    senderId: 7,
    repairRequest: 13,
  },
};

/**
 * Encodes a message of SDS. The same message always gives the same bytes.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a dialect that does not exist, and a timestamp that is not whole
 *
 * @example
 * ```ts
 * import { encodeRetrievalHint, encodeSdsMessage } from "@remote-log/mvds/sds";
 *
 * const retrievalHint = encodeRetrievalHint({ kind: "entry", logId: "ab".repeat(32), sequence: 7 });
 * const message = {
 *   senderId: "alice",
 *   messageId: "message-8",
 *   channelId: "chat",
 *   lamportTimestamp: 8,
 *   causalHistory: [{ messageId: "message-7", retrievalHint }],
 *   repairRequest: [],
 *   content: new TextEncoder().encode("hello"),
 * };
 * console.log(encodeSdsMessage(message, "nim").length, "bytes for nim-sds");
 * ```
 */
export function encodeSdsMessage(message: SdsMessage, dialect: SdsDialect): Uint8Array {
  const fields = fieldsOf(dialect);
  const writer = new ProtobufWriter("SdsMessage", 256 + message.content.length);
  const names = (Object.keys(fields) as FieldName[]).sort((a, b) => fields[a] - fields[b]);
  for (const name of names) writeField(writer, fields[name], name, message);
  return writer.finish();
}

/**
 * Decodes a message of SDS. Bytes in it are views of those that were passed; unknown fields are skipped.
 *
 * @throws MalformedError `ERR_MALFORMED` for anything but one such message within the limits
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a dialect that does not exist
 *
 * @example
 * ```ts
 * import { decodeSdsMessage } from "@remote-log/mvds/sds";
 *
 * export function textOf(received: Uint8Array): string {
 *   return new TextDecoder().decode(decodeSdsMessage(received, "spec").content);
 * }
 * ```
 */
export function decodeSdsMessage(bytes: Uint8Array, dialect: SdsDialect, limits: SdsLimits = {}): SdsMessage {
  const fields = fieldsOf(dialect);
  const { maxBytes = 2 ** 20, maxEntries = 1024 } = limits;
  const reader = new ProtobufReader(bytes, "SdsMessage", { maxBytes });
  const texts: Partial<Record<FieldName, string>> = {};
  const causalHistory: HistoryEntry[] = [];
  const repairRequest: HistoryEntry[] = [];
  let lamportTimestamp: number | undefined;
  let bloomFilter: Uint8Array | undefined;
  let content: Uint8Array | undefined;
  while (reader.next()) {
    const name = (Object.keys(fields) as FieldName[]).find((each) => fields[each] === reader.field);
    switch (name) {
      case "senderId":
      case "messageId":
      case "channelId":
        texts[name] = textOnce(reader, name, texts[name]);
        break;
      case "lamportTimestamp":
        lamportTimestamp = reader.uint64Once("lamport_timestamp", lamportTimestamp);
        break;
      case "causalHistory":
        readEntry(reader, "causal_history", causalHistory, maxEntries);
        break;
      case "repairRequest":
        readEntry(reader, "repair_request", repairRequest, maxEntries);
        break;
      case "bloomFilter":
        bloomFilter = reader.bytesOnce("bloom_filter", bloomFilter);
        break;
      case "content":
        content = reader.bytesOnce("content", content);
        break;
      case undefined:
        reader.skip();
    }
  }
  const { senderId = "", messageId = "", channelId = "" } = texts;
  return {
    senderId,
    messageId,
    channelId,
    ...(lamportTimestamp !== undefined && { lamportTimestamp }),
    causalHistory,
    ...(bloomFilter !== undefined && { bloomFilter }),
    repairRequest,
    content: content ?? new Uint8Array(),
  };
}

function writeField(writer: ProtobufWriter, field: number, name: FieldName, message: SdsMessage): void {
  switch (name) {
    case "senderId":
    case "messageId":
    case "channelId":
      writer.bytes(field, encodeUtf8(message[name]));
      break;
    case "lamportTimestamp":
      writer.uint64(field, message.lamportTimestamp ?? 0);
      break;
    case "causalHistory":
    case "repairRequest":
      for (const entry of message[name]) writer.message(field, entry, writeEntry);
      break;
    case "bloomFilter":
      writer.bytes(field, message.bloomFilter ?? new Uint8Array());
      break;
    case "content":
      writer.bytes(field, message.content);
  }
}

function writeEntry(writer: ProtobufWriter, { messageId, retrievalHint, senderId }: HistoryEntry): void {
  if (messageId === "") throw invalid(fieldOf("HistoryEntry", "message_id"), "is empty");
  writer.bytes(1, encodeUtf8(messageId));
  writer.bytes(2, retrievalHint ?? new Uint8Array());
  writer.bytes(3, encodeUtf8(senderId ?? ""));
}

function readEntry(outer: ProtobufReader, name: string, entries: HistoryEntry[], most: number): void {
  outer.limit(name, entries.length, most);
  const reader = outer.message(name, "HistoryEntry");
  let messageId: string | undefined;
  let retrievalHint: Uint8Array | undefined;
  let senderId: string | undefined;
  while (reader.next()) {
    if (reader.field === 1) messageId = textOnce(reader, "message_id", messageId);
    else if (reader.field === 2) retrievalHint = reader.bytesOnce("retrieval_hint", retrievalHint);
    else if (reader.field === 3) senderId = textOnce(reader, "sender_id", senderId);
    else reader.skip();
  }
  entries.push({
    messageId: messageId ?? "",
    ...(retrievalHint !== undefined && { retrievalHint }),
    ...(senderId !== undefined && { senderId }),
  });
}

function textOnce(reader: ProtobufReader, name: string, previous: string | undefined): string {
  const bytes = reader.bytesOnce(name, previous === undefined ? undefined : new Uint8Array());
  const text = decodeUtf8(bytes);
  if (text === undefined) throw reader.malformed(name, "is not UTF-8");
  return text;
}

function fieldsOf(dialect: SdsDialect): Readonly<Record<FieldName, number>> {
  if (Object.hasOwn(FIELDS, dialect)) return FIELDS[dialect];
  throw new InvalidInputError('The dialect must be "spec" or "nim".', { operation: "sds.message" });
}
