// Index nodes, written and verified; docs/protocol.md, "Pages, nodes, head".

import { Address } from "../address/address.ts";
import { bytesEqual, concatBytes } from "../bytes.ts";
import { HASH_BYTES } from "../crypto/sha256.ts";
import { IntegrityError, MalformedError } from "../errors/index.ts";
import { peaksOf } from "../merkle/index.ts";
import { decodeIndexNode, encodeIndexNode as encodeWire } from "../wire/index-node-message.ts";
import type { Ref } from "./page.ts";

/** Encodes an index node: its refs, oldest first. */
export function encodeIndexNode(refs: readonly Ref[]): Uint8Array {
  return encodeWire(packRefs(refs));
}

/** Refs as two columns: the addresses, and the hashes joined. */
export function packRefs(refs: readonly Ref[]): { addresses: Uint8Array[]; hashes: Uint8Array } {
  return {
    addresses: refs.map((ref) => ref.address.bytes),
    hashes: concatBytes(refs.map((ref) => ref.hash)),
  };
}

/** The refs in two columns whose lengths have been checked to agree. */
export function unpackRefs(addresses: readonly Uint8Array[], hashes: Uint8Array): Ref[] {
  const separate = splitHashes(hashes);
  return addresses.map((address, i) => ({ address: Address.fromBytes(address), hash: separate[i]! }));
}

/** Cuts joined hashes apart. */
export function splitHashes(joined: Uint8Array): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < joined.length; at += HASH_BYTES) hashes.push(joined.subarray(at, at + HASH_BYTES));
  return hashes;
}

/**
 * Reads an index node and checks that it has the right number of refs, and that they add up to the Merkle hashes in the
 * level above (or in the signed head).
 *
 * @param count - the number of refs that it must have
 * @param peaks - the hashes of the perfect subtrees that these refs make up, largest first; one for a full node
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY`
 */
export function readIndexNode(bytes: Uint8Array, count: number, peaks: readonly Uint8Array[]): Ref[] {
  const wire = decodeIndexNode(bytes);
  if (wire.addresses.length !== count) {
    throw new MalformedError(`An index node has ${wire.addresses.length} refs, and must have ${count}.`, {
      operation: "index.decode",
    });
  }
  const refs = unpackRefs(wire.addresses, wire.hashes);
  const found = peaksOf(refs.map((ref) => ref.hash));
  if (found.length !== peaks.length || !found.every((hash, i) => bytesEqual(hash, peaks[i]!))) {
    throw new IntegrityError(
      "The refs of an index node do not add up to the signed root: corrupt or forged. Nothing of it was used.",
      { operation: "index.verify" },
    );
  }
  return refs;
}
