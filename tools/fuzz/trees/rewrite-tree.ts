// Rewrites whole trees without the key: other entries, other shapes, other addresses, and everything above made to fit.

import { Address } from "../../../packages/core/src/address/address.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import {
  decodeRemoteLog,
  encodeRemoteLog,
  type WirePair,
} from "../../../packages/core/src/wire/remote-log-message.ts";
import type { Random } from "../random.ts";
import { buildTree, type Child, type Plan, type Show } from "./build-tree.ts";
import { bundledNode, bundleWays } from "./bundle-pages.ts";
import type { RealLog, RealState } from "./real-log.ts";

const none = new Uint8Array(0);

/** Changes the entries of a tree. */
type Rewrite = (pairs: WirePair[], at: number, random: Random, logs: readonly RealLog[]) => void;

const someOther = (random: Random, logs: readonly RealLog[]): WirePair => {
  const { pairs } = random.pick(random.pick(logs).states);
  return random.pick(pairs);
};

const rewrites: Readonly<Record<string, Rewrite>> = {
  "an entry nobody wrote": (pairs, at, random) => {
    const data = new TextEncoder().encode(`never written ${random.below(1000)}`);
    const localHash = random.oneIn(2) ? sha256(data) : pairs[at]!.localHash;
    pairs[at] = { remoteHash: none, localHash, data, contentHash: undefined };
  },
  "another entry": (pairs, at, random, logs) => {
    pairs[at] = someOther(random, logs);
  },
  "an entry of another log": (pairs, at, random, logs) => {
    pairs.splice(at, random.below(2), someOther(random, logs));
  },
  "two entries in each other's place": (pairs, at, random) => {
    const to = random.below(pairs.length);
    [pairs[at], pairs[to]] = [pairs[to]!, pairs[at]!];
  },
  "a stretch that moved": (pairs, at, random) => {
    const stretch = pairs.splice(at, 1 + random.below(8));
    pairs.splice(random.below(pairs.length + 1), 0, ...stretch);
  },
  "a stretch in reverse": (pairs, at, random) => {
    const stretch = pairs.splice(at, 2 + random.below(8)).reverse();
    pairs.splice(at, 0, ...stretch);
  },
  "an entry less": (pairs, at) => pairs.splice(at, 1),
  "an entry twice": (pairs, at) => pairs.splice(at, 0, pairs[at]!),
  "the end cut off": (pairs, at) => pairs.splice(at),
  "another address": (pairs, at, random, logs) => {
    const { remoteHash } = someOther(random, logs);
    pairs[at] = { ...pairs[at]!, remoteHash, data: remoteHash.length > 0 ? none : pairs[at]!.data };
  },
  "an address of another kind": (pairs, at, random) => {
    const [codec, hash] = random.pick([
      [0x70, 0x12],
      [0x55, 0x1b],
      [0xfa, 0x1b],
      [0x55, 0x16],
      [0x55, 0x00],
    ] as const);
    const { contentHash, data, remoteHash } = pairs[at]!;
    const digest = contentHash ?? (remoteHash.length > 0 ? remoteHash.slice(-32) : sha256(data));
    const other = Address.create(codec, hash, digest).bytes;
    pairs[at] = { ...pairs[at]!, remoteHash: other, data: none, contentHash: digest };
  },
  "other data": (pairs, at, random, logs) => {
    pairs[at] = { ...pairs[at]!, data: someOther(random, logs).data };
  },
  "another identifier": (pairs, at, random, logs) => {
    pairs[at] = { ...pairs[at]!, localHash: someOther(random, logs).localHash };
  },
  "a removed pair": (pairs, at) => {
    const { contentHash, data, remoteHash, localHash } = pairs[at]!;
    const hash = contentHash ?? (remoteHash.length > 0 ? remoteHash.slice(-32) : sha256(data));
    pairs[at] = { remoteHash: none, localHash, data: none, contentHash: hash };
  },
};

/** Changes the children of a level, after the entries below them were hashed. */
const moves: Readonly<Record<string, (children: Child[], random: Random) => void>> = {
  "two subtrees in each other's place": (children, random) => {
    const [a, b] = [random.below(children.length), random.below(children.length)];
    [children[a], children[b]] = [children[b]!, children[a]!];
  },
  "one object for two subtrees": (children, random) => {
    const [a, b] = [random.below(children.length), random.below(children.length)];
    children[a] = { address: children[b]!.address, hash: children[a]!.hash };
  },
  "a subtree twice": (children, random) => {
    children[random.below(children.length)] = children[random.below(children.length)]!;
  },
  "a subtree less": (children, random) => {
    children.splice(random.below(children.length), 1);
  },
  "a subtree more": (children, random) => {
    children.splice(random.below(children.length), 0, random.pick(children));
  },
};

