import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { afterEach, describe, expect, test, vi } from "vitest";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import { ownerChunk, ownerChunkAddress } from "../../src/chunk/owner-chunk.ts";
import type { SwarmStorageOptions } from "../../src/options.ts";
import { type SwarmStorage, swarmStorage } from "../../src/storage.ts";
import { beeOfFile } from "../bee-for-tests.ts";
import { startNodeProxy } from "../node-proxy.ts";
import { openedChunks } from "../opened-chunks.ts";
import { threeOfOneBucket } from "./full-bucket.ts";

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("the postage batch that pays", async () => {
  if (skip) return;
  const bee = await beeOfFile({ nodes: 2 });
  const proxy = await startNodeProxy(bee.url);
  const asked = (): string[] => proxy.asked.splice(0).map(({ method, path }) => `${method} ${path}`);
  const open = (options: Partial<SwarmStorageOptions> & { readonly stamp: string }): SwarmStorage => {
    asked();
    const storage = swarmStorage({ bee: proxy.url, ...options });
    atEnd(() => storage.close());
    return storage;
  };
  afterEach(() => {
    proxy.become((_asked, passOn) => passOn());
    vi.useRealTimers();
  });

  test("is refused where it is mutable, before anything is sent", async () => {
    const stamp = await bee.buyBatch({ immutable: false });
    const storage = open({ stamp });
    const puts = await Promise.all(Array.from({ length: 3 }, () => failure(storage.put(randomBytes(10)))));
    for (const error of puts) {
      expect(error).toMatchObject({
        code: "ERR_INVALID_INPUT",
        retry: "never",
        reason: "batch-mutable",
        message: expect.stringMatching(/mutable.*Nothing was sent.*stamp buy .*--immutable.*allowMutable/),
      });
    }
    expect(asked()).toEqual([`GET /stamps/${stamp}`]);
  });

  test("may be mutable where that is allowed, and health continues warning", async () => {
    const stamp = await bee.buyBatch({ immutable: false });
    const storage = open({ stamp, allowMutable: true });
    const content = randomBytes(10);
    expect(await storage.get(await storage.put(content))).toEqual(content);
    const { immutable, warnings } = await storage.health();
    expect(immutable).toBe(false);
    expect(warnings).toMatchObject([{ code: "mutable", message: expect.stringMatching(/stamp buy/) }]);
  });

  test("is waited for while it is not usable yet", async () => {
    await bee.hold(true);
    const stamp = await bee.buyBatch();
    const storage = open({ stamp });
    const content = randomBytes(10);
    const putting = storage.put(content);
    await expect.poll(() => proxy.asked.length).toBeGreaterThan(2);
    expect(asked().filter((one) => one.startsWith("POST"))).toEqual([]);
    await bee.passBlocks(10);
    expect(await storage.get(await putting)).toEqual(content);
    await bee.hold(false);
  });

  test("that does not become usable in time is an error that invites to try again", async () => {
    await bee.hold(true);
    const stamp = await bee.buyBatch();
    const storage = open({ stamp, usableMilliseconds: 300 });
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject({
      code: "ERR_QUOTA",
      reason: "batch-not-usable",
      retry: "safe",
      message: expect.stringMatching(/not become usable within 300 ms.*usableMilliseconds/),
    });
    expect(await storage.health()).toMatchObject({
      usable: false,
      utilization: undefined,
      warnings: [{ code: "not-usable" }],
    });
    await bee.hold(false);
  });

  test("is tried again where the node takes it back to be not usable yet, and nothing else is", async () => {
    const stamp = await bee.buyBatch();
    const storage = open({ stamp });
    let refusals = 2;
    proxy.become((one, passOn) =>
      one.method === "POST" && refusals-- > 0
        ? {
            status: 422,
            body: JSON.stringify({ code: 422, message: "batch not usable yet or does not exist" }),
          }
        : passOn(),
    );
    await storage.put(randomBytes(10));
    expect(asked().filter((one) => one === "POST /chunks").length).toBe(3);
    for (const status of [402, 404, 429, 500, 503]) {
      proxy.become((one, passOn) => (one.method === "POST" ? { status } : passOn()));
      await failure(storage.put(randomBytes(10)));
      expect(asked().filter((one) => one === "POST /chunks").length, `${status}`).toBe(1);
    }
  });

  test("has no room where a bucket is full: refused at once, with how to dilute it", async () => {
    const stamp = await bee.buyBatch({ depth: 17 });
    const storage = open({ stamp });
    const [one, two, three] = threeOfOneBucket(() => {
      const thing = randomBytes(20);
      return { thing, address: contentChunk(thing).address };
    });
    await storage.put(one);
    const second = await storage.put(two);
    asked();
    expect(await failure(storage.put(three))).toMatchObject({
      code: "ERR_QUOTA",
      reason: "batch-full",
      retry: "never",
      message: expect.stringMatching(
        new RegExp(`${stamp} is full.*stamp dilute --stamp ${stamp} --depth 18.*half as long`),
      ),
    });
    expect(asked().filter((request) => request === "POST /chunks").length).toBe(1);
    // What is there stays there, and costs nothing once more.
    expect(`${await storage.put(two)}`).toBe(`${second}`);
    const health = await storage.health();
    expect(health).toMatchObject({ utilization: 1, depth: 17, usable: true });
    expect(health.warnings).toMatchObject([
      { code: "nearly-full", message: expect.stringMatching(/100 % full.*dilute/) },
    ]);
    await fetch(`${bee.url}/stamps/dilute/${stamp}/18`, { method: "PATCH" });
    await storage.put(three);
    expect(await storage.health()).toMatchObject({ utilization: 0.75, depth: 18 });
  });

  test("that is full is told for single-owner chunks, too, of which the node only says that it failed", async () => {
    const stamp = await bee.buyBatch({ depth: 17 });
    const { chunks } = openedChunks({ bee: proxy.url, stamp });
    const key = randomBytes(32);
    const chunk = contentChunk(randomBytes(10));
    const owner = ownerChunk({ key, id: randomBytes(32), chunk }).owner;
    const ids = threeOfOneBucket(() => {
      const id = randomBytes(32);
      return { thing: id, address: ownerChunkAddress(id, owner) };
    });
    const request = {
      signal: new AbortController().signal,
      context: { operation: "names.update", action: "updating" },
    };
    const [one, two, three] = ids.map((id) => ({ levels: [], ownerChunk: ownerChunk({ key, id, chunk }) }));
    await chunks.upload(one!, request);
    await chunks.upload(two!, request);
    expect(await failure(chunks.upload(three!, request))).toMatchObject({
      code: "ERR_QUOTA",
      reason: "batch-full",
      retry: "never",
      message: expect.stringMatching(/full.*dilute/),
    });
    // Any other failure of the same words is none of the batch.
    const roomy = openedChunks({ bee: proxy.url, stamp: await bee.buyBatch() });
    proxy.become((told, passOn) =>
      told.method === "POST"
        ? { status: 400, body: JSON.stringify({ code: 400, message: "chunk write error" }) }
        : passOn(),
    );
    expect(await failure(roomy.chunks.upload(one!, request))).toMatchObject({
      code: "ERR_UNREACHABLE",
      message: expect.stringMatching(/chunk write error.*not full/),
    });
  });

  test("that has expired is told to everybody who writes with it", async () => {
    const stamp = await bee.buyBatch({ amount: "500000000" });
    const storage = open({ stamp });
    await storage.put(randomBytes(10));
    await bee.passBlocks(30_000);
    const expired = {
      code: "ERR_QUOTA",
      reason: "batch-unknown",
      retry: "never",
      message: expect.stringMatching(/knows of no batch.*expired.*drops.*stamp buy/),
    };
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject(expired);
    expect(await failure(open({ stamp }).put(randomBytes(10)))).toMatchObject(expired);
    expect(asked()).toEqual([`GET /stamps/${stamp}`, `GET /batches/${stamp}`]);
    expect(await failure(storage.health())).toMatchObject(expired);
  });

  test("that another node bought can't be used at this one", async () => {
    const stamp = await bee.buyBatch({ node: 1 });
    const storage = open({ stamp });
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject({
      code: "ERR_QUOTA",
      reason: "batch-foreign",
      retry: "never",
      message: expect.stringMatching(/belongs to another node/),
    });
    expect(asked().filter((request) => request.startsWith("POST"))).toEqual([]);
    expect(await storage.health()).toMatchObject({
      usable: false,
      immutable: true,
      depth: 20,
      utilization: undefined,
      warnings: [{ code: "not-usable", message: expect.stringMatching(/another node/) }],
    });
  });

  test("is asked about again when what was seen is an hour old", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const stamp = await bee.buyBatch();
    const storage = open({ stamp });
    const looks = async (): Promise<number> => {
      await storage.put(randomBytes(10));
      return asked().filter((request) => request === `GET /stamps/${stamp}`).length;
    };
    expect(await looks()).toBe(1);
    vi.setSystemTime(Date.now() + 59 * 60_000);
    expect(await looks()).toBe(0);
    vi.setSystemTime(Date.now() + 2 * 60_000);
    expect(await looks()).toBe(1);
    expect(await looks()).toBe(0);
  });

  test("says when the log is lost: what it was paid for divided by the price", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2030-01-01T00:00:00Z") });
    // 600,000 blocks of 5 seconds, of which 10 pass until it is usable.
    const stamp = await bee.buyBatch({ amount: `${24_000 * 600_010}` });
    const health = await open({ stamp: stamp.toUpperCase() }).health();
    expect(health).toEqual({
      stamp,
      usable: true,
      immutable: true,
      depth: 20,
      remainingMilliseconds: 3_000_000_000,
      lostOn: new Date("2030-02-04T17:20:00Z"),
      utilization: 0,
      warnings: [],
    });
    expect(asked()).toEqual([`GET /stamps/${stamp}`]);
  });

  test("is warned of two weeks before it expires, with how to top it up", async () => {
    const day = 24_000 * (86_400 / 5);
    const blocks = 10 * 24_000;
    const early = await bee.buyBatch({ amount: `${14 * day + blocks + 24_000}` });
    expect((await open({ stamp: early }).health()).warnings).toEqual([]);
    await bee.passBlocks(2);
    const { warnings, lostOn } = await open({ stamp: early }).health();
    expect(warnings).toMatchObject([{ code: "expires-soon" }]);
    expect(warnings[0]?.message).toContain(`stamp topup --stamp ${early}`);
    expect(warnings[0]?.message).toContain(`14.0 more days, until ${lostOn?.toISOString().slice(0, 15)}`);
  });

  test.each([
    { batchTTL: -1, remainingMilliseconds: undefined, lostOn: undefined, codes: [] },
    {
      batchTTL: 0,
      remainingMilliseconds: 0,
      lostOn: new Date("2030-01-01T00:00:00Z"),
      codes: ["expires-soon"],
    },
    { batchTTL: 1e18, remainingMilliseconds: 1e21, lostOn: new Date(8.64e15), codes: [] },
  ])("lasts $batchTTL seconds by the node", async ({ batchTTL, codes, ...expected }) => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2030-01-01T00:00:00Z") });
    const stamp = await bee.buyBatch();
    proxy.become(async (_one, passOn) => {
      const told = await passOn();
      const answer = JSON.parse(Buffer.from(told.body).toString()) as object;
      return { ...told, body: JSON.stringify({ ...answer, batchTTL }) };
    });
    const health = await open({ stamp }).health();
    expect(health).toMatchObject(expected);
    expect(health.warnings.map(({ code }) => code)).toEqual(codes);
  });

  test.each([
    ["no JSON", () => "<html>"],
    ["no object", () => "7"],
    ["another batch", (text: string) => text.replace(/"batchID":"../, '"batchID":"zz')],
    ["no word about being mutable", (text: string) => text.replace("immutableFlag", "x")],
    ["a depth that is none", (text: string) => text.replace(/"depth":\d+/, '"depth":"20"')],
    ["more than an answer has", (text: string) => text + " ".repeat(20_000)],
  ])("is not believed where the node answers with %s", async (_what, change) => {
    const stamp = await bee.buyBatch();
    proxy.become(async (_one, passOn) => {
      const told = await passOn();
      return { ...told, body: change(Buffer.from(told.body).toString()) };
    });
    const storage = open({ stamp });
    const unreachable = {
      code: "ERR_UNREACHABLE",
      message: expect.stringMatching(/not the API of a Bee node/),
    };
    expect(await failure(storage.health())).toMatchObject(unreachable);
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject(unreachable);
    expect(asked().filter((request) => request.startsWith("POST"))).toEqual([]);
  });

  test.each([400, 404])(
    "is not said to have expired where a %i is of something else than a node",
    async (status) => {
      const stamp = await bee.buyBatch();
      const storage = open({ stamp });
      const unreachable = { code: "ERR_UNREACHABLE" };
      proxy.become(() => ({ status, body: "<h1>Not here</h1>" }));
      expect(await failure(storage.put(randomBytes(10)))).toMatchObject(unreachable);
      expect(await failure(storage.health())).toMatchObject(unreachable);
      proxy.become((one, passOn) => (one.path.startsWith("/batches") ? { status: 404 } : passOn()));
      const other = open({ stamp: await bee.buyBatch({ node: 1 }) });
      expect(await failure(other.health())).toMatchObject(unreachable);
      await storage.put(randomBytes(10));
      proxy.become((one, passOn) =>
        one.method === "POST" ? { status: 404, body: "<h1>Not here</h1>" } : passOn(),
      );
      expect(await failure(storage.put(randomBytes(10)))).toMatchObject(unreachable);
    },
  );

  test("is not waited for by one who left, and the others do not leave with it", async () => {
    const stamp = await bee.buyBatch();
    const storage = open({ stamp });
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    proxy.become(async (one, passOn) => {
      if (one.method === "GET") await answered;
      return passOn();
    });
    const leaving = new AbortController();
    const left = failure(storage.put(randomBytes(10), { signal: leaving.signal }));
    const stayed = storage.put(randomBytes(10));
    await expect.poll(() => proxy.asked.length).toBe(1);
    leaving.abort(new Error("enough"));
    expect((await left).message).toBe("enough");
    answer();
    await stayed;
    expect(asked()).toEqual([`GET /stamps/${stamp}`, "POST /chunks"]);
  });
});
