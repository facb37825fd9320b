import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { afterEach, describe, expect, test } from "vitest";
import { type SwarmStorage, swarmStorage } from "../../src/storage.ts";
import { beeOfFile } from "../bee-for-tests.ts";
import { startNodeProxy } from "../node-proxy.ts";

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("a deferred upload", async () => {
  if (skip) return;
  const bee = await beeOfFile({ nodes: 2 });
  const stamp = await bee.buyBatch();
  const proxy = await startNodeProxy(bee.url);
  const asked = (): string[] => proxy.asked.splice(0).map(({ method, path }) => `${method} ${path}`);
  const open = (uploadMilliseconds = 20_000): SwarmStorage => {
    const storage = swarmStorage({ bee: proxy.url, stamp, upload: "deferred", uploadMilliseconds });
    atEnd(() => storage.close());
    return storage;
  };
  const network = swarmStorage({ bee: bee.nodes[1]! });
  atEnd(() => network.close());
  afterEach(async () => {
    await bee.setFaults({});
    proxy.become((_asked, passOn) => passOn());
    asked();
  });

  test("resolves when the network has it, and not when the node has taken it", async () => {
    const storage = open();
    await bee.setFaults({ delayMilliseconds: 800 });
    const before = await bee.counts();
    const content = randomBytes(10);
    const address = await storage.put(content);
    expect((await bee.counts()).chunks - before.chunks).toBe(1);
    await bee.setFaults({});
    expect(await network.get(address)).toEqual(content);
  });

  test("is one tag, a request for each chunk, and some looks at the tag", async () => {
    const storage = open();
    await storage.put(randomBytes(5 * 4096));
    const paths = asked();
    expect(paths.slice(0, 2)).toEqual([`GET /stamps/${stamp}`, "POST /tags"]);
    expect(paths.slice(2, 8)).toEqual(Array.from({ length: 6 }, () => "POST /chunks"));
    const [, uid] = /^GET \/tags\/(\d+)$/.exec(paths[8] ?? "") ?? [];
    expect(new Set(paths.slice(8))).toEqual(new Set([`GET /tags/${uid}`]));
  });

  test("of a piece that a content has many times gives it to the node once", async () => {
    await open().put(new Uint8Array(20 * 4096).fill(7));
    expect(asked().filter((one) => one === "POST /chunks").length).toBe(2);
  });

  test("of what the network has already is pushed once more, and costs no room", async () => {
    const storage = open();
    const content = randomBytes(100);
    await storage.put(content);
    const [before, { utilization }] = await Promise.all([bee.counts(), storage.health()]);
    await storage.put(content);
    expect(await bee.counts()).toEqual({ chunks: before.chunks, pushes: before.pushes + 1 });
    expect((await storage.health()).utilization).toBe(utilization);
  });

  test("of what the node is pushing for somebody else resolves no sooner than the network has it", async () => {
    await bee.setFaults({ delayMilliseconds: 700 });
    const content = randomBytes(5000);
    const leaving = new AbortController();
    proxy.become(async (one, passOn) => {
      const told = await passOn();
      if (one.path.startsWith("/tags/")) leaving.abort(new Error("gone"));
      return told;
    });
    expect((await failure(open().put(content, { signal: leaving.signal }))).message).toBe("gone");
    const before = await bee.counts();
    const address = await open().put(content);
    expect((await bee.counts()).chunks - before.chunks).toBe(3);
    await bee.setFaults({});
    expect(await network.get(address)).toEqual(content);
  });

  test("may take as long as it continues", async () => {
    const storage = open(3000);
    let synced = 0;
    proxy.become((one, passOn) =>
      one.path.startsWith("/tags/")
        ? { status: 200, body: JSON.stringify({ split: 13, seen: 0, synced: Math.floor(synced++ / 2) }) }
        : passOn(),
    );
    // Each chunk takes two looks, with 150 milliseconds after them: more than 3,000 together.
    expect(await storage.put(randomBytes(12 * 4096))).toBeDefined();
  });

  test("has its time after a slow node was given all of it", async () => {
    const storage = open(3000);
    let looks = 0;
    proxy.become(async (one, passOn) => {
      // Longer than the storage waits; what follows has all of that time, also on a machine that is slow.
      if (one.path === "/chunks") await new Promise((resolve) => setTimeout(resolve, 3100));
      if (!one.path.startsWith("/tags/") || looks++ > 0) return passOn();
      return { status: 200, body: JSON.stringify({ split: 1, seen: 0, synced: 0 }) };
    });
    const content = randomBytes(10);
    expect(await network.get(await storage.put(content))).toEqual(content);
  });

  test("leaves no tag where the batch can't be used", async () => {
    const mutable = await bee.buyBatch({ immutable: false });
    const storage = swarmStorage({ bee: proxy.url, stamp: mutable, upload: "deferred" });
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject({ code: "ERR_INVALID_INPUT" });
    expect(asked()).toEqual([`GET /stamps/${mutable}`]);
    await storage.close();
  });

  test.each([
    ["counts fewer chunks than it was given", { split: 1, seen: 0, synced: 1 }],
    ["counts nothing", {}],
    ["counts in words", { split: "3", seen: "0", synced: "3" }],
  ])("is not believed to be done where the node %s", async (_what, tag) => {
    const storage = open();
    proxy.become((one, passOn) =>
      one.path.startsWith("/tags/") ? { status: 200, body: JSON.stringify(tag) } : passOn(),
    );
    expect(await failure(storage.put(randomBytes(5000)))).toMatchObject({ code: "ERR_UNREACHABLE" });
  });

  test("whose tag is gone is no success", async () => {
    const storage = open();
    proxy.become(async (one, passOn) => {
      const [, uid] = /^\/tags\/(\d+)$/.exec(one.path) ?? [];
      if (uid !== undefined) await fetch(`${bee.url}/tags/${uid}`, { method: "DELETE" });
      return passOn();
    });
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject({
      code: "ERR_UNREACHABLE",
      message: expect.stringMatching(/tag not present/),
    });
  });

  // Last, for the node takes its time after that.
  test("that goes nowhere ends with a time-out that tells what to look at", async () => {
    await bee.setFaults({ noPeers: true });
    expect(await failure(open(400).put(randomBytes(5000)))).toMatchObject({
      code: "ERR_TIMEOUT",
      retry: "safe",
      message: expect.stringMatching(/taken 3 chunks, and 3 of them.*for 400 ms.*peers.*uploadMilliseconds/),
    });
  });
});
