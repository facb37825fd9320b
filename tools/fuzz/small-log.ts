// Small logs that the writer of today writes under a fixed seed.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import {
  encodeMvdsMessage,
  type GenesisSettings,
  openWriter,
  type Remote,
} from "../../packages/core/src/index.ts";
import { logSeed } from "./decoders/signed.ts";

/** How the logs are written: their settings may be too small for logs that have to grow. */
const smallLog = { publish: "manual", largestEmbedded: 16, leastCapacity: 1000 } as const;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A log of the corpus: its heads at some sizes, and every object. */
export interface SmallLog {
  readonly logId: string;
  readonly heads: readonly Uint8Array[];
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** What was appended, oldest first. */
  readonly entries: readonly Uint8Array[];
  readonly remote: Remote;
}

/** Writes a log under the seed of the corpus. Some contents are objects of their own. */
export async function writeSmallLog(
  sizes: readonly number[],
  settings: Partial<GenesisSettings>,
  word: string,
  bundles: "writer" | "off" = "off",
): Promise<SmallLog> {
  const objects = new Map<string, Uint8Array>();
  const table = new NameTable();
  const remote = {
    label: "one",
    storage: memoryStorage({ contents: objects }),
    names: memoryNames({ table }),
  };
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  const writer = await openWriter({
    seed: logSeed,
    journal,
    remotes: [remote],
    settings: { visibility: "public", ...settings },
    bundles,
    ...smallLog,
  });
  const heads: Uint8Array[] = [];
  const entries: Uint8Array[] = [];
  for (const size of sizes) {
    const more = Array.from({ length: size - writer.size }, (_, i) => {
      const text = `${word} ${writer.size + i}`;
      const content = bytes((writer.size + i) % 5 === 3 ? text.padEnd(20, ".") : text);
      if (settings.identifiers !== "mvds") return content;
      const [groupId, parents] = [new Uint8Array(32), [new Uint8Array(32).fill(i)]];
      return encodeMvdsMessage({
        groupId,
        timestamp: BigInt(i),
        body: content,
        parents,
        ephemeral: i % 2 === 0,
      });
    });
    await writer.appendAll(more);
    entries.push(...more);
    await writer.publish();
    heads.push(table.values.get(writer.logId)!.content.slice());
  }
  const { logId } = writer;
  await writer.close();
  return { logId, heads, objects, entries, remote };
}
