import { describe, expect, test } from "vitest";
import { serverOrSkip } from "../src/availability.ts";
import type { BatchOptions, BeeServer } from "../src/bee/server.ts";
import { ServerError } from "../src/server-error.ts";
import { addressOf, putChunk, startBeeForTest as start } from "./bee-chunks.ts";

const { skip } = await serverOrSkip("bee");

/** Texts whose chunks all fall into one bucket of a batch: their addresses begin with the same 16 bits. */
const ONE_BUCKET = ["chunk 0", "chunk 104256", "chunk 115900", "chunk 273046", "chunk 341500"] as const;

/** What a node says of its own batch. */
interface Stamp {
  readonly usable: boolean;
  readonly depth: number;
  readonly immutableFlag: boolean;
  readonly utilization: number;
  readonly batchTTL: number;
  readonly amount: string;
}

async function stampOf(node: string, stamp: string): Promise<Stamp> {
  return (await (await fetch(`${node}/stamps/${stamp}`)).json()) as Stamp;
}

/** Changes a batch by Bee's own call: `topup/…/100`, `dilute/…/21`. */
async function change(node: string, what: string): Promise<number> {
  return (await fetch(`${node}/stamps/${what}`, { method: "PATCH" })).status;
}

/** What Bee answers when it refuses: status and message. */
async function said(answer: Promise<Response>): Promise<[number, string]> {
  const got = await answer;
  return [got.status, ((await got.json()) as { message: string }).message];
}

/** Fills the bucket of a batch of depth 17, which has room for two. */
async function fill(bee: BeeServer, stamp: string): Promise<void> {
  const addresses = [
    await addressOf(bee.url, stamp, ONE_BUCKET[0]),
    await addressOf(bee.url, stamp, ONE_BUCKET[1]),
  ];
  expect(addresses.map((address) => address.slice(0, 4))).toEqual(["ab69", "ab69"]);
}

