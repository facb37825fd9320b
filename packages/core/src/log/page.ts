// Leaf pages, written and verified: a RemoteLog of 3/REMOTE-LOG; docs/protocol.md, "Pages, nodes, head".

import type { Address } from "../address/address.ts";
import { bytesEqual } from "../bytes.ts";
import { IntegrityError, MalformedError } from "../errors/index.ts";
import { perfectRootOfTwos } from "../merkle/index.ts";
import { decodeRemoteLog, encodeRemoteLog, type WireRemoteLog } from "../wire/remote-log-message.ts";
import { checkReadable } from "./log-limits.ts";
import { type Pair, pairFromWire, pairLeafHash, pairToWire } from "./pair.ts";

/** Where a page or an index node is, and the Merkle hash of the entries below it. */
export interface Ref {
  /** Address in the CAS; that of a bundle if the page is stored in it alone. */
  readonly address: Address;
  /** Merkle hash of the perfect subtree below, 32 bytes. */
  readonly hash: Uint8Array;
}

/** A full leaf page, verified. */
export interface Page {
  /** Its entries, oldest first. */
  readonly pairs: readonly Pair[];
  /** The address of the page before it, for readers of the plain standard; empty on the oldest. Nothing vouches for it. */
  readonly tail: Uint8Array;
}

const none = new Uint8Array(0);

/**
 * Encodes a page: a `RemoteLog` of the standard, nothing else.
 *
 * @param pairs - the entries, oldest first (on the wire the newest comes first)
 * @param tail - address of the page before it; absent for the first
 * @throws TooLargeError `ERR_TOO_LARGE` if readers would not accept it by default
 */
export function encodePage(pairs: readonly Pair[], tail: Address | undefined): Uint8Array {
  const bytes = encodeRemoteLog({
    pairs: pairs.map(pairToWire).reverse(),
    tail: tail?.bytes ?? none,
    genesis: none,
    checkpoint: none,
    levels: [],
    head: none,
  });
  checkReadable("page", bytes);
  return bytes;
}

/**
 * Reads a page and checks every entry in it against the Merkle hash that its ref promises.
 *
 * @param leafSize - number of entries that a full page has
 * @param expected - the Merkle hash of its ref
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY`
 */
export function decodePage(bytes: Uint8Array, leafSize: number, expected: Uint8Array): Page {
  const wire = decodeRemoteLog(bytes);
  if (wire.pairs.length !== leafSize) {
    throw new MalformedError(`A page has ${wire.pairs.length} entries, and must have ${leafSize}.`, {
      operation: "page.decode",
    });
  }
  if (!hasPageFieldsAlone(wire)) {
    throw new MalformedError("A page has fields that only a head has.", { operation: "page.decode" });
  }
  const pairs = wire.pairs.map(pairFromWire).reverse();
  if (!bytesEqual(perfectRootOfTwos(pairs), expected)) {
    throw new IntegrityError(
      "The entries of a page do not match the signed root: corrupt or forged. Nothing of it was used.",
      { operation: "page.verify" },
    );
  }
  return { pairs, tail: wire.tail };
}

const leafHashes = new WeakMap<Page, readonly Uint8Array[]>();

/** The Merkle leaf hashes of the entries of a page, oldest first. They are made once: a proof needs many parts of one page. */
export function leafHashesOf(page: Page): readonly Uint8Array[] {
  const hashes = leafHashes.get(page) ?? page.pairs.map(pairLeafHash);
  leafHashes.set(page, hashes);
  return hashes;
}

/** Whether a message has no field that only a head has. */
export function hasPageFieldsAlone(wire: WireRemoteLog): boolean {
  const { genesis, checkpoint, levels, head, manifest, remoteId = none, snapshotContent = none } = wire;
  const others = [genesis, checkpoint, levels, head, remoteId, snapshotContent];
  return manifest === undefined && others.every(({ length }) => length === 0);
}
