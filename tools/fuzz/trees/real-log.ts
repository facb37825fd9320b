// Logs as an honest writer wrote them, for an adversary who has everything but the key.

import { Address } from "../../../packages/core/src/address/address.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { readNameContent } from "../../../packages/core/src/log/head.ts";
import { decodeWireBundle } from "../../../packages/core/src/wire/bundle-message.ts";
import { decodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import { decodeRemoteLog, type WirePair } from "../../../packages/core/src/wire/remote-log-message.ts";
import { type SmallLog, writeSmallLog } from "../small-log.ts";

/** A log at one of its sizes, taken apart. */
export interface RealState {
  readonly logId: string;
  readonly size: number;
  readonly leafSize: number;
  readonly fanOut: number;
  /** The head as the name shows it. */
  readonly head: Uint8Array;
  /** The genesis record and the signed note. */
  readonly genesis: Uint8Array;
  readonly note: Uint8Array;
  /** Every entry, oldest first, as pages and the head show it. */
  readonly pairs: readonly WirePair[];
  /** The addresses of its bundles. */
  readonly bundles: readonly Uint8Array[];
}

/** A log of the adversary's collection. */
export interface RealLog {
  readonly logId: string;
  /** What the writer appended, oldest first. */
  readonly entries: readonly Uint8Array[];
  /** Every object, by the text of its address. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** The states that were published, the smallest first. */
  readonly states: readonly RealState[];
}

const SHAPES = [
  {
    sizes: [5, 12, 13, 37],
    settings: { visibility: "public" as const, leafSize: 4, fanOut: 2 },
    word: "entry",
  },
  {
    sizes: [7, 30],
    settings: { visibility: "public" as const, leafSize: 4, fanOut: 2, identifiers: "mvds" as const },
    word: "of another log",
  },
  {
    sizes: [3, 20, 41],
    settings: { visibility: "public" as const, leafSize: 2, fanOut: 8 },
    word: "of a third log",
  },
  {
    sizes: [20, 47, 49, 51, 53, 55, 60],
    settings: { visibility: "public" as const, leafSize: 2, fanOut: 4 },
    word: "of a log with bundles",
    bundles: "writer" as const,
  },
];

/** Writes the logs of the collection: all of one writer, with the same key. */
export function writeRealLogs(): Promise<readonly RealLog[]> {
  return Promise.all(
    SHAPES.map(async ({ sizes, settings, word, bundles }) => {
      const log = await writeSmallLog(sizes, settings, word, bundles);
      const states = log.heads.map((head, i) => takeApart(log, headAlone(head), sizes[i]!, settings));
      return { logId: log.logId, entries: log.entries, objects: log.objects, states };
    }),
  );
}

/** What the name shows, without the id of the remote: nothing signs that, and no tree that is built has one. */
function headAlone(content: Uint8Array): Uint8Array {
  const named = readNameContent(content);
  return named.kind === "head" ? named.bytes : content;
}

function takeApart(
  { logId, objects }: SmallLog,
  head: Uint8Array,
  size: number,
  { leafSize, fanOut }: { readonly leafSize: number; readonly fanOut: number },
): RealState {
  const { genesis, checkpoint: note, levels, pairs: newest } = decodeRemoteLog(head);
  const objectAt = (address: Uint8Array): Uint8Array => objects.get(`${Address.fromBytes(address)}`)!;
  const stored: WirePair[] = [];
  const bundles: Uint8Array[] = [];
  const pageOf = (address: Uint8Array): void => {
    stored.push(...decodeRemoteLog(objectAt(address)).pairs.toReversed().map(named));
  };
  const collect = (address: Uint8Array, level: number): void => {
    if (level === 0) {
      pageOf(address);
      return;
    }
    const node = decodeIndexNode(objectAt(address));
    const own = (node.bundles ?? []).map(decodeWireBundle);
    bundles.push(...own.map((bundle) => bundle.address));
    for (let i = 0; i < node.addresses.length; i++) {
      const bundle = own.find(({ first }) => first === i);
      if (bundle === undefined) collect(node.addresses[i]!, level - 1);
      else {
        pageOf(bundle.address);
        i += bundle.lengths.length - 1;
      }
    }
  };
  for (let level = levels.length - 1; level >= 0; level--) {
    const { node, addresses } = levels[level]!;
    if (node.length > 0) collect(node, level + 1);
    for (const address of addresses) collect(address, level);
  }
  const pairs = [...stored, ...newest.toReversed()];
  return { logId, size, leafSize, fanOut, head, genesis, note, pairs, bundles };
}

/** A pair of a bundle as a page has it: with its identifier. */
function named(pair: WirePair): WirePair {
  return pair.localHash.length > 0 ? pair : { ...pair, localHash: sha256(pair.data) };
}
