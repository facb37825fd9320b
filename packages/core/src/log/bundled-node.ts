// What a node says of bundles, and the bundles themselves, verified; docs/protocol.md, "Bundles". Loaded by readers that meet one.

import { Address } from "../address/address.ts";
import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { IntegrityError, MalformedError } from "../errors/index.ts";
import { perfectRootOfTwos } from "../merkle/index.ts";
import { decodeWireBundle } from "../wire/bundle-message.ts";
import { EMPTY } from "../wire/protobuf-reader.ts";
import { decodeRemoteLog, type WirePair } from "../wire/remote-log-message.ts";
import { type Bundle, isBundleOnly, isInBundle } from "./bundle.ts";
import { hasPageFieldsAlone, type Page, type Ref } from "./page.ts";
import { malformedPair, type Pair, pairFromWire } from "./pair.ts";

/** The pages of a bundle, verified. */
export interface BundledPages {
  /** Oldest first. */
  readonly pages: readonly Page[];
  /** The address of the bundle or page before it, for readers of the plain standard; empty on the oldest. Nothing vouches for it. */
  readonly tail: Uint8Array;
}

/**
 * The refs and bundles of a node with bundles.
 *
 * @param addresses - of its refs; empty for a page that is in a bundle alone
 * @param hashes - of its refs
 * @param bundles - as the node has them
 * @throws MalformedError `ERR_MALFORMED` if the bundles are not aligned, overlap, or do not fit the refs
 */
export function bundledNode(
  addresses: readonly Uint8Array[],
  hashes: readonly Uint8Array[],
  bundles: readonly Uint8Array[],
  firstPage: number,
): { readonly refs: readonly Ref[]; readonly bundles: readonly Bundle[] } {
  const read = bundlesFromWire(bundles, firstPage, addresses.length);
  return { refs: refsFromWire(addresses, hashes, read, firstPage), bundles: read };
}

function bundlesFromWire(wire: readonly Uint8Array[], firstPage: number, count: number): Bundle[] {
  let next = 0;
  return wire.map((bytes) => {
    const { first, address, lengths } = decodeWireBundle(bytes);
    const pages = lengths.length;
    if (pages < 2 || !Number.isInteger(Math.log2(pages)) || first % pages !== 0)
      throw malformed(
        `has a bundle of ${pages} pages from page ${first} on, which is no aligned power of two`,
      );
    if (first < next || first + pages > count)
      throw malformed("has a bundle that overlaps another or ends after the refs");
    next = first + pages;
    return { first: firstPage + first, address: Address.fromBytes(address), lengths };
  });
}

function refsFromWire(
  addresses: readonly Uint8Array[],
  hashes: readonly Uint8Array[],
  bundles: readonly Bundle[],
  firstPage: number,
): Ref[] {
  return addresses.map((bytes, i) => {
    const hash = hashes[i]!;
    const bundle = bundles.find((one) => isInBundle(firstPage + i, one));
    if (bytes.length === 0) {
      if (bundle === undefined) throw malformed("has a ref without address that is in no bundle");
      return { address: bundle.address, hash };
    }
    const ref = { address: Address.fromBytes(bytes), hash };
    if (isBundleOnly(ref, bundle)) throw malformed("repeats the address of a bundle in a ref");
    return ref;
  });
}

/**
 * Reads a bundle and checks every entry in it against the Merkle hashes that the refs of its pages promise.
 *
 * @param leafSize - number of entries that a full page has
 * @param expected - the Merkle hashes of the refs to its pages, oldest first
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY`
 */
export function decodeBundle(
  bytes: Uint8Array,
  leafSize: number,
  expected: readonly Uint8Array[],
): BundledPages {
  const wire = decodeRemoteLog(bytes);
  const entries = leafSize * expected.length;
  if (wire.pairs.length !== entries) {
    throw new MalformedError(`A bundle has ${wire.pairs.length} entries, and must have ${entries}.`, {
      operation: "bundle.decode",
    });
  }
  if (!hasPageFieldsAlone(wire)) {
    throw new MalformedError("A bundle has fields that only a head has.", { operation: "bundle.decode" });
  }
  const pairs = wire.pairs.map(pairFromBundle).reverse();
  const pages = expected.map((hash, page) => {
    const inPage = pairs.slice(page * leafSize, (page + 1) * leafSize);
    if (!bytesEqual(perfectRootOfTwos(inPage), hash)) {
      throw new IntegrityError(
        "The entries of a bundle do not match the signed root: corrupt or forged. Nothing of it was used.",
        { operation: "bundle.verify" },
      );
    }
    return { pairs: inPage, tail: EMPTY };
  });
  return { pages, tail: wire.tail };
}

// An identifier that is left out is the hash of the content.
function pairFromBundle(wire: WirePair): Pair {
  const { remoteHash, localHash, data, contentHash } = wire;
  if (localHash.length > 0) return pairFromWire(wire);
  if (remoteHash.length > 0 || contentHash !== undefined) throw malformedPair("has no identifier");
  const hash = sha256(data);
  return { localHash: hash, contentHash: hash, place: { kind: "embedded", stored: data } };
}

function malformed(why: string): MalformedError {
  return new MalformedError(`An index node ${why}.`, { operation: "index.decode" });
}
