import { deriveKeys, generateSeed, memoryReaderStore, openReader, openWriter } from "@remote-log/core";
import { ipfsRemote } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { randomBytes } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { clientNames, nodeBy } from "../clients.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("what it costs, in requests to a Kubo node", async () => {
  if (skip) return;
  const node = await nodeOfFile();
  const recorder = await scriptedServer(undefined, { target: node.rpc });
  const { requests } = recorder;

  /** The requests of a piece of work, by command; with those that it leaves to the background, of which the number is known. */
  async function cost(work: () => Promise<unknown>, releases = 0): Promise<Record<string, number>> {
    const from = requests.length;
    await work();
    const counts = () => {
      const found: Record<string, number> = {};
      for (const { path } of requests.slice(from)) {
        const command = path.replace("/api/v0/", "");
        found[command] = (found[command] ?? 0) + 1;
      }
      return found;
    };
    await expect.poll(() => counts()["pin/rm"] ?? 0).toBe(releases);
    return counts();
  }

  async function opened() {
    const seed = generateSeed();
    const nameKey = deriveKeys(seed).ipns;
    const remote = await ipfsRemote({ node: recorder.url, nameKey, label: "node" });
    return { seed, remote, name: remote.name };
  }

  /** A log of a number of entries of 256 bytes, published at once, and its writer. */
  async function published(entries: number) {
    const place = await opened();
    const writer = await openWriter({
      seed: place.seed,
      journal: new MemoryLevel<Uint8Array, Uint8Array>(),
      remotes: [place.remote],
      publish: "manual",
      settings: { visibility: "public" },
    });
    for (let i = 0; i < entries; i++) await writer.append(randomBytes(256));
    await writer.publish();
    return { ...place, writer };
  }

  test.each(clientNames)("every operation on contents is one request, given as %s", async (client) => {
    const { storage } = await ipfsRemote({ node: nodeBy(client, recorder.url), nameKey: randomBytes(32) });
    const content = randomBytes(1000);
    const address = await storage.put(content);
    expect(await cost(() => storage.put(randomBytes(1000)))).toEqual({ "block/put": 1 });
    expect(await cost(() => storage.put(content))).toEqual({ "block/put": 1 });
    expect(await cost(() => storage.get(address))).toEqual({ "block/get": 1 });
    expect(await cost(() => storage.has(address))).toEqual({ "block/stat": 1 });
  });

  test("an update is two requests, and one more in the background from the third one on", async () => {
    const { remote, name } = await opened();
    const { names } = remote;
    let expected: string | null = null;
    const update = async () => {
      expected = await names.update(name, randomBytes(500), { expected });
    };
    expect(await cost(update)).toEqual({ "block/put": 1, "name/put": 1 });
    expect(await cost(update)).toEqual({ "block/put": 1, "name/put": 1 });
    expect(await cost(update, 1)).toEqual({ "block/put": 1, "name/put": 1, "pin/rm": 1 });
    expect(await cost(update, 1)).toEqual({ "block/put": 1, "name/put": 1, "pin/rm": 1 });
  });

  test("a resolve is one request where the record carries the head or nothing is new, else two", async () => {
    const { remote, name } = await opened();
    const { names } = remote;
    const first = await names.update(name, randomBytes(9000), { expected: null });
    expect(await cost(() => names.resolve(name))).toEqual({ "name/get": 1 });
    expect(await cost(() => names.resolve(name, { known: first }))).toEqual({ "name/get": 1 });
    const second = await names.update(name, randomBytes(11_000), { expected: first });
    expect(await cost(() => names.resolve(name))).toEqual({ "name/get": 1, "block/get": 1 });
    expect(await cost(() => names.resolve(name, { known: second }))).toEqual({ "name/get": 1 });
  });

  test("100 appends, each published by itself, cost 5 requests each, and 28 more for pages and index", async () => {
    const { writer } = await published(0);
    const work = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) {
        await writer.append(randomBytes(256));
        await writer.publish();
      }
    };
    // The head and its record; a look before, since nobody else enforces what is expected, and one after; 12 full pages
    // of 8 entries (the rest is in the head), and 2 index nodes, each of which is read back from the node's own store. The head before the last two is released.
    expect(await cost(work, 99)).toEqual({
      "block/put": 100 + 12 + 2,
      "block/get": 12 + 2,
      "name/put": 100,
      "name/get": 100 * 2,
      "pin/rm": 99,
    });
    await writer.close();
  });

  test("1,000 entries that are published at once are 32 objects in 3 requests, and a head", async () => {
    const counts = await cost(() => published(1000).then(({ writer }) => writer.close()));
    expect(counts["block/put"]).toBe(3 + 1);
  });

  test("catching up on 1,000 entries is 33 requests, and seeing that nothing is new is 1", async () => {
    const { writer, name } = await published(1000);
    const remote = await ipfsRemote({ node: recorder.url, name, label: "node" });
    const reader = await openReader({ logId: writer.logId, remotes: [remote], store: memoryReaderStore() });
    let seen = 0;
    const catchUp = async (): Promise<void> => {
      for await (const entry of reader.from(0)) seen += entry.sequence >= 0 ? 1 : 0;
    };
    // The head comes with the record; 3 bundles of 256 entries, 28 pages of 8 (the last 8 entries are in the head), and an index node.
    expect(await cost(catchUp)).toEqual({ "name/get": 1, "block/get": 3 + 28 + 1 });
    expect(seen).toBe(1000);
    expect(await cost(() => reader.sync())).toEqual({ "name/get": 1 });
    await reader.close();
    await writer.close();
  });
});
