import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sha256 } from "@noble/hashes/sha2.js";
import { generateSeed, openReader, openWriter, type ReadKey, type Remote } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { ClassicLevel } from "classic-level";
import { payloads } from "../payloads.ts";
import { BUNDLED, PAGES, type Shape } from "../shapes.ts";
import { type Goal, secondsOf, type Task } from "../task.ts";
import { LONG_BYTES } from "./append-tasks.ts";

const SHORT = 10_000;
const LONG = 100_000;
/** Entries that are objects of their own. */
const FEW = 2000;
const DELAY_MILLISECONDS = 50;
/** Reads that wait for each other in the log of {@link SHORT} entries: head, index nodes, page. */
const DEPENDENT_READS = 4;

const PRIVATE: Shape = { ...BUNDLED, settings: { ...BUNDLED.settings, visibility: "private" } };

interface PublishedLog {
  readonly logId: string;
  readonly remote: Remote;
  readonly key: ReadKey | undefined;
  readonly length: number;
}

/**
 * Catch-up of a reader that has nothing: everything is fetched from memory and verified. The floor is one SHA-256
 * of every payload, which no verification can do without, by whatever the core uses.
 *
 * @param folder - a folder for the journals of the logs that are read
 * @param native - whether the core has the runtime's own cryptography
 */
export async function readTasks(folder: string, native: boolean): Promise<Task[]> {
  const contents = payloads(LONG);
  const publish = (name: string, entries: readonly Uint8Array[], shape: Shape): Promise<PublishedLog> =>
    publishTo(join(folder, name), entries, shape);
  const shortContents = contents.slice(0, SHORT);
  const short = await publish("short", shortContents, BUNDLED);
  const shortPages = await publish("short-pages", shortContents, PAGES);
  const long = await publish("long", contents, BUNDLED);
  const longPages = await publish("long-pages", contents, PAGES);
  const sealed = await publish("sealed", shortContents, PRIVATE);
  const large = payloads(FEW, LONG_BYTES);
  const objects = await publish("objects", large, BUNDLED);
  const sealedObjects = await publish("sealed-objects", large, PRIVATE);
  const unit = "entries/s";
  const hashAll = (hash: (content: Uint8Array) => unknown) => async (): Promise<number> => {
    const seconds = await secondsOf(async () => {
      for (const content of contents) hash(content);
    });
    return LONG / seconds;
  };
  const byNode = "SHA-256 of each payload (node:crypto)";
  const byNoble = "SHA-256 of each payload (noble)";
  const hashing = native ? byNode : byNoble;
  const catchUp = (name: string, log: PublishedLog, floor?: string, goal?: Goal): Task => ({
    name,
    unit,
    ...(floor !== undefined && { floor }),
    ...(goal !== undefined && { goal }),
    run: async () => log.length / (await secondsOf(() => readAll(log))),
  });
  const delays = "4 reads of 50 ms, one after the other";
  const atDistance = (name: string, log: PublishedLog): Task => ({
    name,
    unit: "s",
    floor: delays,
    goal: { most: 1.4 },
    run: () => secondsOf(() => readAll({ ...log, remote: slow(log.remote) })),
  });
  return [
    { name: byNode, unit, run: hashAll((content) => createHash("sha256").update(content).digest()) },
    { name: byNoble, unit, run: hashAll(sha256) },
    catchUp("catch up 10,000 entries", short, hashing, { least: 0.35 }),
    catchUp("catch up 100,000 entries", long, hashing, { least: 0.35 }),
    catchUp("catch up 100,000 entries, pages of 16 alone", longPages, hashing, { least: 0.35 }),
    catchUp("catch up 10,000 entries of a private log", sealed, "catch up 10,000 entries", { least: 0.5 }),
    catchUp("catch up 2,000 entries of 4 KiB", objects),
    catchUp(
      "catch up 2,000 entries of 4 KiB of a private log",
      sealedObjects,
      "catch up 2,000 entries of 4 KiB",
      { least: 0.5 },
    ),
    { name: "CPU to catch up, per 10,000 entries", unit: "s", run: () => processorSeconds(long) },
    {
      name: delays,
      unit: "s",
      run: () =>
        secondsOf(async () => {
          for (let i = 0; i < DEPENDENT_READS; i++) await delay(DELAY_MILLISECONDS);
        }),
    },
    atDistance("catch up 10,000 entries at 50 ms a read", short),
    atDistance("catch up 10,000 entries at 50 ms a read, pages of 16 alone", shortPages),
  ];
}

async function publishTo(path: string, contents: readonly Uint8Array[], shape: Shape): Promise<PublishedLog> {
  const remote = memoryRemote();
  const journal = new ClassicLevel<Uint8Array, Uint8Array>(path);
  const writer = await openWriter({
    ...shape,
    seed: generateSeed(),
    journal,
    remotes: [remote],
    publish: "manual",
  });
  await writer.appendAll(contents);
  await writer.publish();
  const { logId, readKey: key } = writer;
  await writer.close();
  return { logId, remote, key, length: contents.length };
}

async function readAll({ logId, remote, key, length }: PublishedLog): Promise<void> {
  const reader = await openReader({ logId, key, remotes: [remote] });
  let count = 0;
  for await (const { sequence } of reader.from(0)) if (sequence === count) count++;
  await reader.close();
  if (count !== length) throw new Error(`${count} of ${length} entries were read.`);
}

async function processorSeconds(log: PublishedLog): Promise<number> {
  const before = process.cpuUsage();
  await readAll(log);
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
