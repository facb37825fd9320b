// The pair of a message's id and of where it is, as a hint in the causal history of SDS.

import { Address, IntegrityError, NotFoundError, type StorageBackend } from "@remote-log/core";
import { fieldOf, invalid, malformed, ProtobufReader, ProtobufWriter } from "@remote-log/core/wire";
import { bytesOf, hexOf } from "../bytes.ts";
import { ID_BYTES } from "../wire/payload.ts";
import type { HistoryEntry } from "./sds-message.ts";

/** Where a message is: an entry of a log, or a content of a storage by its address. */
export type RetrievalHint =
  | { readonly kind: "entry"; readonly logId: string; readonly sequence: number }
  | { readonly kind: "content"; readonly address: Address };

/** From where messages are retrieved. */
export interface HintSources {
  /** Readers by the id of their log: for hints that name an entry. */
  readonly logs?: ReadonlyMap<string, LogOfEntries> | undefined;
  /** A storage, for hints that name a content. */
  readonly storage?: Pick<StorageBackend, "get"> | undefined;
}

/** What is used of a `Reader`. */
interface LogOfEntries {
  entry(
    sequence: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly content: Uint8Array }>;
}

/** Options of {@link retrieve}. */
export interface RetrieveOptions {
  /**
   * Gives the id of a message, as the application has it: what is found must have the id that was asked for. Default: it is not checked that the
   * sender named the right place.
   */
  readonly idOf?: ((content: Uint8Array) => string) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The largest hint that is read, in bytes. */
const LARGEST_HINT = 256;

/**
 * Encodes where a message is, for the field `retrieval_hint` of a {@link HistoryEntry}. It is a Protocol Buffers message: `bytes log = 1`,
 * `uint64 sequence = 2`, `bytes address = 3`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a log id that is none
 *
 * @example
 * ```ts
 * import { decodeRetrievalHint, encodeRetrievalHint } from "@remote-log/mvds/sds";
 *
 * const retrievalHint = encodeRetrievalHint({ kind: "entry", logId: "ab".repeat(32), sequence: 7 });
 * console.log(decodeRetrievalHint(retrievalHint));
 * ```
 */
export function encodeRetrievalHint(hint: RetrievalHint): Uint8Array {
  const writer = new ProtobufWriter("RetrievalHint", 64);
  if (hint.kind === "content") {
    writer.bytes(3, hint.address.bytes);
    return writer.finish();
  }
  if (!/^[0-9a-f]{64}$/.test(hint.logId))
    throw invalid(fieldOf("RetrievalHint", "log"), "is no log id of 64 hexadecimal digits");
  writer.bytes(1, bytesOf(hint.logId));
  writer.uint64(2, hint.sequence);
  return writer.finish();
}

/**
 * Decodes where a message is.
 *
 * @throws MalformedError `ERR_MALFORMED` for anything else: hints of other applications above all
 *
 * @example
 * ```ts
 * import { decodeRetrievalHint } from "@remote-log/mvds/sds";
 *
 * export function whereIs(hint: Uint8Array): string {
 *   const found = decodeRetrievalHint(hint);
 *   return found.kind === "entry" ? `entry ${found.sequence} of log ${found.logId}` : found.address.toString();
 * }
 * ```
 */
export function decodeRetrievalHint(bytes: Uint8Array): RetrievalHint {
  const reader = new ProtobufReader(bytes, "RetrievalHint", { maxBytes: LARGEST_HINT });
  let log: Uint8Array | undefined;
  let sequence: number | undefined;
  let address: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) log = reader.bytesOnce("log", log);
    else if (reader.field === 2) sequence = reader.uint64Once("sequence", sequence);
    else if (reader.field === 3) address = reader.bytesOnce("address", address);
    else reader.skip();
  }
  if (address !== undefined && log === undefined && sequence === undefined)
    return { kind: "content", address: Address.fromBytes(address.slice()) };
  if (log?.length !== ID_BYTES || address !== undefined)
    throw malformed("message RetrievalHint", "names neither an entry of a log nor a content");
  return { kind: "entry", logId: hexOf(log), sequence: sequence ?? 0 };
}

/**
 * Retrieves a message that is missing from the causal history.
 *
 * @throws NotFoundError `ERR_NOT_FOUND` if the entry has no hint, or nothing is known of the log or the storage that it names; and what reader and
 * storage throw
 * @throws MalformedError `ERR_MALFORMED` if the hint is none of ours
 * @throws IntegrityError `ERR_INTEGRITY` if another message is there
 *
 * @example
 * ```ts
 * import type { Reader } from "@remote-log/core";
 * import { decodeSdsMessage, retrieve } from "@remote-log/mvds/sds";
 *
 * export async function* missing(received: Uint8Array, has: (id: string) => boolean, logs: ReadonlyMap<string, Reader>) {
 *   for (const entry of decodeSdsMessage(received, "spec").causalHistory)
 *     if (!has(entry.messageId)) yield await retrieve(entry, { logs });
 * }
 * ```
 */
export async function retrieve(
  { messageId, retrievalHint }: HistoryEntry,
  { logs, storage }: HintSources,
  { idOf, signal }: RetrieveOptions = {},
): Promise<Uint8Array> {
  const hint = retrievalHint && decodeRetrievalHint(retrievalHint);
  const log = hint?.kind === "entry" ? logs?.get(hint.logId) : undefined;
  let content: Uint8Array;
  if (hint?.kind === "entry" && log !== undefined) ({ content } = await log.entry(hint.sequence, { signal }));
  else if (hint?.kind === "content" && storage !== undefined)
    content = await storage.get(hint.address, { signal });
  else {
    throw new NotFoundError(
      `Nothing says where message ${JSON.stringify(messageId)} is, or its log or storage is not among the sources.`,
      { operation: "sds.retrieve" },
    );
  }
  if (idOf !== undefined && idOf(content) !== messageId) {
    throw new IntegrityError(`Another message than ${JSON.stringify(messageId)} is where the hint says.`, {
      operation: "sds.retrieve",
    });
  }
  return content;
}
