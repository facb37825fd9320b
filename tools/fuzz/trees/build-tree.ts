// Builds pages, index nodes and a head out of entries. Every hash and address fits; the signature is whichever is given.

import { Address } from "../../../packages/core/src/address/address.ts";
import { rawSha256 } from "../../../packages/core/src/address/hash-type.ts";
import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { hashLeaf, hashNode, peaksOf } from "../../../packages/core/src/merkle/index.ts";
import { encodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import {
  encodeRemoteLog,
  type WireLevel,
  type WirePair,
} from "../../../packages/core/src/wire/remote-log-message.ts";
import type { Random } from "../random.ts";

/** Where an object is, and the Merkle hash below it. */
export interface Child {
  readonly address: Uint8Array;
  readonly hash: Uint8Array;
  /** Of a page: its entries, oldest first. */
  readonly pairs?: readonly WirePair[];
}

/** What a tree is built of. */
export interface Plan {
  readonly pairs: readonly WirePair[];
  readonly leafSize: number;
  readonly fanOut: number;
  readonly genesis: Uint8Array;
  readonly note: Uint8Array;
  /** The entries whose hashes stand beside the pages, and which the head shows, if these are not the same. Of one length. */
  readonly hashed?: readonly WirePair[];
  /** Writes the nodes that lead to pages, with bundles. Default: they name none. */
  readonly bundle?: (children: readonly Child[], put: (content: Uint8Array) => Uint8Array) => Uint8Array;
  /** Changes the children of a level before nodes are made of them: 0 for pages. */
  readonly change?: (children: Child[], level: number) => void;
}

/** What an adversary shows. */
export interface Show {
  readonly head: Uint8Array;
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

const none = new Uint8Array(0);

/** The Merkle leaf of a pair, whatever its parts are. */
function leafOf({ localHash, contentHash, remoteHash, data }: WirePair): Uint8Array {
  const inAddress = remoteHash.length === 0 ? sha256(data) : remoteHash.slice(-32);
  return hashLeaf(concatBytes([localHash, contentHash ?? inAddress]));
}

/** The Merkle hash of any number of hashes, in the shape of RFC 9162 for a power of two of them. */
function joined(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!;
  const half = Math.ceil(hashes.length / 2);
  return hashNode(joined(hashes.slice(0, half)), joined(hashes.slice(half)));
}

/**
 * Builds a tree as a writer would, out of any entries and of any sizes.
 *
 * @param random - decides how many refs the head shows itself
 */
export function buildTree(
  { pairs, hashed = pairs, leafSize, fanOut, genesis, note, change, bundle }: Plan,
  random: Random,
): Show {
  const objects = new Map<string, Uint8Array>();
  const put = (content: Uint8Array): Uint8Array => {
    const address = Address.create(rawSha256.codec, rawSha256.hash, sha256(content));
    objects.set(`${address}`, content);
    return address.bytes;
  };
  const count = pairs.length === 0 ? 0 : Math.floor((pairs.length - 1) / leafSize);
  let children: Child[] = [];
  for (let page = 0; page < count; page++) {
    const own = pairs.slice(page * leafSize, (page + 1) * leafSize);
    const tail = children.at(-1)?.address ?? none;
    const content = encodeRemoteLog({ ...empty, pairs: own.toReversed(), tail });
    children.push({
      address: put(content),
      hash: joined(hashed.slice(page * leafSize, (page + 1) * leafSize).map(leafOf)),
      pairs: own,
    });
  }
  const tail = children.at(-1)?.address ?? none;
  const levels: WireLevel[] = [];
  for (let level = 0; children.length > 0; level++) {
    change?.(children, level);
    const write = (refs: readonly Child[]): Uint8Array =>
      put(level === 0 && bundle !== undefined ? bundle(refs, put) : nodeOf(refs));
    const full = Math.floor((children.length - 1) / fanOut);
    const nodes = Array.from({ length: full }, (_, i) => children.slice(i * fanOut, (i + 1) * fanOut));
    const rightmost = children.slice(full * fanOut);
    const stored = rightmost.slice(0, random.oneIn(2) ? 0 : random.below(rightmost.length));
    const shown = rightmost.slice(stored.length);
    levels.push({
      node: stored.length === 0 ? none : write(stored),
      peaks: concatBytes(peaksOf(stored.map(({ hash }) => hash))),
      addresses: shown.map(({ address }) => address),
      hashes: concatBytes(shown.map(({ hash }) => hash)),
    });
    children = nodes.map((node) => ({
      address: write(node),
      hash: joined(node.map(({ hash }) => hash)),
    }));
  }
  const newest = hashed.slice(count * leafSize).toReversed();
  return {
    head: encodeRemoteLog({ ...empty, pairs: newest, tail, genesis, checkpoint: note, levels }),
    objects,
  };
}

const empty = { pairs: [], tail: none, genesis: none, checkpoint: none, levels: [], head: none };

function nodeOf(children: readonly Child[]): Uint8Array {
  return encodeIndexNode({
    addresses: children.map(({ address }) => address),
    hashes: concatBytes(children.map(({ hash }) => hash)),
  });
}
