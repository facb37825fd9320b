import { Address } from "@remote-log/core";
import { serverOrSkip, startBee } from "@remote-log/servers";
import { swarmStorage } from "@remote-log/swarm";
import { afterAll, describe, expect, test } from "vitest";
import { type Chunk, contentChunk } from "../../src/chunk/content-chunk.ts";
import { startNodeProxy } from "../node-proxy.ts";

const { skip } = await serverOrSkip("bee");
const MiB = 2 ** 20;
const leaf = new Uint8Array(4_096).fill(7);

// Whoever has a stamp can store any chunk, and a writer who wants to harm its readers can lead them there.
describe.skipIf(skip)("a reader who is led to chunks that no content is made of", async () => {
  if (skip) return;
  const bee = await startBee();
  afterAll(() => bee.stop());
  const stamp = await bee.buyBatch();
  const storage = swarmStorage({ bee: bee.url });

  /** A storage, and what it asks for: a request that was given up may still arrive later. */
  async function counted() {
    const { url, asked } = await startNodeProxy(bee.url);
    return { storage: swarmStorage({ bee: url }), asked };
  }

  /** Stores a chunk as anybody can. */
  async function stored(payload: Uint8Array, span?: bigint): Promise<Chunk> {
    const chunk = contentChunk(payload, span);
    const answer = await fetch(`${bee.url}/chunks`, {
      method: "POST",
      headers: { "swarm-postage-batch-id": stamp },
      body: new Uint8Array(chunk.data),
    });
    expect(answer.status, await answer.text()).toBe(201);
    return chunk;
  }

  const referring = (...chunks: readonly Chunk[]): Uint8Array =>
    Uint8Array.from(chunks.flatMap(({ address }) => [...address]));
  const addressOf = ({ address }: Chunk): Address => Address.create(0x55, 0xd6, address);

  /** The error of reading a content, after a number of requests at most; whoever asks whether it is there learns no more. */
  async function refused(root: Chunk, most: number, maxBytes = 4 * MiB): Promise<string> {
    const [first, second] = [await counted(), await counted()];
    const reading = await first.storage.get(addressOf(root), { maxBytes }).catch((error: unknown) => error);
    expect(first.asked.length).toBeLessThanOrEqual(most);
    const asking = await second.storage.has(addressOf(root)).catch((error: unknown) => error);
    expect(second.asked.length).toBeLessThanOrEqual(most);
    const { code } = reading as { code?: string };
    expect(asking).toEqual(code === "ERR_NOT_FOUND" ? false : expect.objectContaining({ code }));
    return code ?? String(reading);
  }

  const one = await stored(leaf);
  const short = await stored(leaf.subarray(0, 100));

  test("an honest tree of these chunks is read", async () => {
    const root = await stored(referring(one, one, short), 8_292n);
    expect((await storage.get(addressOf(root))).length).toBe(8_292);
    expect(await storage.has(addressOf(root))).toBe(true);
  });

  test.each([2n ** 63n, 2n ** 64n - 1n, 2n ** 63n + 8_292n, 2n ** 63n - 1n, 2n ** 53n, 2n ** 32n])(
    "a span of %d ends it at the root",
    async (span) => {
      const root = await stored(referring(one, one, short), span);
      expect(["ERR_TOO_LARGE", "ERR_INTEGRITY"]).toContain(await refused(root, 1));
      const lone = await stored(leaf.subarray(0, 50), span);
      expect(["ERR_TOO_LARGE", "ERR_INTEGRITY"]).toContain(await refused(lone, 1));
    },
  );

  test.each<[string, () => Promise<Chunk>, number]>([
    ["a span longer than its chunks", async () => stored(referring(one, one, short), 8_293n), 4],
    ["a span shorter than its chunks", async () => stored(referring(one, one, short), 8_192n), 1],
    ["a span of nothing before bytes", async () => stored(leaf.subarray(0, 40), 0n), 1],
    ["a span shorter than its bytes", async () => stored(leaf, 4_095n), 1],
    [
      "references for one level too many",
      async () => stored(referring(await stored(referring(one, one), 8_192n)), 8_192n),
      2,
    ],
    [
      "an inner chunk in place of a leaf",
      async () => stored(referring(await stored(referring(one, one), 8_192n), one), 8_292n),
      3,
    ],
    ["a short leaf before others", async () => stored(referring(short, one, one), 8_292n), 4],
    ["more references than its span has", async () => stored(referring(one, one, one, one), 8_292n), 1],
    ["fewer references than its span has", async () => stored(referring(one, one), 8_193n), 1],
    ["a reference to itself, as near as one can get", async () => stored(leaf, 128n * 4_096n), 128],
  ])("%s is refused", async (_, make, most) => {
    expect(["ERR_INTEGRITY", "ERR_NOT_FOUND"]).toContain(await refused(await make(), most));
  });

  test("a chunk with the same child at every place, level by level, costs no more than its span allows", async () => {
    // 4,096 × 128^5 bytes by its form: 128 TiB, in 6 chunks.
    let root = one;
    let span = 4_096n;
    for (let level = 0; level < 5; level++) {
      span *= 128n;
      root = await stored(referring(...Array.from({ length: 128 }, () => root)), span);
    }
    expect(await refused(root, 1)).toBe("ERR_TOO_LARGE");
    const lied = await stored(root.data.subarray(8), 1_000_000n);
    expect(await refused(lied, 64)).toBe("ERR_INTEGRITY");
  });

  test("a chunk that is exchanged for another, at the root or below, is noticed by whoever reads or asks", async () => {
    const root = await stored(referring(one, one, short), 8_292n);
    const other = await stored(leaf.subarray(0, 100).map((byte) => byte + 1));
    for (const [asked, given] of [
      [short, other],
      [one, await stored(leaf.map((byte) => byte + 1))],
      [root, await stored(referring(one, one, other), 8_292n)],
    ] as const) {
      const place = `/chunks/${Buffer.from(asked.address).toString("hex")}`;
      const lying = await startNodeProxy(bee.url, ({ path }, passOn) =>
        path === place ? { status: 200, body: given.data } : passOn(),
      );
      const deceived = swarmStorage({ bee: lying.url });
      const forged = { code: "ERR_INTEGRITY" };
      await expect(deceived.get(addressOf(root))).rejects.toMatchObject(forged);
      await expect(deceived.has(addressOf(root))).rejects.toMatchObject(forged);
    }
  });

  test("what is larger than is taken is refused before any chunk below the root", async () => {
    const root = await stored(referring(...Array.from({ length: 100 }, () => one)), 409_600n);
    const { storage: limited, asked } = await counted();
    await expect(limited.get(addressOf(root), { maxBytes: 409_599 })).rejects.toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: 409_599,
    });
    expect(asked.length).toBe(1);
    expect((await storage.get(addressOf(root), { maxBytes: 409_600 })).length).toBe(409_600);
  });
});
