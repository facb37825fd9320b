// Whole readers on the store: what the contract is for.

import {
  type ForkEvidence,
  generateSeed,
  openReader,
  openWriter,
  type Reader,
  type Remote,
  verifyForkEvidence,
} from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { check, equal, fail, outcomeOf, rejectsWith } from "../../assert.ts";
import type { ReaderStoreCase, ReaderStoreContext } from "../case.ts";
import type { OpenedReaderStore } from "../fixture.ts";

/** How often two readers are made to write to the store at the same time. */
const MEETINGS = 5;

/** Whole readers. */
export const readerCases: readonly ReaderStoreCase[] = [
  {
    id: "STORE-READER-01",
    level: "MUST",
    title:
      "of two readers that share it and are shown contradictory histories, one delivers, and both are frozen",
    requires: [],
    async run(context) {
      const stores = [context.store, (await another(context)).store];
      // Whether the two meet in the store is a matter of chance.
      for (let round = 0; round < MEETINGS; round++) {
        const { logId, remotes } = await writeBranches();
        const readers = await Promise.all(
          remotes.map((remote, i) => openReader({ logId, remotes: [remote], store: stores[i]! })),
        );
        const outcomes = await Promise.all(readers.map((reader) => outcomeOf(readAll(reader))));
        const delivered = outcomes.filter(({ status }) => status === "fulfilled").length;
        check(delivered <= 1, "two readers delivered histories that contradict each other");
        for (const reader of readers) await isFork(reader.sync(), logId);
        for (const reader of readers) await isFork(reader.entry(0), logId);
      }
    },
  },
  {
    id: "STORE-READER-02",
    level: "MUST",
    title:
      "a fork that a reader found freezes the log for every later reader, also after the store was closed",
    requires: [],
    async run(context) {
      const { logId, remotes } = await writeBranches();
      for (const [i, remote] of remotes.entries()) {
        const reader = await openReader({ logId, remotes: [remote], store: context.store });
        if (i === 0) await readAll(reader);
        else await isFork(reader.sync(), logId);
      }
      const later = await reopened(context);
      for (const remote of remotes) {
        await isFork(openReader({ logId, remotes: [remote], store: later.store }), logId);
      }
    },
  },
  {
    id: "STORE-READER-03",
    level: "MUST",
    title: "readers of several logs share it, each with its own state and cursors",
    requires: [],
    async run(context) {
      const logs = await Promise.all([3, 5, 9].map((size) => writeLog(memoryRemote(), texts("entry", size))));
      const read = async (store: typeof context.store, expected: (size: number) => number): Promise<void> => {
        await Promise.all(
          logs.map(async ({ logId, remote, size }) => {
            const reader = await openReader({ logId, remotes: [remote], store });
            let delivered = 0;
            for await (const _ of reader.follow({ cursor: "same", live: false })) delivered++;
            equal(delivered, expected(size), `entries that a cursor delivers of a log of ${size}`);
            equal(reader.size, size, "the size that a reader knows");
          }),
        );
      };
      await read(context.store, (size) => size);
      await read((await reopened(context)).store, () => 0);
    },
  },
  {
    id: "STORE-READER-04",
    level: "MUST",
    title: "ten readers that share it catch up at once with a log that grows, and each delivers all of it",
    requires: [],
    async run(context) {
      const remote = memoryRemote();
      const writer = await openWriter({
        settings: { visibility: "public" },
        seed: generateSeed(),
        journal: new MemoryLevel(),
        remotes: [remote],
      });
      const { logId } = writer;
      const stores = [context.store, (await another(context)).store];
      const readers = await Promise.all(
        Array.from({ length: 10 }, (_, i) => openReader({ logId, remotes: [remote], store: stores[i % 2]! })),
      );
      for (let round = 1; round <= 3; round++) {
        await writer.appendAll(texts(`round ${round}`, 10));
        await writer.publish();
        const counts = await Promise.all(readers.map(async (reader) => (await readAll(reader)).length));
        equal(Math.min(...counts), round * 10, "entries that the reader with the fewest delivers");
      }
      await writer.close();
    },
  },
];

const texts = (text: string, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new TextEncoder().encode(`${text} ${i}`));

async function writeLog(
  remote: Remote,
  entries: readonly Uint8Array[],
  seed = generateSeed(),
): Promise<{ readonly logId: string; readonly remote: Remote; readonly size: number }> {
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new MemoryLevel(),
    remotes: [remote],
  });
  await writer.appendAll(entries);
  await writer.publish();
  await writer.close();
  return { logId: writer.logId, remote, size: entries.length };
}

/** Two histories of one log, as two devices with one key wrote them, each on a remote of its own. */
async function writeBranches(): Promise<{ readonly logId: string; readonly remotes: readonly Remote[] }> {
  const seed = generateSeed();
  const common = texts("common", 3);
  const [one, two] = await Promise.all(
    ["one", "two"].map((label) => writeLog(memoryRemote({ label }), [...common, ...texts(label, 4)], seed)),
  );
  return { logId: one!.logId, remotes: [one!.remote, two!.remote] };
}

async function readAll(reader: Reader): Promise<readonly unknown[]> {
  const entries: unknown[] = [];
  for await (const entry of reader.from(0)) entries.push(entry);
  return entries;
}

/** Fails unless something rejects with a fork of the log, whose evidence stands by itself. */
async function isFork(promise: Promise<unknown>, logId: string): Promise<void> {
  const error = await rejectsWith(promise, "ERR_FORK", "a reader after the fork");
  const { evidence } = error as Error & { evidence?: ForkEvidence };
  if (evidence === undefined) fail("the error of a fork carries no evidence");
  const verdict = await outcomeOf(verifyForkEvidence(evidence));
  equal(verdict.status === "fulfilled" && verdict.value?.logId, logId, "the log that the evidence is about");
}

/** A further instance if the fixture can open one, or else the same. */
async function another(context: ReaderStoreContext): Promise<OpenedReaderStore> {
  return context.canReopen ? context.reopen() : context.opened;
}

/** A further instance after all were closed, if the fixture can open one, or else the same. */
async function reopened(context: ReaderStoreContext): Promise<OpenedReaderStore> {
  if (!context.canReopen) return context.opened;
  await context.closeAll();
  return context.reopen();
}
