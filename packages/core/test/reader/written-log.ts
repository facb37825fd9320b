import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { type GenesisSettings, generateSeed, openWriter, type Remote } from "../../src/index.ts";
import { readNameContent } from "../../src/log/head.ts";

/** Settings under which a log of a few hundred entries has every kind of object. */
export const smallCuts: Partial<GenesisSettings> = { leafSize: 4, fanOut: 4 };

/** Other settings, under which heads come to refer to nodes that are stored before they are full. */
export const foldingCuts: Partial<GenesisSettings> = { leafSize: 2, fanOut: 8 };

/** The size at which a log of {@link foldingCuts} has three levels, two of them with such a node. */
export const foldedSize = 384;

/** Contents of this size and more become objects of their own in these tests. */
const LARGEST_EMBEDDED = 32;

/** A log that a writer published, and all that storage and name system hold of it. */
export interface WrittenLog {
  readonly logId: string;
  /** What the writer appended. */
  readonly entries: readonly Uint8Array[];
  /** Every object in the CAS, by the text of its address. */
  readonly contents: Map<string, Uint8Array>;
  /** What the name held, by the size of the log at the time. */
  readonly heads: ReadonlyMap<number, Uint8Array>;
  /** The head at the end. */
  readonly head: Uint8Array;
}

/** What the entry at a place holds: most are short and embedded, every seventh is an object of its own. */
export function content(sequence: number, branch = ""): Uint8Array {
  const text = `entry ${sequence}${branch}`;
  return new TextEncoder().encode(sequence % 7 === 3 ? text.padEnd(40, ".") : text);
}

/** Contents 0…size − 1; from `forkAt` on they say which branch they are of. */
export function contents(size: number, branch = "", forkAt = 0): Uint8Array[] {
  return Array.from({ length: size }, (_, i) => content(i, i < forkAt ? "" : branch));
}

/**
 * Writes a log.
 *
 * @param options - `publishAt`: the sizes at which to publish besides the last; `seed`: one that another log
 * has, too; `settings`: default {@link smallCuts}
 */
export async function writeLog(
  entries: readonly Uint8Array[],
  options: {
    readonly seed?: Uint8Array;
    readonly settings?: Partial<GenesisSettings>;
    readonly publishAt?: readonly number[];
    readonly largestEmbedded?: number;
    /** The sequence number of an entry that is a snapshot. */
    readonly snapshot?: number;
    /** Whether older pages are stored together. Default "off": most tests count pages. */
    readonly bundles?: "writer" | "off";
  } = {},
): Promise<WrittenLog> {
  const table = new NameTable();
  const objects = new Map<string, Uint8Array>();
  const remote: Remote = {
    label: "written",
    storage: memoryStorage({ contents: objects }),
    names: memoryNames({ table }),
  };
  const writer = await openWriter({
    seed: options.seed ?? generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [remote],
    settings: { visibility: "public", ...(options.settings ?? smallCuts) },
    leastCapacity: 1000,
    publish: "manual",
    bundles: options.bundles ?? (process.env["BUNDLES"] as "writer" | undefined) ?? "off",
    largestEmbedded: options.largestEmbedded ?? LARGEST_EMBEDDED,
  });
  const { logId } = writer;
  const heads = new Map<number, Uint8Array>();
  let head = new Uint8Array(0);
  for (const size of [...(options.publishAt ?? []), entries.length]) {
    const { snapshot = size } = options;
    if (snapshot >= writer.size && snapshot < size) {
      await writer.appendAll(entries.slice(writer.size, snapshot));
      await writer.append(entries[snapshot]!, { snapshot: true });
    }
    if (size > writer.size) await writer.appendAll(entries.slice(writer.size, size));
    await writer.publish();
    const held = readNameContent(table.values.get(logId)!.content);
    // The head alone: beside it the name has the id of the remote, which no other place has.
    head = held.kind === "head" ? held.bytes.slice() : table.values.get(logId)!.content.slice();
    heads.set(size, head);
  }
  await writer.close();
  return { logId, entries, contents: objects, heads, head };
}

/** The sizes 0…last. */
export function sizesTo(last: number): number[] {
  return Array.from({ length: last + 1 }, (_, size) => size);
}
