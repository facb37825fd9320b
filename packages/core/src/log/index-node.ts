// Index nodes, written and verified; docs/protocol.md, "Pages, nodes, head".

import { Address } from "../address/address.ts";
import { bytesEqual, concatBytes } from "../bytes.ts";
import { HASH_BYTES } from "../crypto/sha256.ts";
import { IntegrityError, MalformedError } from "../errors/index.ts";
import { peaksOf } from "../merkle/index.ts";
import { encodeWireBundle, type WireBundle } from "../wire/bundle-message.ts";
import {
  decodeIndexNode,
  encodeIndexNode as encodeWire,
  type WireIndexNode,
} from "../wire/index-node-message.ts";
import { type Bundle, isBundleOnly, isInBundle } from "./bundle.ts";
import type { Ref } from "./page.ts";

/** An index node: refs, oldest first, and which of the pages behind them are stored together. */
export interface IndexNode {
  readonly refs: readonly Ref[];
  /** In ascending order; none in a node whose refs lead to other nodes. */
  readonly bundles: readonly Bundle[];
}

const none = new Uint8Array(0);

/**
 * Encodes an index node.
 *
 * @param refs - oldest first
 * @param bundles - those that hold pages of this node, in ascending order
 * @param first - number of the first page, if there are bundles
 */
export function encodeIndexNode(
  refs: readonly Ref[],
  bundles: readonly Bundle[] = [],
  first = 0,
): Uint8Array {
  const { addresses, hashes } = packRefs(refs);
  const alone = refs.map((ref, i) => {
    const bundle = bundles.find((one) => isInBundle(first + i, one));
    return isBundleOnly(ref, bundle) ? none : addresses[i]!;
  });
  const wire = bundles.map((bundle): WireBundle => {
    return { first: bundle.first - first, address: bundle.address.bytes, lengths: bundle.lengths };
  });
  return encodeWire({ addresses: alone, hashes, bundles: wire.map(encodeWireBundle) });
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

/** What an index node has to be. */
export interface ExpectedNode {
  /** The number of refs that it must have. */
  readonly count: number;
  /** The hashes of the perfect subtrees that these refs make up, largest first; one for a full node. */
  readonly peaks: readonly Uint8Array[];
  /** Number of the first page, if its refs lead to pages: only then it may have bundles. */
  readonly firstPage?: number | undefined;
}

/**
 * Reads an index node and checks that it has the right number of refs, and that they add up to the Merkle hashes in the
 * level above (or in the signed head).
 *
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY`
 */
export async function readIndexNode(
  bytes: Uint8Array,
  { count, peaks, firstPage }: ExpectedNode,
): Promise<IndexNode> {
  const wire = decodeIndexNode(bytes);
  if (wire.addresses.length !== count)
    throw malformed(`has ${wire.addresses.length} refs, and must have ${count}`);
  const node = wire.bundles === undefined ? withoutBundles(wire) : await withBundles(wire, firstPage);
  const found = peaksOf(node.refs.map((ref) => ref.hash));
  if (found.length !== peaks.length || !found.every((hash, i) => bytesEqual(hash, peaks[i]!))) {
    throw new IntegrityError(
      "The refs of an index node do not add up to the signed root: corrupt or forged. Nothing of it was used.",
      { operation: "index.verify" },
    );
  }
  return node;
}

function withoutBundles({ addresses, hashes }: WireIndexNode): IndexNode {
  return { refs: unpackRefs(addresses, hashes), bundles: [] };
}

async function withBundles(
  { addresses, hashes, bundles = [] }: WireIndexNode,
  firstPage: number | undefined,
): Promise<IndexNode> {
  if (firstPage === undefined) throw malformed("has bundles, and its refs lead to other nodes");
  const { bundledNode } = await import("./bundled-node.ts");
  return bundledNode(addresses, splitHashes(hashes), bundles, firstPage);
}

function malformed(why: string): MalformedError {
  return new MalformedError(`An index node ${why}.`, { operation: "index.decode" });
}