/** Changes a head that is built. */
const touches: Readonly<
  Record<string, (head: Uint8Array, random: Random, logs: readonly RealLog[]) => Uint8Array>
> = {
  "the levels of another head": (head, random, logs) => {
    const { levels } = decodeRemoteLog(random.pick(random.pick(logs).states).head);
    return encodeRemoteLog({ ...decodeRemoteLog(head), levels });
  },
  "the newest entries of another head": (head, random, logs) => {
    const { pairs } = decodeRemoteLog(random.pick(random.pick(logs).states).head);
    return encodeRemoteLog({ ...decodeRemoteLog(head), pairs });
  },
  "a ref of the head without address": (head, random) => {
    const wire = decodeRemoteLog(head);
    const [lowest, ...others] = wire.levels;
    if (lowest === undefined || lowest.addresses.length === 0) return head;
    const addresses = [...lowest.addresses];
    addresses[random.below(addresses.length)] = none;
    return encodeRemoteLog({ ...wire, levels: [{ ...lowest, addresses }, ...others] });
  },
  "another tail": (head, random, logs) => {
    const { tail } = decodeRemoteLog(random.pick(random.pick(logs).states).head);
    return encodeRemoteLog({ ...decodeRemoteLog(head), tail });
  },
};

/** A tree that an adversary made, and what was done to it. */
export interface Rewritten extends Show {
  readonly ways: readonly string[];
  /** The addresses of objects that its storage does not show. */
  readonly lost: ReadonlySet<string>;
}

function pickFrom<T>(record: Readonly<Record<string, T>>, random: Random): readonly [string, T] {
  return random.pick(Object.entries(record));
}

/**
 * Makes another tree out of a real one. Everything in it fits, but what only the key can make fit.
 *
 * @param state - the state that it begins with
 * @param logs - everything the adversary has collected: states and objects of several logs of the same writer
 */
export function rewriteTree(state: RealState, logs: readonly RealLog[], random: Random): Rewritten {
  const ways: string[] = [];
  const pairs = [...state.pairs];
  let plan: Plan = { ...state, pairs };
  for (let left = random.below(4); left > 0 && pairs.length > 0; left--) {
    const [name, rewrite] = pickFrom(rewrites, random);
    rewrite(pairs, random.below(pairs.length), random, logs);
    ways.push(name);
  }
  if (ways.length > 0 && pairs.length === state.pairs.length && random.oneIn(2)) {
    plan = { ...plan, hashed: state.pairs };
    ways.push("the hashes of the real tree");
  }
  if (random.oneIn(4)) {
    plan = { ...plan, leafSize: 2 ** random.below(5), fanOut: 2 ** (1 + random.below(4)) };
    ways.push(`pages of ${plan.leafSize}, nodes of ${plan.fanOut}`);
  }
  if (random.oneIn(3)) {
    // The checkpoint of another size, or of another log.
    const other = random.pick(random.pick(logs).states);
    plan = { ...plan, note: other.note, genesis: random.oneIn(4) ? other.genesis : plan.genesis };
    ways.push(`signed for ${other.size} entries of log ${other.logId.slice(0, 8)}`);
  }
  if (random.oneIn(3)) {
    const [name, move] = pickFrom(moves, random);
    const level = random.below(3);
    plan = { ...plan, change: (children, at) => void (at === level && move(children, random)) };
    ways.push(`${name} at level ${level}`);
  }
  const lost = new Set<string>();
  if (random.oneIn(2)) {
    const [name, way] = pickFrom(bundleWays, random);
    const isHarmed = !random.oneIn(4);
    const lose = (address: Uint8Array): void => void lost.add(`${Address.fromBytes(address)}`);
    const others = random.pick(random.pick(logs).states).bundles;
    plan = {
      ...plan,
      bundle: (children, put) =>
        bundledNode(children, { put, lose, others }, random, isHarmed ? way : undefined),
    };
    ways.push(isHarmed ? name : "bundles");
  }
  const built = { ...buildTree(plan, random), lost };
  if (!random.oneIn(5)) return { ...built, ways };
  const [name, touch] = pickFrom(touches, random);
  return { ...built, head: touch(built.head, random, logs), ways: [...ways, name] };
}