describe.skipIf(skip)("a batch of stamps", () => {
  test("is bought as it is asked for, and can be used at once", async () => {
    const bee = await start();
    const [usual, other] = [await bee.buyBatch(), await bee.buyBatch({ depth: 17, immutable: false })];
    expect(usual).toMatch(/^[0-9a-f]{64}$/);
    expect(await stampOf(bee.url, usual)).toMatchObject({ usable: true, depth: 20, immutableFlag: true });
    expect(await stampOf(bee.url, other)).toMatchObject({ usable: true, depth: 17, immutableFlag: false });
    for (const stamp of [usual, other]) expect((await putChunk(bee.url, stamp, "some")).status).toBe(201);
  });

  test("is bought also while others are, though Bee does one purchase at a time", async () => {
    const bee = await start();
    const stamps = await Promise.all(Array.from({ length: 150 }, () => bee.buyBatch()));
    expect(new Set(stamps).size).toBe(150);
    const { stamps: known } = (await (await fetch(`${bee.url}/stamps`)).json()) as { stamps: unknown[] };
    expect(known).toHaveLength(150);
  });

  test("is refused as on the real chain if it can't be", async () => {
    const bee = await start();
    const refusal = async (options: BatchOptions): Promise<string> => {
      const outcome: unknown = await bee.buyBatch(options).catch((error: unknown) => error);
      return outcome instanceof ServerError ? outcome.message : "bought";
    };
    expect(await refusal({ amount: "414720000" })).toContain("insufficient amount for 24h minimum validity");
    expect(await refusal({ amount: "414720001" })).toBe("bought");
    expect(await refusal({ amount: "-1" })).toContain("insufficient amount");
    expect(await refusal({ amount: "1".padEnd(19, "0") })).toContain("out of funds");
    expect(await refusal({ depth: 255 })).toContain("out of funds");
    expect(await refusal({ depth: 16 })).toContain("invalid path params");
    await expect(bee.buyBatch({ node: 1 })).rejects.toThrow("There is no node 1, only 1 of them.");
  });

  test("belongs to the node that bought it, and is known to all", async () => {
    const bee = await start({ nodes: 2 });
    const stamp = await bee.buyBatch({ node: 1 });
    const [own, stranger] = [bee.nodes[1]!, bee.nodes[0]!];
    expect(await said(putChunk(stranger, stamp, "some"))).toEqual([404, "batch with id not found"]);
    expect((await putChunk(own, stamp, "some")).status).toBe(201);
    expect((await fetch(`${stranger}/batches/${stamp}`)).status).toBe(200);
    expect(await change(stranger, `dilute/${stamp}/21`)).toBe(500);
    expect(await stampOf(own, stamp)).toMatchObject({ depth: 20 });
  });

  test("is not usable before 10 blocks while the chain is held", async () => {
    const bee = await start();
    await bee.hold(true);
    const stamp = await bee.buyBatch();
    const unusable = [422, "batch not usable yet or does not exist"];
    expect(await said(putChunk(bee.url, stamp, "some"))).toEqual(unusable);
    expect(await said(fetch(`${bee.url}/stamps/${stamp}`))).toEqual([400, "batch not usable"]);
    await bee.hold(false);
    await bee.passBlocks(9);
    expect(await said(putChunk(bee.url, stamp, "some"))).toEqual(unusable);
    await bee.passBlocks(1);
    expect((await putChunk(bee.url, stamp, "some")).status).toBe(201);
    expect(await stampOf(bee.url, await bee.buyBatch())).toMatchObject({ usable: true });
  });

  test("pays for each block, and expires when nothing is left", async () => {
    const bee = await start({ nodes: 2 });
    // For 17,290 blocks, of which 10 pass at once.
    const stamp = await bee.buyBatch({ amount: `${17_290 * 24_000}` });
    expect((await stampOf(bee.url, stamp)).batchTTL).toBe(86_400);
    await bee.passBlocks(17_279);
    expect((await stampOf(bee.url, stamp)).batchTTL).toBe(5);
    expect((await putChunk(bee.url, stamp, "some")).status).toBe(201);
    await bee.passBlocks(1);
    expect(await said(putChunk(bee.url, stamp, "some"))).toEqual([404, "batch with id not found"]);
    for (const path of ["stamps", "batches"]) {
      for (const node of bee.nodes) expect((await fetch(`${node}/${path}/${stamp}`)).status).toBe(404);
    }
  });

  test("lasts longer when it is topped up, by whomever", async () => {
    const bee = await start({ nodes: 2 });
    const stamp = await bee.buyBatch();
    const before = await stampOf(bee.url, stamp);
    expect(await change(bee.nodes[1]!, `topup/${stamp}/${17_280 * 24_000}`)).toBe(202);
    const after = await stampOf(bee.url, stamp);
    expect(after.batchTTL - before.batchTTL).toBe(86_400);
    expect(BigInt(after.amount) - BigInt(before.amount)).toBe(17_280n * 24_000n);
    const seen = (await (await fetch(`${bee.nodes[1]}/batches/${stamp}`)).json()) as Stamp;
    expect(seen.batchTTL).toBe(after.batchTTL);
    expect(await change(bee.url, `topup/${stamp}/${"1".padEnd(20, "0")}`)).toBe(402);
    expect(await change(bee.url, `topup/${stamp}/-5`)).toBe(500);
    expect(await change(bee.url, `topup/${"00".repeat(32)}/5`)).toBe(500);
    expect(await stampOf(bee.url, stamp)).toEqual(after);
  });

  test("that is immutable refuses what does not fit its bucket, until it is diluted", async () => {
    const bee = await start();
    const stamp = await bee.buyBatch({ depth: 17 });
    await fill(bee, stamp);
    expect(await stampOf(bee.url, stamp)).toMatchObject({ utilization: 2 });
    expect(await said(putChunk(bee.url, stamp, ONE_BUCKET[2]))).toEqual([402, "batch is overissued"]);
    // Another bucket has room.
    expect((await putChunk(bee.url, stamp, "chunk 1")).status).toBe(201);

    const { batchTTL } = await stampOf(bee.url, stamp);
    expect(await change(bee.url, `dilute/${stamp}/16`)).toBe(400);
    expect(await change(bee.url, `dilute/${stamp}/17`)).toBe(500);
    expect(await change(bee.url, `dilute/${stamp}/18`)).toBe(202);
    const diluted = await stampOf(bee.url, stamp);
    expect(diluted.depth).toBe(18);
    expect(diluted.batchTTL).toBe(Math.floor(batchTTL / 2));
    for (const text of [ONE_BUCKET[2], ONE_BUCKET[3]])
      expect((await putChunk(bee.url, stamp, text)).status).toBe(201);
    expect((await putChunk(bee.url, stamp, ONE_BUCKET[4])).status).toBe(402);
  });

  test("that is mutable takes what does not fit its bucket", async () => {
    const bee = await start();
    const stamp = await bee.buyBatch({ depth: 17, immutable: false });
    await fill(bee, stamp);
    for (const text of ONE_BUCKET.slice(2)) expect((await putChunk(bee.url, stamp, text)).status).toBe(201);
  });
});
