// The head: signed checkpoint, index and newest entries in one message; docs/protocol.md, "Pages, nodes, head".

import { Address } from "../address/address.ts";
import { bytesEqual, concatBytes, lastOf } from "../bytes.ts";
import { type Checkpoint, checkpointOrigin, verifyCheckpoint } from "../checkpoint/index.ts";
import { IntegrityError, MalformedError } from "../errors/index.ts";
import { CompactRange } from "../merkle/index.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import {
  decodeRemoteLog,
  encodeRemoteLog,
  REMOTE_ID_BYTES,
  REMOTE_ID_TAG,
  type WireHeadManifest,
  type WireLevel,
  type WireRemoteLog,
} from "../wire/remote-log-message.ts";
import { varintBytes } from "../wire/varint.ts";
import { type IdentifiedGenesis, logIdOf, readGenesis } from "./genesis.ts";
import { type HeadManifest, headManifestToWire, type VerifiedManifest } from "./head-manifest.ts";
import { packRefs, splitHashes, unpackRefs } from "./index-node.ts";
import { checkReadable } from "./log-limits.ts";
import type { Ref } from "./page.ts";
import { type Pair, pairFromWire, pairLeafHash, pairToWire } from "./pair.ts";
import { addressIfAny } from "./snapshot-content.ts";
import { type LevelShape, peakCount, type TreeShape, treeShape } from "./tree-shape.ts";

/**
 * The rightmost node of one level of the index, as the head shows it: the older of its refs stored as a node
 * in the CAS, the newest in the head itself.
 */
export interface HeadLevel {
  /** The node that holds the older refs; absent if the head holds all of them. */
  readonly node?: {
    readonly address: Address;
    /** Number of refs in it. */
    readonly refs: number;
    /** Hashes of the perfect subtrees that its refs make up, largest first. */
    readonly peaks: readonly Uint8Array[];
  };
  /** The newest refs, oldest first; at least one. */
  readonly refs: readonly Ref[];
}

/** What a head says: the newest state of a log. */
export interface Head {
  readonly genesis: IdentifiedGenesis;
  /** The signed checkpoint as text: a C2SP signed note. */
  readonly note: string;
  /** What the note says. */
  readonly checkpoint: Checkpoint;
  /** The index, from the lowest level (refs to pages) upwards. */
  readonly levels: readonly HeadLevel[];
  /** The newest entries, oldest first: 1 to the leaf size; none in an empty log. */
  readonly pairs: readonly Pair[];
  /** What the log says of itself; absent if it says nothing. */
  readonly manifest?: HeadManifest;
}

/** A head whose signature, structure and root have been checked. */
export interface VerifiedHead extends Head {
  /** How the log is cut at this size. */
  readonly shape: TreeShape;
  /** Merkle leaf hashes of the entries in the head, oldest first. */
  readonly leafHashes: readonly Uint8Array[];
  /** What the log says of itself, checked. */
  readonly manifest?: VerifiedManifest;
  /** Where the content of the newest snapshot is stored. Nothing signs it: it may be untrue. */
  readonly snapshotContent?: Address;
  /** The head's own bytes. If its manifest is stored apart, that follows them: see {@link withManifest}. */
  readonly bytes: Uint8Array;
}

const none = new Uint8Array(0);

/**
 * Encodes a head. Its `tail` is the newest full page, so that a reader of the standard alone can continue from it.
 *
 * @throws TooLargeError `ERR_TOO_LARGE` if readers would not accept it by default
 */
export function encodeHead(head: Head): Uint8Array {
  const bytes = encodeRemoteLog({
    pairs: head.pairs.map(pairToWire).reverse(),
    tail: lastOf(head.levels[0]?.refs ?? [])?.address.bytes ?? none,
    genesis: head.genesis.bytes,
    checkpoint: encodeUtf8(head.note),
    levels: head.levels.map(levelToWire),
    head: none,
    manifest: headManifestToWire(head.manifest),
  });
  checkReadable("head", bytes);
  return bytes;
}

/** Encodes the short form of a name's content: the address of a head that is too large for the name system. */
export function encodeHeadPointer(address: Address): Uint8Array {
  return encodeRemoteLog({ ...emptyWire, head: address.bytes });
}

/** The address of the head that a name's content leads to; `undefined` if it is the head itself, or none. */
export function headAddressIn(content: Uint8Array): Address | undefined {
  const wire = decodedIfSound(content);
  return wire && addressIfAny(wire.head);
}

/**
 * Whether what a name holds is this head, with or without the id of a remote beside it.
 *
 * @param content - what the name holds: bytes that nobody has checked
 * @param head - a head, as a mirror or a reader has it
 */
export function showsHead(content: Uint8Array, head: Uint8Array): boolean {
  const shown = withoutRemoteId(content, remoteIdIn(content));
  if (shown.length === head.length) return bytesEqual(shown, head);
  // With what follows it because it is stored apart.
  return bytesEqual(shown, head.subarray(0, shown.length)) && isApart(shown, head.subarray(shown.length));
}

