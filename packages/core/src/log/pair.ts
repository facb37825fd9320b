// An entry as pages and heads hold it: two hashes, and where its bytes are; docs/protocol.md, "Entries".

import { Address } from "../address/address.ts";
import { rawSha256 } from "../address/hash-type.ts";
import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { MalformedError } from "../errors/index.ts";
import { hashLeafOfTwo } from "../merkle/index.ts";
import type { WirePair } from "../wire/remote-log-message.ts";

/** An entry as a page or head holds it, before its content is opened. */
export interface Pair {
  /** H1: the identifier of the entry. */
  readonly localHash: Uint8Array;
  /** SHA-256 of the stored bytes. */
  readonly contentHash: Uint8Array;
  /** Where the stored bytes are: here, in the CAS, or nowhere any more. */
  readonly place:
    | { readonly kind: "embedded"; readonly stored: Uint8Array }
    | { readonly kind: "pointer"; readonly address: Address }
    | { readonly kind: "removed" };
}

const none = new Uint8Array(0);

/** The Merkle leaf hash of an entry: its data is localHash ‖ contentHash (RFC 9162 §2.1.1). */
export function pairLeafHash(pair: Pair): Uint8Array {
  return leafHashOf(pair.localHash, pair.contentHash);
}

/** The Merkle leaf hash for the two hashes of an entry. */
export function leafHashOf(localHash: Uint8Array, contentHash: Uint8Array): Uint8Array {
  return hashLeafOfTwo(localHash, contentHash);
}

/** The wire form of a pair. The content hash is written only if a reader cannot compute it. */
export function pairToWire({ localHash, contentHash, place }: Pair): WirePair {
  switch (place.kind) {
    case "embedded":
      return { remoteHash: none, localHash, data: place.stored, contentHash: undefined };
    case "pointer":
      return {
        remoteHash: place.address.bytes,
        localHash,
        data: none,
        contentHash: addressHoldsContentHash(place.address) ? undefined : contentHash,
      };
    case "removed":
      return { remoteHash: none, localHash, data: none, contentHash };
  }
}

/** The wire form of a pair in a bundle: an identifier is left out if it is the SHA-256 of the embedded content. */
export function pairToBundle(pair: Pair): WirePair {
  const wire = pairToWire(pair);
  const follows = pair.place.kind === "embedded" && bytesEqual(pair.localHash, pair.contentHash);
  return follows ? { ...wire, localHash: none } : wire;
}

/**
 * Reads the wire form of a pair, which has exactly one meaning.
 *
 * @throws MalformedError `ERR_MALFORMED` if it has no identifier, holds both data and an address, or repeats a hash that
 * follows from the rest
 */
export function pairFromWire(wire: WirePair): Pair {
  const { localHash, data, contentHash } = wire;
  if (localHash.length === 0) throw malformedPair("has no identifier");
  if (wire.remoteHash.length === 0) {
    if (contentHash === undefined) {
      return { localHash, contentHash: sha256(data), place: { kind: "embedded", stored: data } };
    }
    if (data.length > 0) throw malformedPair("embeds its content and gives the content's hash as well");
    return { localHash, contentHash, place: { kind: "removed" } };
  }
  if (data.length > 0) throw malformedPair("has both an address and embedded data");
  const address = Address.fromBytes(wire.remoteHash);
  const inAddress = addressHoldsContentHash(address);
  if (inAddress === (contentHash !== undefined)) {
    throw malformedPair(inAddress ? "repeats the hash in its address" : "lacks the hash of its content");
  }
  return { localHash, contentHash: contentHash ?? address.digest, place: { kind: "pointer", address } };
}

/** Whether an address is itself the SHA-256 of the stored bytes, so that the pair need not repeat the hash. */
export function addressHoldsContentHash({ codec, hash, digest }: Address): boolean {
  return codec === rawSha256.codec && hash === rawSha256.hash && digest.length === rawSha256.digestBytes;
}

/** The error that says what is wrong with a pair. */
export function malformedPair(why: string): MalformedError {
  return new MalformedError(`A pair of the log ${why}.`, { operation: "pair.decode" });
}
