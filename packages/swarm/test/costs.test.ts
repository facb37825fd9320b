import { readFileSync } from "node:fs";
import { deriveKeys, generateSeed, memoryReaderStore, openReader, openWriter } from "@remote-log/core";
import { serverOrSkip } from "@remote-log/servers";
import { swarmRemote } from "@remote-log/swarm";
import { randomBytes } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { beeOfFile } from "./bee-for-tests.ts";
import { type ChunkCount, countedLog, publishIn } from "./counted-chunks.ts";
import { counter } from "./feed/opened-feeds.ts";

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("what it costs, in requests to a Bee node", async () => {
  if (skip) return;
  const bee = await beeOfFile();
  const stamp = await bee.buyBatch();
  const counted = counter();

  /** The requests of a piece of work, by kind; and how often some waited for the answers to others. */
  async function cost(work: () => Promise<unknown>): Promise<Record<string, number>> {
    counted.reset();
    await work();
    const found: Record<string, number> = {};
    for (const request of counted.requests) {
      const kind = /^[A-Z]+ \/[a-z]+/.exec(request)?.[0] ?? request;
      found[kind] = (found[kind] ?? 0) + 1;
    }
    return { ...found, rounds: counted.rounds() };
  }

  /** How many chunks were pushed, how many the network has, and how many stamps of a batch were given out. */
  async function used(batch: string) {
    const response = await fetch(`${bee.url}/stamps/${batch}/buckets`);
    const { buckets } = (await response.json()) as { buckets: { collisions: number }[] };
    return { ...(await bee.counts()), stamps: buckets.reduce((sum, { collisions }) => sum + collisions, 0) };
  }

  function opened(batch = stamp) {
    const seed = generateSeed();
    const at = { bee: bee.url, stamp: batch, fetch: counted.fetch, label: "node" };
    return { seed, remote: swarmRemote({ ...at, nameKey: deriveKeys(seed).swarm }) };
  }

  async function openedLog(batch = stamp) {
    const { seed, remote } = opened(batch);
    const journal = new MemoryLevel<Uint8Array, Uint8Array>();
    const settings = { visibility: "public" } as const;
    const writer = await openWriter({
      seed,
      journal,
      remotes: [remote],
      publish: "manual",
      settings,
    });
    return { remote, writer };
  }

  test("a content is a request for each chunk, and the batch is looked at once", async () => {
    const { storage } = opened().remote;
    expect(await cost(() => storage.put(randomBytes(4096)))).toEqual({
      "GET /stamps": 1,
      "POST /chunks": 1,
      rounds: 2,
    });
    const small = await storage.put(randomBytes(4096));
    const large = await storage.put(randomBytes(100_000));
    expect(await cost(() => storage.put(randomBytes(4096)))).toEqual({ "POST /chunks": 1, rounds: 1 });
    expect(await cost(() => storage.put(randomBytes(100_000)))).toMatchObject({ "POST /chunks": 25 + 1 });
    for (const read of ["get", "has"] as const) {
      expect(await cost(() => storage[read](small))).toEqual({ "GET /chunks": 1, rounds: 1 });
      expect(await cost(() => storage[read](large))).toEqual({ "GET /chunks": 25 + 1, rounds: 2 });
    }
  });

  test("an update is three requests, and one more for each chunk of a head over 4,096 bytes", async () => {
    const { names } = opened().remote;
    let expected: string | null = null;
    const update = async (size: number) => {
      expected = await names.update("log", randomBytes(size), { expected });
    };
    await update(10);
    expect(await cost(() => update(4096))).toEqual({ "GET /chunks": 2, "POST /soc": 1, rounds: 3 });
    expect(await cost(() => update(6000))).toEqual({
      "GET /chunks": 2,
      "POST /chunks": 2 + 1,
      "POST /soc": 1,
      rounds: 4,
    });
  });

  test("a resolve is one request where nothing is new, five for one update, and more from nothing", async () => {
    const { names } = opened().remote;
    const { text: name } = names.nameOf("log");
    const reader = opened().remote.names;
    const update = (expected: string | null) => names.update(name, randomBytes(300), { expected });
    const first = await update(null);
    const newest = await update(first);
    await reader.resolve(name);
    expect(await cost(() => reader.resolve(name, { known: newest }))).toEqual({
      "GET /chunks": 1,
      rounds: 1,
    });
    const polls: number[] = [];
    while (polls.length < 17) {
      const { "GET /chunks": requests = 0, rounds } = await cost(() =>
        reader.resolve(name, { known: newest }),
      );
      polls.push(requests);
      expect(rounds).toBeLessThanOrEqual(2);
    }
    expect(polls).toEqual([...Array.from({ length: 14 }, () => 1), 1 + 5, 1, 1]);
    let later = await update(newest);
    expect(await cost(() => reader.resolve(name, { known: newest }))).toEqual({
      "GET /chunks": 5,
      rounds: 2,
    });
    for (let index = 3; index < 50; index++) later = await update(later);
    const cold = await cost(() => opened().remote.names.resolve(name));
    expect(cold).toMatchObject({ "GET /feeds": 1 });
    expect(cold["GET /chunks"]).toBeLessThanOrEqual(20);
    expect(cold["rounds"]).toBeLessThanOrEqual(3);
  });

  test("64 appends, each published by itself, are 499 requests, 73 chunks and 73 stamps", async () => {
    const batch = await bee.buyBatch();
    const { writer } = await openedLog(batch);
    // The first publish looks for the log where there is none, and at the batch.
    await publishIn(writer, 1, 1);
    const before = await used(batch);
    const requests = await cost(() => publishIn(writer, 64, 1));
    const { chunks, pushes, stamps } = await used(batch);
    await writer.close();
    // An update each, 8 full pages of 8 entries, and an index node. No head has more than 4,096 bytes. The pages are read back.
    expect(requests).toMatchObject({
      "POST /soc": 64,
      "POST /chunks": 9,
      "GET /stamps": 1,
      "GET /chunks": 425,
    });
    expect(pushes - before.pushes).toBe(64 + 9);
    expect(chunks - before.chunks).toBe(64 + 9);
    expect(stamps - before.stamps).toBe(64 + 9);
  });

  test("catching up on 1,000 entries, and seeing that nothing is new", async () => {
    const { writer, remote } = await openedLog();
    await publishIn(writer, 1000, 1000);
    const { owner } = remote;
    const remotes = [swarmRemote({ bee: bee.url, owner, label: "node", fetch: counted.fetch })];
    const reader = await openReader({ logId: writer.logId, remotes, store: memoryReaderStore() });
    let seen = 0;
    const catchUp = async (): Promise<void> => {
      for await (const entry of reader.from(0)) seen += entry.sequence >= 0 ? 1 : 0;
    };
    // 3 bundles of 256 entries, each a root and 17 pieces; 28 pages of 8 entries; the index node, a root and 3 pieces; the rest looks
    // for the newest head.
    const requests = await cost(catchUp);
    expect(requests).toMatchObject({ "GET /feeds": 1, "GET /chunks": 94 });
    expect(requests["rounds"]).toBeLessThanOrEqual(12);
    expect(seen).toBe(1000);
    expect(await cost(() => reader.sync())).toEqual({ "GET /chunks": 1, rounds: 1 });
    await reader.close();
    await writer.close();
  });
});

