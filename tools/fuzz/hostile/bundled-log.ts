// A log with bundles that is put together by hand: one entry to a page, and a full node of eight pages.

import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { encodeWireBundle, type WireBundle } from "../../../packages/core/src/wire/bundle-message.ts";
import { encodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import { decodeRemoteLog, type WireLevel } from "../../../packages/core/src/wire/remote-log-message.ts";
import type { Child } from "../trees/build-tree.ts";
import { joined, partsOf } from "../trees/bundle-pages.ts";
import { type BuiltLog, builtLog } from "./built-log.ts";
import { addressBytes, addressText, type Parts } from "./parts.ts";

const none = new Uint8Array(0);
const cuts = { leafSize: 1, fanOut: 8 };

/** A node of eight pages in two bundles, and what the fixtures change of it. */
export interface BundledNode {
  readonly addresses: readonly Uint8Array[];
  readonly bundles: readonly (Uint8Array | WireBundle)[];
}

/** The log, and what fixtures are made of. */
export interface BundledLog {
  readonly log: BuiltLog;
  readonly head: Uint8Array;
  /** The levels of the head: pages that no node has yet, and the full node. */
  readonly levels: readonly WireLevel[];
  /** The pages of the full node. */
  readonly own: readonly Child[];
  /** The parts of the two bundles of the node, oldest page first. */
  readonly halves: readonly (readonly Uint8Array[])[];
  /** The older bundle, the newer one, and the older one of another log of the same writer. */
  readonly older: Uint8Array;
  readonly newer: Uint8Array;
  readonly foreign: Uint8Array;
  /** The addresses of its pages, as objects of their own. */
  readonly alone: readonly Uint8Array[];
  /** What a node says of one of its bundles. */
  readonly bundleOf: (half: number, change?: Partial<WireBundle>) => WireBundle;
  /** The node with its pages in the two bundles alone, or changed. */
  readonly nodeWith: (change: Partial<BundledNode>) => Uint8Array;
}

/** Builds a log of 12 entries, with a node whose eight pages are bundled in two halves. */
export async function bundledLog({ key }: Parts): Promise<BundledLog> {
  let pages: readonly Child[] = [];
  const noted = (children: readonly Child[]): Uint8Array => {
    if (children.length === cuts.fanOut) pages = children;
    return nodeOf(children, { addresses: children.map(({ address }) => address), bundles: [] });
  };
  const log = await builtLog([12], cuts, "bundled", key, addressText, noted);
  const own = pages;
  await builtLog([12], cuts, "another", key, addressText, noted);
  const foreign = joined(partsOf(pages.slice(0, 4)));
  const [head] = log.heads as [Uint8Array];
  const { levels } = decodeRemoteLog(head);

  const halves = [own.slice(0, 4), own.slice(4)].map(partsOf);
  const [older, newer] = halves.map(joined) as [Uint8Array, Uint8Array];
  const bundleOf = (half: number, change: Partial<WireBundle> = {}): WireBundle => ({
    first: 4 * half,
    address: addressBytes([older, newer][half]!),
    lengths: halves[half]!.map(({ length }) => length),
    ...change,
  });
  const alone = own.map(({ address }) => address);
  const whole: BundledNode = { addresses: alone.map(() => none), bundles: [bundleOf(0), bundleOf(1)] };
  const nodeWith = (change: Partial<BundledNode>): Uint8Array => nodeOf(own, { ...whole, ...change });
  return { log, head, levels, own, halves, older, newer, foreign, alone, bundleOf, nodeWith };
}

/** A node as it is written, whether that is right or not. */
function nodeOf(children: readonly Child[], { addresses, bundles }: BundledNode): Uint8Array {
  return encodeIndexNode({
    addresses,
    hashes: concatBytes(children.map(({ hash }) => hash)),
    bundles: bundles.map((one) => (one instanceof Uint8Array ? one : encodeWireBundle(one))),
  });
}