// Field 104: what stands before the length of a manifest. The reader has no encoder, so this is spelled out.
const MANIFEST_TAG = Uint8Array.of(0xc2, 0x06);

/** A head whose manifest is stored apart, and the manifest: so that whoever keeps the head has all of it. */
export function withManifest(head: Uint8Array, manifest: Uint8Array): Uint8Array {
  return concatBytes([head, MANIFEST_TAG, varintBytes(manifest.length), manifest]);
}

// The head before a log's first manifest begins like the one that holds it: only an address says that it is stored apart.
function isApart(head: Uint8Array, rest: Uint8Array): boolean {
  const address = decodedIfSound(head)?.manifest?.address ?? none;
  return address.length > 0 && bytesEqual(rest.subarray(0, MANIFEST_TAG.length), MANIFEST_TAG);
}

/** How many bytes {@link withRemoteId} adds. */
export const REMOTE_ID_FIELD_BYTES: number = REMOTE_ID_TAG.length + REMOTE_ID_BYTES;

/**
 * Adds to a name's content the id of the remote that it is for. Nothing signs it: it tells the writer which place it looks at,
 * and readers nothing.
 */
export function withRemoteId(content: Uint8Array, remoteId: Uint8Array): Uint8Array {
  // It is the last field, so appending it is encoding the whole.
  return concatBytes([content, REMOTE_ID_TAG, remoteId]);
}

// The head itself, as a copy of it elsewhere has it: the id is of this remote alone.
function withoutRemoteId(content: Uint8Array, remoteId: Uint8Array | undefined): Uint8Array {
  const head = content.subarray(0, -REMOTE_ID_FIELD_BYTES);
  return remoteId && bytesEqual(withRemoteId(head, remoteId), content) ? head : content;
}

/** The id of the remote in a name's content; `undefined` if it has none, or is not what a name should hold. */
export function remoteIdIn(content: Uint8Array): Uint8Array | undefined {
  return decodedIfSound(content)?.remoteId;
}

/**
 * The id of the log whose genesis record a head shows, in 64 hexadecimal digits: for whoever has a head and no link. Nothing is
 * verified by it: a reader that is opened with the id verifies all.
 *
 * @returns `undefined` if it is no head
 */
export function logIdIn(head: Uint8Array): string | undefined {
  const genesis = decodedIfSound(head)?.genesis ?? none;
  return genesis.length > 0 ? logIdOf(genesis) : undefined;
}

function decodedIfSound(content: Uint8Array): WireRemoteLog | undefined {
  try {
    return decodeRemoteLog(content);
  } catch {
    // The decoder throws for nothing but malformed bytes.
    return undefined;
  }
}

const emptyWire: WireRemoteLog = {
  pairs: [],
  tail: none,
  genesis: none,
  checkpoint: none,
  levels: [],
  head: none,
};

/** What a name holds, decoded but not verified: a head, or the address of one. */
export type NameContent =
  | { readonly kind: "head"; readonly wire: WireRemoteLog; readonly bytes: Uint8Array }
  | { readonly kind: "pointer"; readonly address: Address };

/**
 * Decodes what a name holds. Nothing of it is verified yet: see {@link verifyHead}.
 *
 * @throws MalformedError `ERR_MALFORMED`
 */
export function readNameContent(content: Uint8Array): NameContent {
  const wire = decodeRemoteLog(content);
  if (wire.head.length === 0) return { kind: "head", wire, bytes: withoutRemoteId(content, wire.remoteId) };
  const { pairs, tail, genesis, checkpoint, levels, manifest, snapshotContent = none } = wire;
  const others = [pairs, tail, genesis, checkpoint, levels, snapshotContent];
  if (manifest !== undefined || others.some(({ length }) => length > 0)) {
    throw malformed("points at another head and has other fields beside that");
  }
  return { kind: "pointer", address: Address.fromBytes(wire.head) };
}

/**
 * Reads a head and checks all of it: that its genesis record hashes to the log id, that the checkpoint is
 * signed by the genesis key for this log, that the structure is the one that the size demands, and that
 * refs and entries together give the signed root. What it returns can be trusted.
 *
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY`
 * @throws UnsupportedError `ERR_UNSUPPORTED` for a log whose format version this package does not know
 */
export async function verifyHead(bytes: Uint8Array, logId: string): Promise<VerifiedHead> {
  return verifyDecodedHead({ wire: decodeRemoteLog(bytes), bytes }, logId);
}

/** A head that was decoded, and not verified. */
export interface DecodedHead {
  readonly wire: WireRemoteLog;
  /** Its bytes. */
  readonly bytes: Uint8Array;
}

