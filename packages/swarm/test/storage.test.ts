import { Address, addressOf, rawSha256 } from "@remote-log/core";
import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { swarmBmt } from "../src/chunk/hash-type.ts";
import { toHex } from "../src/chunk/hex.ts";
import { splitContent } from "../src/chunk/tree.ts";
import { swarmStorage } from "../src/storage.ts";
import { beeOfFile } from "./bee-for-tests.ts";
import { startNodeProxy } from "./node-proxy.ts";

/** What is waited for until the test opens it. */
function gate(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve };
}

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("contents on a Bee node", async () => {
  if (skip) return;
  // What is written at the first node is read at the second, which has nothing but what the network has.
  const bee = await beeOfFile({ nodes: 2 });
  const stamp = await bee.buyBatch();
  const [first, second] = bee.nodes as [string, string];
  const [near, far] = await Promise.all([startNodeProxy(first), startNodeProxy(second)]);
  const writer = swarmStorage({ bee: near.url, stamp });
  const reader = swarmStorage({ bee: far.url });
  atEnd(() => Promise.all([writer.close(), reader.close()]));

  test.each([0, 1, 4096, 4097, 8192, 128 * 4096 + 1])(
    "%i bytes come back as they were, from another node",
    async (size) => {
      const content = randomBytes(size);
      const address = await writer.put(content);
      expect(`${address}`).toBe(`${await addressOf(content, swarmBmt)}`);
      expect(Buffer.compare(await reader.get(address), content)).toBe(0);
      expect(await reader.has(address)).toBe(true);
    },
  );

  test("a content is what POST /bytes of the node stores without redundancy", async () => {
    const content = randomBytes(60_000);
    const response = await fetch(`${first}/bytes`, {
      method: "POST",
      headers: {
        "swarm-postage-batch-id": stamp,
        "swarm-redundancy-level": "0",
        "swarm-deferred-upload": "false",
      },
      body: new Uint8Array(content),
    });
    const { reference } = (await response.json()) as { reference: string };
    const address = Address.create(0x55, 0xd6, Uint8Array.from(Buffer.from(reference, "hex")));
    expect(Buffer.compare(await reader.get(address), content)).toBe(0);
    expect(`${await writer.put(content)}`).toBe(`${address}`);
  });

  test("a content can be read by GET /bytes of any node", async () => {
    const content = randomBytes(20_000);
    const { digest } = await writer.put(content);
    const response = await fetch(`${second}/bytes/${toHex(digest)}`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(content);
  });

  test("the first write asks once about the stamp, however many there are at once", async () => {
    const proxy = await startNodeProxy(first);
    const storage = swarmStorage({ bee: proxy.url, stamp });
    await Promise.all(Array.from({ length: 5 }, () => storage.put(randomBytes(100))));
    await storage.put(randomBytes(100));
    const paths = proxy.asked.map(({ method, path }) => `${method} ${path}`);
    expect(paths).toEqual([`GET /stamps/${stamp}`, ...Array.from({ length: 6 }, () => "POST /chunks")]);
    await storage.close();
  });

  test.each([
    { bytes: 100, chunks: 1 },
    { bytes: 4097, chunks: 3 },
    { bytes: 129 * 4096, chunks: 131 },
  ])(
    "$bytes bytes are $chunks chunks: as many requests to put, to get and to look for",
    async ({ bytes, chunks }) => {
      const before = await bee.counts();
      const [asked, read] = [near.asked.length, far.asked.length];
      const address = await writer.put(randomBytes(bytes));
      expect(near.asked.length - asked).toBe(chunks);
      expect(await bee.counts()).toEqual({ chunks: before.chunks + chunks, pushes: before.pushes + chunks });
      await reader.get(address);
      expect(far.asked.length - read).toBe(chunks);
      await reader.has(address);
      expect(far.asked.length - read).toBe(2 * chunks);
    },
  );

  test("a piece that a content has many times is sent and paid for once", async () => {
    const before = await bee.counts();
    const address = await writer.put(new Uint8Array(100 * 4096).fill(7));
    expect((await bee.counts()).chunks - before.chunks).toBe(2);
    expect(await reader.has(address)).toBe(true);
  });

  test("at most 16 chunks are written at once, and 64 read", async () => {
    const atOnce = { now: 0, most: 0 };
    let opened = gate();
    const proxy = await startNodeProxy(first, async ({ path }, passOn) => {
      if (path === `/stamps/${stamp}`) return passOn();
      atOnce.most = Math.max(atOnce.most, ++atOnce.now);
      // Those that come are kept, so that all come that can.
      await opened.promise;
      const told = await passOn();
      atOnce.now--;
      return told;
    });
    const storage = swarmStorage({ bee: proxy.url, stamp });
    const putting = Array.from({ length: 80 }, () => storage.put(randomBytes(10)));
    await expect.poll(() => atOnce.now).toBe(16);
    opened.resolve();
    const addresses = await Promise.all(putting);
    expect(atOnce.most).toBe(16);
    opened = gate();
    const getting = addresses.map((address) => storage.get(address));
    await expect.poll(() => atOnce.now).toBe(64);
    opened.resolve();
    await Promise.all(getting);
    expect(atOnce.most).toBe(64);
    await storage.close();
  });

  test("the root goes last: nobody can find what is not there as a whole", async () => {
    const proxy = await startNodeProxy(first);
    const storage = swarmStorage({ bee: proxy.url, stamp });
    const content = randomBytes(40 * 4096);
    const { root } = splitContent(content);
    const answered: string[] = [];
    proxy.become(async (_asked, passOn) => {
      const told = await passOn();
      answered.push(Buffer.from(told.body).toString());
      return told;
    });
    await storage.put(content);
    expect(answered.at(-1)).toContain(toHex(root.address));
    await storage.close();
  });

  test("what nobody stored is not there", async () => {
    const address = await addressOf(randomBytes(20), swarmBmt);
    expect(await reader.has(address)).toBe(false);
    expect(await failure(reader.get(address))).toMatchObject({
      code: "ERR_NOT_FOUND",
      retry: "safe",
      message: expect.stringContaining(`${address}`),
    });
  });

  test("a content that lacks a chunk is not there, and the error names the chunk", async () => {
    const content = randomBytes(10 * 4096);
    const address = await writer.put(content);
    const leaf = toHex(splitContent(content).levels[0]![3]!.address);
    await bee.forget(leaf);
    expect(await reader.has(address)).toBe(false);
    expect(await failure(reader.get(address))).toMatchObject({
      code: "ERR_NOT_FOUND",
      message: expect.stringContaining(leaf),
    });
    // The node that has the rest takes the content once more.
    expect(`${await writer.put(content)}`).toBe(`${address}`);
    expect(await reader.get(address)).toEqual(content);
  });

  test("a chunk that the network lost is not there, and comes back when it is put again", async () => {
    const content = randomBytes(500);
    await bee.setFaults({ losePushes: 1 });
    const address = await writer.put(content);
    expect(await reader.has(address)).toBe(false);
    expect(await failure(reader.get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
    expect(await failure(writer.get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
    await writer.put(content);
    expect(await reader.get(address)).toEqual(content);
  });

  test("a retrieval that fails says nothing about a content", async () => {
    const address = await writer.put(randomBytes(50));
    await bee.setFaults({ failRetrievals: true });
    const unreachable = { code: "ERR_UNREACHABLE", retry: "safe", message: expect.stringMatching(/500/) };
    expect(await failure(reader.get(address))).toMatchObject(unreachable);
    expect(await failure(reader.has(address))).toMatchObject(unreachable);
    await bee.setFaults({});
    expect(await reader.has(address)).toBe(true);
  });

  test("a reader takes no more than it wants, and asks for no chunk below the root", async () => {
    const content = randomBytes(50_000);
    const address = await writer.put(content);
    const asked = far.asked.length;
    expect(await failure(reader.get(address, { maxBytes: 49_999 }))).toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: 49_999,
    });
    expect(far.asked.length - asked).toBe(1);
    expect(await reader.get(address, { maxBytes: 50_000 })).toEqual(content);
  });

  test("a content over the limit, and an address of another kind, lead to no request", async () => {
    const asked = near.asked.length;
    const other = await addressOf(randomBytes(10), rawSha256);
    expect(await failure(writer.put(new Uint8Array(1024 * 1024 + 1)))).toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: 1024 * 1024,
    });
    expect(await failure(writer.get(other))).toMatchObject({ code: "ERR_INTEGRITY" });
    expect(await failure(writer.has(other))).toMatchObject({ code: "ERR_INTEGRITY" });
    expect(near.asked.length).toBe(asked);
  });

  test("without a stamp nothing is written, and the error says what is missing", async () => {
    const asked = far.asked.length;
    const unsupported = {
      code: "ERR_UNSUPPORTED",
      reason: "batch-missing",
      message: expect.stringMatching(/`stamp`/),
    };
    expect(await failure(reader.put(randomBytes(10)))).toMatchObject(unsupported);
    expect(await failure(reader.health())).toMatchObject(unsupported);
    expect(far.asked.length).toBe(asked);
  });

  test("bytes that change after put was called are stored as they were", async () => {
    const content = randomBytes(9000);
    const copy = content.slice();
    const putting = writer.put(content);
    content.fill(0);
    expect(await reader.get(await putting)).toEqual(copy);
  });

  test("an abort ends an upload at once, with its reason", async () => {
    await bee.setFaults({ noPeers: true });
    const aborting = new AbortController();
    const asked = near.asked.length;
    const putting = failure(writer.put(randomBytes(100), { signal: aborting.signal }));
    await expect.poll(() => near.asked.length).toBe(asked + 1);
    aborting.abort(new Error("enough"));
    expect((await putting).message).toBe("enough");
    await bee.setFaults({});
  });
});
