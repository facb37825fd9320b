import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { afterEach, describe, expect, test } from "vitest";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import { ownerChunk } from "../../src/chunk/owner-chunk.ts";
import { type SwarmStorage, swarmStorage } from "../../src/storage.ts";
import { beeOfFile } from "../bee-for-tests.ts";
import { honest, startNodeProxy } from "../node-proxy.ts";
import { openedChunks } from "../opened-chunks.ts";

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("a direct upload", async () => {
  if (skip) return;
  const bee = await beeOfFile();
  const stamp = await bee.buyBatch();
  const proxy = await startNodeProxy(bee.url);
  const open = (uploadMilliseconds = 20_000): SwarmStorage => {
    const storage = swarmStorage({ bee: proxy.url, stamp, uploadMilliseconds });
    atEnd(() => storage.close());
    return storage;
  };
  const posts = (): number => proxy.asked.filter(({ path }) => path === "/chunks").length;
  afterEach(async () => {
    await bee.setFaults({});
    proxy.become(honest);
    proxy.asked.splice(0);
  });

  test("resolves when the network has it, without a look at anything else", async () => {
    const storage = open();
    await storage.put(randomBytes(10));
    proxy.asked.splice(0);
    await bee.setFaults({ delayMilliseconds: 150 });
    const before = await bee.counts();
    await storage.put(randomBytes(10));
    expect((await bee.counts()).chunks).toBe(before.chunks + 1);
    expect(proxy.asked.length).toBe(1);
  });

  // While a node pushes a chunk it says of the same chunk at once that it is stored.
  test("of one content twice at once is one upload, and neither resolves before the network has it", async () => {
    const storage = open();
    await storage.put(randomBytes(10));
    proxy.asked.splice(0);
    await bee.setFaults({ delayMilliseconds: 300 });
    const before = await bee.counts();
    const content = randomBytes(10);
    await Promise.all(
      [storage.put(content), storage.put(content)].map(async (putting) => {
        await putting;
        expect((await bee.counts()).chunks).toBe(before.chunks + 1);
      }),
    );
    expect(posts()).toBe(1);
  });

  test("of a content whose first upload was given up is believed when the network shows it", async () => {
    const storage = open();
    await bee.setFaults({ delayMilliseconds: 700 });
    const before = await bee.counts();
    const content = randomBytes(5000);
    const leaving = new AbortController();
    const left = failure(storage.put(content, { signal: leaving.signal }));
    await expect.poll(posts).toBe(2);
    leaving.abort(new Error("enough"));
    expect((await left).message).toBe("enough");
    const address = await storage.put(content);
    expect((await bee.counts()).chunks - before.chunks).toBe(3);
    await bee.setFaults({});
    expect(await storage.has(address)).toBe(true);
  });

  test("is repeated where its first push was lost after all", async () => {
    const storage = open();
    await bee.setFaults({ delayMilliseconds: 400, losePushes: 1 });
    const content = randomBytes(10);
    const leaving = new AbortController();
    const left = failure(storage.put(content, { signal: leaving.signal }));
    await expect.poll(posts).toBe(1);
    leaving.abort(new Error("enough"));
    await left;
    const address = await storage.put(content);
    await bee.setFaults({});
    expect(await storage.get(address)).toEqual(content);
  });

  test("that was given up by one is taken over by the other who waits for it", async () => {
    const storage = open();
    await bee.setFaults({ delayMilliseconds: 300 });
    const content = randomBytes(10);
    const leaving = new AbortController();
    const left = failure(storage.put(content, { signal: leaving.signal }));
    const stayed = storage.put(content);
    await expect.poll(posts).toBe(1);
    leaving.abort(new Error("enough"));
    expect((await left).message).toBe("enough");
    const address = await stayed;
    await bee.setFaults({});
    expect(await storage.get(address)).toEqual(content);
  });

  test("of a single-owner chunk that was given up can be made again: what it holds is read back by others", async () => {
    const { chunks } = openedChunks({ bee: proxy.url, stamp });
    const update = ownerChunk({
      key: randomBytes(32),
      id: randomBytes(32),
      chunk: contentChunk(randomBytes(4096)),
    });
    const context = { operation: "names.update", action: "updating" };
    await chunks.upload({ levels: [] }, { signal: new AbortController().signal, context });
    await bee.setFaults({ delayMilliseconds: 300 });
    const leaving = new AbortController();
    const left = failure(
      chunks.upload({ levels: [], ownerChunk: update }, { signal: leaving.signal, context }),
    );
    await expect.poll(() => proxy.asked.some(({ path }) => path.startsWith("/soc/"))).toBe(true);
    leaving.abort(new Error("enough"));
    expect((await left).message).toBe("enough");
    await chunks.upload(
      { levels: [], ownerChunk: update },
      { signal: new AbortController().signal, context },
    );
    expect(proxy.asked.filter(({ path }) => path.startsWith("/chunks"))).toEqual([]);
  });

  test("that was refused is made again without a look", async () => {
    const storage = open();
    const content = randomBytes(10);
    proxy.become(({ method }, passOn) => (method === "POST" ? { status: 429 } : passOn()));
    await failure(storage.put(content));
    proxy.become(honest);
    proxy.asked.splice(0);
    await storage.put(content);
    expect(proxy.asked.length).toBe(1);
  });

  test("that a proxy gave up is believed when the network shows it", async () => {
    const storage = open();
    const content = randomBytes(10);
    proxy.become(({ method }, passOn) => (method === "POST" ? { status: 504 } : passOn()));
    await failure(storage.put(content));
    proxy.become(honest);
    await bee.setFaults({ losePushes: 1 });
    const address = await storage.put(content);
    expect(await storage.get(address)).toEqual(content);
  });

  // Last, for the node takes its time after that.
  test("that never finishes ends with a time-out that names peers and deferred uploads", async () => {
    await bee.setFaults({ noPeers: true });
    expect(await failure(open(300).put(randomBytes(10)))).toMatchObject({
      code: "ERR_TIMEOUT",
      retry: "safe",
      message: expect.stringMatching(/within 300 ms.*peers.*uploadMilliseconds.*upload: "deferred"/),
    });
  });
});
