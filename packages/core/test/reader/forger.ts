import { Address, addressOf, rawSha256 } from "../../src/index.ts";
import { pairFromWire, pairLeafHash } from "../../src/log/pair.ts";
import { peaksOf, perfectSubtreeHash } from "../../src/merkle/index.ts";
import { decodeWireBundle } from "../../src/wire/bundle-message.ts";
import { decodeIndexNode } from "../../src/wire/index-node-message.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import type { WrittenLog } from "./written-log.ts";

/** What an attacker makes of a log. */
export interface Forgery {
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly head: Uint8Array;
}

/** What an object of a log is. */
export type Kind = "page" | "node" | "content";

const known = new WeakMap<WrittenLog, ReadonlyMap<string, Kind>>();
const knownHolders = new WeakMap<WrittenLog, ReadonlyMap<string, readonly string[]>>();

/** What the objects that a head leads to are, by address. */
export function kindsOf(log: WrittenLog): ReadonlyMap<string, Kind> {
  const kinds = known.get(log) ?? findKinds(log);
  known.set(log, kinds);
  return kinds;
}

/** Which pages and nodes hold the address of an object: as a ref, or as a pointer to a content. */
function holdersOf(log: WrittenLog): ReadonlyMap<string, readonly string[]> {
  const found = knownHolders.get(log);
  if (found !== undefined) return found;
  const holders = new Map<string, string[]>();
  for (const [holder, kind] of kindsOf(log)) {
    const bytes = log.contents.get(holder)!;
    const page = kind === "page" ? decodeRemoteLog(bytes) : undefined;
    const held = page === undefined ? [] : page.pairs.map(({ remoteHash }) => remoteHash);
    for (const address of kind === "node" ? addressesIn(bytes) : held) {
      if (address.length === 0) continue;
      const text = Address.fromBytes(address).toString();
      holders.set(text, [...(holders.get(text) ?? []), holder]);
    }
  }
  knownHolders.set(log, holders);
  return holders;
}

/** The addresses that a node holds: of nodes or pages, and of the bundles of pages. */
function addressesIn(bytes: Uint8Array): Uint8Array[] {
  const { addresses, bundles = [] } = decodeIndexNode(bytes);
  const own = addresses.filter(({ length }) => length > 0);
  return [...own, ...bundles.map((bundle) => decodeWireBundle(bundle).address)];
}

function findKinds(log: WrittenLog): ReadonlyMap<string, Kind> {
  const kinds = new Map<string, Kind>();
  const visitPage = (bytes: Uint8Array): void => {
    for (const { remoteHash } of decodeRemoteLog(bytes).pairs) {
      if (remoteHash.length > 0) kinds.set(Address.fromBytes(remoteHash).toString(), "content");
    }
  };
  const visitRef = (address: Uint8Array, level: number): void => {
    const text = Address.fromBytes(address).toString();
    const bytes = log.contents.get(text)!;
    kinds.set(text, level === 0 ? "page" : "node");
    if (level === 0) visitPage(bytes);
    else for (const child of addressesIn(bytes)) visitRef(child, level - 1);
  };
  visitPage(log.head);
  decodeRemoteLog(log.head).levels.forEach(({ node, addresses }, level) => {
    if (node.length > 0) visitRef(node, level + 1);
    for (const address of addresses) visitRef(address, level);
  });
  return kinds;
}

/**
 * An attacker who owns storage and name: puts other bytes in the place of an object, and then rewrites whatever
 * leads to it, up to the head, so that every address is right again (but for the tails within pages, which lead
 * readers of the standard alone). The signed checkpoint stays as it is, for the attacker has no key.
 *
 * @param merkle - whether the Merkle hashes that stand beside the addresses are made to fit as well
 */
export async function forge(
  log: WrittenLog,
  target: string,
  bytes: Uint8Array,
  { merkle }: { readonly merkle: boolean },
): Promise<Forgery> {
  const kinds = kindsOf(log);
  const holders = holdersOf(log);
  const forged = new Map(log.contents);
  let { head } = log;
  // Insertion order is the order of work; an object that is waiting already is rewritten where it stands.
  const waiting = new Map([[target, bytes]]);
  for (const [text, changed] of waiting) {
    waiting.delete(text);
    const address = await addressOf(changed, rawSha256);
    forged.set(address.toString(), changed);
    const swaps: [Uint8Array, Uint8Array][] = [[Address.fromString(text).bytes, address.bytes]];
    if (merkle) swaps.push(...hashSwaps(kinds.get(text), log.contents.get(text)!, changed));
    const rewrite = (holder: Uint8Array): Uint8Array =>
      swaps.reduce((all, [old, other]) => replaceAll(all, old, other), holder);
    for (const holder of holders.get(text) ?? []) {
      waiting.set(holder, rewrite(waiting.get(holder) ?? log.contents.get(holder)!));
    }
    head = rewrite(head);
  }
  return { contents: forged, head };
}

/** The hashes that speak for an object in the level above it, and those that would speak for the other bytes. */
function hashSwaps(
  kind: Kind | undefined,
  before: Uint8Array,
  after: Uint8Array,
): [Uint8Array, Uint8Array][] {
  try {
    const old = hashesOf(kind, before);
    const other = hashesOf(kind, after);
    return old.length === other.length ? old.map((hash, i) => [hash, other[i]!]) : [];
  } catch {
    return [];
  }
}

function hashesOf(kind: Kind | undefined, bytes: Uint8Array): Uint8Array[] {
  if (kind === "content") return [rawSha256.digest(bytes) as Uint8Array];
  if (kind === "page") {
    const leaves = decodeRemoteLog(bytes).pairs.map((pair) => pairLeafHash(pairFromWire(pair)));
    return [perfectSubtreeHash(leaves.reverse())];
  }
  const { hashes } = decodeIndexNode(bytes);
  return peaksOf(Array.from({ length: hashes.length / 32 }, (_, i) => hashes.subarray(i * 32, (i + 1) * 32)));
}

/** The same array where nothing was found; otherwise a copy in which every occurrence has been exchanged. */
function replaceAll(bytes: Uint8Array, old: Uint8Array, other: Uint8Array): Uint8Array {
  let result = bytes;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = view.indexOf(old); at >= 0; at = view.indexOf(old, at + 1)) {
    if (result === bytes) result = new Uint8Array(bytes);
    result.set(other, at);
  }
  return result;
}
