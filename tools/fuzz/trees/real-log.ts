// Logs as an honest writer wrote them, for an adversary who has everything but the key.

import { Address } from "../../../packages/core/src/address/address.ts";
import { readNameContent } from "../../../packages/core/src/log/head.ts";
import { decodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import { decodeRemoteLog, type WirePair } from "../../../packages/core/src/wire/remote-log-message.ts";
import type { SmallLog } from "../make-corpus.ts";
import { writeSmallLog } from "../make-corpus.ts";

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
];

/** Writes the logs of the collection: all of one writer, with the same key. */
export function writeRealLogs(): Promise<readonly RealLog[]> {
  return Promise.all(
    SHAPES.map(async ({ sizes, settings, word }) => {
      const log = await writeSmallLog(sizes, settings, word);
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
  const pages: Uint8Array[] = [];
  const collect = (address: Uint8Array, level: number): void => {
    if (level === 0) pages.push(address);
    else for (const below of decodeIndexNode(objectAt(address)).addresses) collect(below, level - 1);
  };
  for (let level = levels.length - 1; level >= 0; level--) {
    const { node, addresses } = levels[level]!;
    if (node.length > 0) collect(node, level + 1);
    for (const address of addresses) collect(address, level);
  }
  const stored = pages.flatMap((address) => decodeRemoteLog(objectAt(address)).pairs.toReversed());
  return { logId, size, leafSize, fanOut, head, genesis, note, pairs: [...stored, ...newest.toReversed()] };
}