/** What the README says of a log of 1,000 messages a day. */
describe("what a log of 1,000 messages a day costs", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

  /** How many buckets a batch has, and what a chunk costs for a block, in PLUR; a BZZ is 10^16 PLUR. */
  const [BUCKETS, PRICE, PLUR] = [65_536, 24_000, 1e16];
  const BLOCKS_A_DAY = (24 * 60 * 60) / 5;

  /** How likely it is that some bucket gets more chunks than it has room for: at most the sum over all buckets. */
  function risk(chunks: number, depth: number): number {
    const mean = chunks / BUCKETS;
    let term = Math.exp(-mean);
    let within = term;
    for (let k = 1; k <= 2 ** (depth - 16); k++) {
      term *= mean / k;
      within += term;
    }
    let beyond = 0;
    for (let k = 2 ** (depth - 16) + 1; term > 1e-300 && k < 10_000; k++) {
      term *= mean / k;
      beyond += term;
    }
    expect(within + beyond).toBeCloseTo(1, 6);
    return BUCKETS * beyond;
  }

  function depthFor(chunks: number): number {
    let depth = 17;
    while (risk(chunks, depth) > 0.001) depth++;
    return depth;
  }

  function row(what: string, chunksADay: number, days: number): string {
    const chunks = chunksADay * days;
    const depth = depthFor(chunks);
    const price = (2 ** depth * PRICE * BLOCKS_A_DAY * days) / PLUR;
    const full = Math.round((100 * chunks) / 2 ** depth);
    const cells = [what, days, chunks.toLocaleString("en-US"), depth, `${full} %`, `${price.toFixed(2)} BZZ`];
    return `| ${cells.join(" | ")} |`;
  }

  test("the arithmetic of buckets is that of throwing chunks into them", () => {
    const [chunks, depth, rounds] = [60_000, 19, 60];
    let overfull = 0;
    for (let round = 0; round < rounds; round++) {
      const buckets = new Uint16Array(BUCKETS);
      for (let i = 0; i < chunks; i++) buckets[Math.floor(Math.random() * BUCKETS)]! += 1;
      if (buckets.some((count) => count > 2 ** (depth - 16) - 2)) overfull++;
    }
    // At two places less a bucket nearly always runs over, and the bound says so.
    expect(overfull).toBeGreaterThan(rounds / 3);
    expect(risk(chunks, depth)).toBeLessThan(0.05);
  });

  test("the chunks of a day in its first month, and what the README makes of them", {
    timeout: 600_000,
  }, async () => {
    const { writer, during } = await countedLog();
    await publishIn(writer, 1, 1);
    // The count in memory is the one on a real node, above.
    expect(await during(() => publishIn(writer, 64, 1))).toEqual({ sent: 73, distinct: 73 });
    // Heads grow a little as the log does: the days are those at the end of a month of 30 days.
    await publishIn(writer, 24_000 - 65, 23_935 / 5);
    // As many entries as an index node covers, so that every length of a head is among them: 2,048, and twice that.
    const alone = aDay(await during(() => publishIn(writer, 2048, 1)), 2048);
    const batches = aDay(await during(() => publishIn(writer, 4100, 100)), 4100);
    await writer.close();
    const rows = [30, 365].flatMap((days) => [
      row("one by one", alone.distinct, days),
      row("in batches of 100", batches.distinct, days),
    ]);
    const inHundreds = `${batches.sent} chunks a day, ${batches.distinct} of them new`;
    const oneByOne = `${alone.sent.toLocaleString("en-US")} chunks a day, ${alone.distinct.toLocaleString("en-US")} of them new`;
    for (const line of [...rows, oneByOne, inHundreds]) expect(readme).toContain(line);
  });
});

/** The chunks of 1,000 entries, on average. */
function aDay({ sent, distinct }: ChunkCount, entries: number): ChunkCount {
  return {
    sent: Math.round((sent * 1000) / entries),
    distinct: Math.round((distinct * 1000) / entries),
  };
}
