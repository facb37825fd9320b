import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  generateSeed,
  openReader,
  openWriter,
  type ReadKey,
  type Remote,
  type Visibility,
} from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { ClassicLevel } from "classic-level";
import { LONG_BYTES, payloads } from "./append-tasks.ts";
import { secondsOf, type Task } from "./task.ts";

const SHORT = 10_000;
const LONG = 100_000;
/** Entries that are objects of their own. */
const FEW = 2000;
const DELAY_MILLISECONDS = 50;
/** Reads that wait for each other in the log of {@link SHORT} entries: head, index nodes, page. */
const DEPENDENT_READS = 4;

interface PublishedLog {
  readonly logId: string;
  readonly remote: Remote;
  readonly key: ReadKey | undefined;
}

/**
 * Catch-up of a reader that has nothing: everything is fetched from memory and verified. The floor is one SHA-256
 * of every payload, which no verification can do without.
 *
 * @param folder - a folder for the journals of the logs that are read
 */
export async function readTasks(folder: string): Promise<Task[]> {
  const contents = payloads(LONG);
  const short = await publish(join(folder, "short"), contents.slice(0, SHORT));
  const long = await publish(join(folder, "long"), contents);
  const sealed = await publish(join(folder, "sealed"), contents.slice(0, SHORT), "private");
  const large = payloads(FEW, LONG_BYTES);
  const objects = await publish(join(folder, "objects"), large);
  const sealedObjects = await publish(join(folder, "sealed-objects"), large, "private");
  const unit = "entries/s";
  const hashAll = (hash: (content: Uint8Array) => Uint8Array) => async (): Promise<number> => {
    const seconds = await secondsOf(async () => {
      for (const content of contents) hash(content);
    });
    return LONG / seconds;
  };
  const floor = "SHA-256 of each payload (noble)";
  return [
    { name: floor, unit, run: hashAll(sha256) },
    {
      name: "SHA-256 of each payload (node:crypto)",
      unit,
      run: hashAll((content) => createHash("sha256").update(content).digest()),
    },
    {
      name: "catch up 10,000 entries",
      unit,
      floor,
      goal: 50_000,
      run: async () => SHORT / (await secondsOf(() => readAll(short, SHORT))),
    },
    {
      name: "catch up 10,000 entries of a private log",
      unit,
      floor: "catch up 10,000 entries",
      goal: 0.5,
      ratio: true,
      run: async () => SHORT / (await secondsOf(() => readAll(sealed, SHORT))),
    },
    {
      name: "catch up 2,000 entries of 4 KiB",
      unit,
      run: async () => FEW / (await secondsOf(() => readAll(objects, FEW))),
    },
    {
      name: "catch up 2,000 entries of 4 KiB of a private log",
      unit,
      floor: "catch up 2,000 entries of 4 KiB",
      goal: 0.5,
      ratio: true,
      run: async () => FEW / (await secondsOf(() => readAll(sealedObjects, FEW))),
    },
    {
      name: "catch up 100,000 entries",
      unit,
      floor,
      goal: 50_000,
      run: async () => LONG / (await secondsOf(() => readAll(long, LONG))),
    },
    { name: "CPU to catch up, per 10,000 entries", unit: "s", run: () => processorSeconds(long) },
    {
      name: "4 reads of 50 ms, one after the other",
      unit: "s",
      run: () =>
        secondsOf(async () => {
          for (let i = 0; i < DEPENDENT_READS; i++) await delay(DELAY_MILLISECONDS);
        }),
    },
    {
      name: "catch up 10,000 entries at 50 ms a read",
      unit: "s",
      floor: "4 reads of 50 ms, one after the other",
      goal: 0.6,
      run: () => secondsOf(() => readAll({ ...short, remote: slow(short.remote) }, SHORT)),
    },
  ];
}

async function publish(
  path: string,
  contents: readonly Uint8Array[],
  visibility: Visibility = "public",
): Promise<PublishedLog> {
  const remote = memoryRemote();
  const journal = new ClassicLevel<Uint8Array, Uint8Array>(path);
  const writer = await openWriter({
    settings: { visibility },
    seed: generateSeed(),
    journal,
    remotes: [remote],
    publish: "manual",
  });
  await writer.appendAll(contents);
  await writer.publish();
  const { logId, readKey: key } = writer;
  await writer.close();
  return { logId, remote, key };
}

async function readAll({ logId, remote, key }: PublishedLog, expected: number): Promise<void> {
  const reader = await openReader({ logId, key, remotes: [remote] });
  let count = 0;
  for await (const { sequence } of reader.from(0)) if (sequence === count) count++;
  await reader.close();
  if (count !== expected) throw new Error(`${count} of ${expected} entries were read.`);
}

async function processorSeconds(log: PublishedLog): Promise<number> {
  const before = process.cpuUsage();
  await readAll(log, LONG);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1e6) * (SHORT / LONG);
}

/** The same remote, every read of which takes {@link DELAY_MILLISECONDS} longer. */
function slow(remote: Remote): Remote {
  return {
    ...remote,
    storage: {
      ...remote.storage,
      async get(address, options) {
        await delay(DELAY_MILLISECONDS);
        return remote.storage.get(address, options);
      },
    },
    names: {
      ...remote.names,
      async resolve(name, options) {
        await delay(DELAY_MILLISECONDS);
        return remote.names.resolve(name, options);
      },
    },
  };
}
