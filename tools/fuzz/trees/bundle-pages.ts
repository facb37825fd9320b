// Bundles the pages of a node as a writer would, and then in ways in which nobody should.

import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { encodeWireBundle, type WireBundle } from "../../../packages/core/src/wire/bundle-message.ts";
import { encodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import { encodeRemoteLog, type WirePair } from "../../../packages/core/src/wire/remote-log-message.ts";
import type { Random } from "../random.ts";
import type { Child } from "./build-tree.ts";

/** A node whose pages are bundled, before it is written. */
interface Bundling {
  readonly children: readonly Child[];
  readonly addresses: Uint8Array[];
  readonly bundles: WireBundle[];
  /** Other objects that the adversary has, by their addresses. */
  readonly others: readonly Uint8Array[];
  readonly put: (content: Uint8Array) => Uint8Array;
  /** Takes an object away. */
  readonly lose: (address: Uint8Array) => void;
}

type Way = (node: Bundling, at: number, random: Random) => void;

const none = new Uint8Array(0);
const change = ({ bundles }: Bundling, at: number, to: Partial<WireBundle>): void => {
  bundles[at] = { ...bundles[at]!, ...to };
};

/** What an adversary does to bundles. */
export const bundleWays: Readonly<Record<string, Way>> = {
  "two bundles in each other's place": (node, at, random) => {
    const to = random.below(node.bundles.length);
    const { address } = node.bundles[at]!;
    change(node, at, { address: node.bundles[to]!.address });
    change(node, to, { address });
  },
  "a bundle cut short": (node, at, random) => {
    const { first, lengths } = node.bundles[at]!;
    const parts = partsOf(node.children.slice(first, first + lengths.length));
    parts.splice(random.below(parts.length), 1);
    change(node, at, { address: node.put(joined(parts)) });
  },
  "a bundle with its pages in another order": (node, at, random) => {
    const { first, lengths } = node.bundles[at]!;
    const parts = partsOf(node.children.slice(first, first + lengths.length));
    const to = random.below(parts.length);
    [parts[0], parts[to]] = [parts[to]!, parts[0]!];
    change(node, at, { address: node.put(joined(parts)) });
  },
  "a bundle with junk at its end": (node, at, random) => {
    const { first, lengths } = node.bundles[at]!;
    const parts = partsOf(node.children.slice(first, first + lengths.length));
    const junk = Uint8Array.from({ length: 1 + random.below(40) }, () => random.below(256));
    change(node, at, { address: node.put(concatBytes([joined(parts), junk])) });
  },
  "identifiers left out that nothing gives": (node, at) => {
    const { first, lengths } = node.bundles[at]!;
    const pages = node.children.slice(first, first + lengths.length).map(({ pairs = [] }) => pairs);
    const parts = pages.map((pairs) => part(pairs.map((pair) => ({ ...pair, localHash: none }))));
    change(node, at, { address: node.put(joined(parts)) });
  },
  "other lengths": (node, at, random) => {
    const lengths = node.bundles[at]!.lengths.map(() => random.pick([0, 1, 127, 2 ** 21, 2 ** 53 - 1]));
    change(node, at, { lengths });
  },
  "more or fewer lengths": (node, at, random) => {
    const lengths = [...node.bundles[at]!.lengths];
    change(node, at, { lengths: random.oneIn(2) ? [...lengths, ...lengths] : lengths.slice(1) });
  },
  "another first page": (node, at, random) => change(node, at, { first: random.below(20) }),
  "overlapping bundles": (node, at) => void node.bundles.splice(at, 0, node.bundles[at]!),
  "bundles in reverse": (node) => void node.bundles.reverse(),
  "a bundle of another run or log": (node, at, random) => {
    if (node.others.length > 0) change(node, at, { address: random.pick(node.others) });
  },
  "a ref without address that is in no bundle": (node, _, random) => {
    node.addresses[random.below(node.addresses.length)] = none;
  },
  "a ref with the address of its bundle": (node, at) => {
    node.addresses[node.bundles[at]!.first] = node.bundles[at]!.address;
  },
  "a bundle that is left out": (node, at) => void node.bundles.splice(at, 1),
  "a bundle that is gone": (node, at) => node.lose(node.bundles[at]!.address),
  "pages that are gone": (node, at) => {
    const { first, lengths } = node.bundles[at]!;
    for (const { address } of node.children.slice(first, first + lengths.length)) node.lose(address);
  },
  "a page in the place of a bundle": (node, at, random) =>
    change(node, at, { address: random.pick(node.children).address }),
};

/** Pairs as a bundle has them: without identifiers that follow from their contents. */
function part(pairs: readonly WirePair[]): Uint8Array {
  return encodeRemoteLog({ ...empty, pairs: pairs.toReversed() });
}

const empty = { pairs: [], tail: none, genesis: none, checkpoint: none, levels: [], head: none };

/** The parts of a bundle, oldest page first. */
export function partsOf(children: readonly Child[]): Uint8Array[] {
  return children.map(({ pairs = [] }) =>
    part(
      pairs.map((pair) => {
        const isGiven =
          pair.remoteHash.length === 0 &&
          pair.contentHash === undefined &&
          Buffer.compare(pair.localHash, sha256(pair.data)) === 0;
        return isGiven ? { ...pair, localHash: none } : pair;
      }),
    ),
  );
}

/** A bundle of these parts, without tail. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(parts.toReversed());
}

/**
 * Writes a node whose pages are bundled.
 *
 * @param way - what is done to the bundles once they are made; nothing by default
 */
export function bundledNode(
  children: readonly Child[],
  parts: Pick<Bundling, "put" | "lose" | "others">,
  random: Random,
  way?: Way,
): Uint8Array {
  const addresses = children.map(({ address }) => address);
  const bundles: WireBundle[] = [];
  const run = 2 ** (1 + random.below(3));
  for (let first = 0; first + run <= children.length; first += run) {
    if (random.oneIn(5)) continue;
    const pages = partsOf(children.slice(first, first + run));
    bundles.push({
      first,
      address: parts.put(joined(pages)),
      lengths: pages.map(({ length }) => length),
    });
    for (let page = first; page < first + run; page++) if (random.oneIn(2)) addresses[page] = none;
  }
  if (bundles.length > 0) {
    const node = { children, addresses, bundles, ...parts };
    way?.(node, random.below(bundles.length), random);
  }
  return encodeIndexNode({
    addresses,
    hashes: concatBytes(children.map(({ hash }) => hash)),
    bundles: bundles.map(encodeWireBundle),
  });
}