/** The same as {@link verifyHead}, of a head that {@link readNameContent} has decoded. */
export async function verifyDecodedHead({ wire, bytes }: DecodedHead, logId: string): Promise<VerifiedHead> {
  if (wire.genesis.length === 0)
    throw malformed("has no genesis record: it may be a log of the plain standard");
  // Before it is decoded: a record with another hash is not a newer format of this log, whatever version it claims.
  const shown = logIdOf(wire.genesis);
  if (shown !== logId) throw forged(`is of another log, ${shown}`);
  const genesis = readGenesis(wire.genesis);
  if (wire.head.length > 0) throw malformed("points at another head");
  // First: it says which key has to have signed the rest.
  const manifest = wire.manifest && (await verifiedManifest(wire.manifest, genesis));
  const note = decodeText(wire.checkpoint);
  const checkpoint = await verifyCheckpoint(note, {
    origin: checkpointOrigin(logId),
    publicKey: manifest?.signingKey ?? genesis.genesis.signingKey,
  });
  checkContinues(checkpoint, manifest);
  const shape = treeShape(checkpoint.size, genesis.genesis);
  const inHead = checkpoint.size - shape.pages * genesis.genesis.leafSize;
  if (wire.pairs.length !== inHead || wire.levels.length !== shape.levels.length) {
    throw malformed(`does not have the structure of a log of ${checkpoint.size} entries`);
  }
  const levels = wire.levels.map((level, i) => levelFromWire(level, shape.levels[i]!));
  if (!bytesEqual(wire.tail, lastOf(levels[0]?.refs ?? [])?.address.bytes ?? none)) {
    throw malformed("has a tail that is not its newest page");
  }
  const pairs = wire.pairs.map(pairFromWire).reverse();
  const leafHashes = pairs.map(pairLeafHash);
  const root = rootOf(levels, shape, leafHashes);
  if (!bytesEqual(root, checkpoint.root)) throw forged("does not add up to the root that its writer signed");
  const snapshotContent = wire.snapshotContent && addressIfAny(wire.snapshotContent);
  return {
    genesis,
    note,
    checkpoint,
    levels,
    pairs,
    shape,
    leafHashes,
    bytes,
    ...(manifest && { manifest }),
    ...(snapshotContent && { snapshotContent }),
  };
}

// A key continues what the keys before it have signed.
function checkContinues({ size, root }: Checkpoint, manifest: VerifiedManifest | undefined): void {
  const last = lastOf(manifest?.successions ?? []);
  if (last === undefined || size > last.size) return;
  if (size < last.size || !bytesEqual(root, last.root))
    throw forged(`does not have the ${last.size} entries from which on its key signs`);
}

/** How often the signing key had changed when a head was signed. */
export function generationOf({ manifest }: Pick<VerifiedHead, "manifest">): number {
  return manifest?.successions.length ?? 0;
}

async function verifiedManifest(
  wire: WireHeadManifest,
  genesis: IdentifiedGenesis,
): Promise<VerifiedManifest> {
  const { verifyManifestOnWire } = await import("./verified-manifest.ts");
  return verifyManifestOnWire(wire, genesis);
}

/** The root that refs and newest entries add up to. */
export function rootOf(
  levels: readonly HeadLevel[],
  shape: TreeShape,
  leafHashes: readonly Uint8Array[],
): Uint8Array {
  const range = CompactRange.empty();
  for (let i = levels.length - 1; i >= 0; i--) {
    const { node, refs } = levels[i]!;
    const { leavesPerRef } = shape.levels[i]!;
    if (node !== undefined) appendPeaks(range, node.peaks, node.refs, leavesPerRef);
    for (const ref of refs) range.appendSubtree(ref.hash, leavesPerRef);
  }
  for (const leafHash of leafHashes) range.appendLeaf(leafHash);
  return range.root();
}

/** Appends the perfect subtrees that some refs of a level make up, by their hashes. */
export function appendPeaks(
  range: CompactRange,
  peaks: readonly Uint8Array[],
  refs: number,
  leavesPerRef: number,
): void {
  let rest = refs;
  for (const peak of peaks) {
    const width = 2 ** Math.floor(Math.log2(rest));
    range.appendSubtree(peak, width * leavesPerRef);
    rest -= width;
  }
}

function levelToWire({ node, refs }: HeadLevel): WireLevel {
  const peaks = new Uint8Array((node?.peaks.length ?? 0) * 32);
  node?.peaks.forEach((peak, i) => {
    peaks.set(peak, i * 32);
  });
  return { node: node?.address.bytes ?? none, peaks, ...packRefs(refs) };
}

function levelFromWire(wire: WireLevel, shape: LevelShape): HeadLevel {
  const refs = unpackRefs(wire.addresses, wire.hashes);
  const stored = shape.refs - refs.length;
  const peaks = splitHashes(wire.peaks);
  if (refs.length === 0 || stored < 0 || peaks.length !== peakCount(stored)) {
    throw malformed("has a level of the index with the wrong number of refs");
  }
  if (stored > 0 !== wire.node.length > 0) throw malformed("has a level of the index that lacks its node");
  if (stored === 0) return { refs };
  return { node: { address: Address.fromBytes(wire.node), refs: stored, peaks }, refs };
}

function decodeText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw malformed("has a checkpoint that is not UTF-8 text");
  return text;
}

function malformed(why: string): MalformedError {
  return new MalformedError(`A head ${why}.`, { operation: "head.decode" });
}

function forged(why: string): IntegrityError {
  return new IntegrityError(`A head ${why}: corrupt or forged. Nothing of it was used.`, {
    operation: "head.verify",
  });
}
