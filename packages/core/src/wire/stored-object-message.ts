// The message StoredObject: where an object is that the manifest names; docs/protocol.md, "The manifest".

import { HASH_BYTES } from "../crypto/sha256.ts";
import { EMPTY, ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { fieldOf, malformed } from "./refusal.ts";

/** The most bytes of such a message. */
const MAX_BYTES = 1024;

/** An object that the manifest names by its hash, and where it is on this remote (`vac.cas.StoredObject`). */
export interface WireStoredObject {
  /** SHA-256 of its bytes, 32 bytes. */
  readonly hash: Uint8Array;
  /** Its binary address. */
  readonly address: Uint8Array;
}

/** Encodes where an object is. */
export function encodeStoredObject({ hash, address }: WireStoredObject): Uint8Array {
  const writer = new ProtobufWriter("StoredObject");
  writer.bytes(1, hash);
  writer.bytes(2, address);
  return writer.finish();
}

/**
 * Decodes where an object is.
 *
 * @throws MalformedError `ERR_MALFORMED`
 */
export function decodeStoredObject(bytes: Uint8Array): WireStoredObject {
  const reader = new ProtobufReader(bytes, "StoredObject", { maxBytes: MAX_BYTES });
  let hash: Uint8Array | undefined;
  let address: Uint8Array | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        hash = reader.bytesOnce("hash", hash);
        break;
      case 2:
        address = reader.bytesOnce("address", address);
        break;
      default:
        reader.skip();
    }
  }
  if (hash?.length === HASH_BYTES) return { hash, address: address ?? EMPTY };
  throw malformed(fieldOf("StoredObject", "hash"), `has ${hash?.length ?? 0} bytes, not ${HASH_BYTES}`);
}
