// The message Pair of 3/REMOTE-LOG, with the field 100 that we add; docs/protocol.md, "Messages".

import { HASH_BYTES } from "../crypto/sha256.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";
import { EMPTY } from "./protobuf-reader.ts";
import type { ProtobufWriter } from "./protobuf-writer.ts";
import { checkAddress } from "./references.ts";
import { fieldOf, malformed, type Refuse } from "./refusal.ts";

/** One entry, as a page holds it (`vac.cas.RemoteLog.Pair`). */
export interface WirePair {
  /** Binary address of the content (H2); empty if the content is embedded. */
  readonly remoteHash: Uint8Array;
  /** The message's own identifier (H1), 32 bytes; empty if the field is absent, as it may be in a bundle. */
  readonly localHash: Uint8Array;
  /** The content, if it is embedded; empty otherwise. */
  readonly data: Uint8Array;
  /** SHA-256 of the stored content, 32 bytes; `undefined` if the field is absent. */
  readonly contentHash: Uint8Array | undefined;
}

/** Refuses a pair over the limits, or one whose hashes are not of 32 bytes. */
export function checkPair(pair: WirePair, maxAddressBytes: number, refuse: Refuse): void {
  const { remoteHash, localHash, contentHash } = pair;
  checkAddress(remoteHash, maxAddressBytes, "Pair", "remoteHash", refuse);
  if (localHash.length !== 0 && localHash.length !== HASH_BYTES) {
    throw refuse(fieldOf("Pair", "localHash"), `has ${localHash.length} bytes, not ${HASH_BYTES}`);
  }
  if (contentHash !== undefined && contentHash.length !== HASH_BYTES) {
    throw refuse(fieldOf("Pair", "contentHash"), `has ${contentHash.length} bytes, not ${HASH_BYTES}`);
  }
}

/** Writes the fields of a pair that was checked. */
export function writePair(writer: ProtobufWriter, pair: WirePair): void {
  writer.bytes(1, pair.remoteHash);
  writer.bytes(2, pair.localHash);
  writer.bytes(3, pair.data);
  if (pair.contentHash !== undefined) writer.element(100, pair.contentHash);
}

/**
 * Reads a pair to the end of its reader.
 *
 * @throws MalformedError `ERR_MALFORMED` if it is not one within the limits
 */
export function readPair(reader: ProtobufReader, maxAddressBytes: number): WirePair {
  let remoteHash: Uint8Array | undefined;
  let localHash: Uint8Array | undefined;
  let data: Uint8Array | undefined;
  let contentHash: Uint8Array | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        remoteHash = reader.bytesOnce("remoteHash", remoteHash);
        break;
      case 2:
        localHash = reader.bytesOnce("localHash", localHash);
        break;
      case 3:
        data = reader.bytesOnce("data", data);
        break;
      case 100:
        contentHash = reader.bytesOnce("contentHash", contentHash);
        break;
      default:
        reader.skip();
    }
  }
  // Absent it may be, in a bundle; as empty bytes it would be a second encoding of that.
  if (localHash?.length === 0) throw malformed(fieldOf("Pair", "localHash"), "is empty");
  const pair: WirePair = {
    remoteHash: remoteHash ?? EMPTY,
    localHash: localHash ?? EMPTY,
    data: data ?? EMPTY,
    contentHash,
  };
  checkPair(pair, maxAddressBytes, malformed);
  return pair;
}
