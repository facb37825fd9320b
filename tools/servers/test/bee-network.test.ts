import { describe, expect, test } from "vitest";
import { serverOrSkip } from "../src/availability.ts";
import {
  addressOf,
  feed,
  lookUpFeed,
  putChunk,
  putUpdate,
  readChunk,
  readUpdate,
  startBeeForTest as start,
} from "./bee-chunks.ts";

const { skip } = await serverOrSkip("bee");
const [first, second, third] = feed.updates;

describe.skipIf(skip)("the network of Bee nodes", () => {
  test("has on every node what was uploaded to one", async () => {
    const bee = await start({ nodes: 2 });
    const address = await addressOf(bee.url, await bee.buyBatch(), "for both");
    expect(await readChunk(bee.nodes[1]!, address)).toBe("for both");
    expect(await bee.counts()).toEqual({ chunks: 1, pushes: 1 });
  });

  test("knows nothing of another network", async () => {
    const [one, other] = await Promise.all([start(), start()]);
    const address = await addressOf(one.url, await one.buyBatch(), "here alone");
    expect(await readChunk(other.url, address)).toBe(404);
  });

  test("loses as many pushes as it is told to, though the upload is confirmed", async () => {
    const bee = await start({ nodes: 2 });
    const stamp = await bee.buyBatch();
    await bee.setFaults({ losePushes: 1 });
    const lost = await addressOf(bee.url, stamp, "lost");
    const kept = await addressOf(bee.url, stamp, "kept");
    for (const node of bee.nodes) {
      expect(await readChunk(node, lost)).toBe(404);
      expect(await readChunk(node, kept)).toBe("kept");
    }
    expect(await bee.counts()).toEqual({ chunks: 1, pushes: 2 });
    expect(await addressOf(bee.url, stamp, "lost")).toBe(lost);
    expect(await readChunk(bee.url, lost)).toBe("lost");
  });

  test("without peers ends no upload until they are back, and drops none", async () => {
    const bee = await start();
    const stamp = await bee.buyBatch();
    await bee.setFaults({ noPeers: true });
    let ended = false;
    const upload = putChunk(bee.url, stamp, "later").finally(() => {
      ended = true;
    });
    const givenUp = putChunk(bee.url, stamp, "given up", AbortSignal.timeout(1_000));
    await expect(givenUp).rejects.toThrow("timeout");
    expect(ended).toBe(false);
    expect(await bee.counts()).toEqual({ chunks: 0, pushes: 0 });
    await bee.setFaults({});
    // Bee looks for peers again after 5 seconds, also for an upload that nobody waits for any more.
    expect((await upload).status).toBe(201);
    await expect.poll(() => bee.counts()).toEqual({ chunks: 2, pushes: 2 });
  });

  test("can be so slow that nobody waits for it", async () => {
    const bee = await start({ nodes: 2 });
    const stamp = await bee.buyBatch();
    const address = await addressOf(bee.url, stamp, "there");
    await bee.setFaults({ delayMilliseconds: 600_000 });
    const signal = (): AbortSignal => AbortSignal.timeout(300);
    await expect(putChunk(bee.url, stamp, "slow", signal())).rejects.toThrow("timeout");
    const reading = fetch(`${bee.nodes[1]}/chunks/${address}`, { signal: signal() });
    await expect(reading).rejects.toThrow("timeout");
    expect(await bee.counts()).toEqual({ chunks: 1, pushes: 1 });
  });

  test("can fail to retrieve, which is no answer that there is nothing", async () => {
    const bee = await start({ nodes: 2 });
    const address = await addressOf(bee.url, await bee.buyBatch(), "there");
    await bee.setFaults({ failRetrievals: true });
    expect(await readChunk(bee.nodes[1]!, address)).toBe(500);
    await bee.setFaults({});
    expect(await readChunk(bee.nodes[1]!, address)).toBe("there");
  });

  test("forgets a chunk when it is told to, which a node that has read it keeps", async () => {
    const bee = await start({ nodes: 3 });
    const [, reader, stranger] = bee.nodes;
    const address = await addressOf(bee.url, await bee.buyBatch(), "some content");
    expect(await readChunk(reader!, address)).toBe("some content");
    await expect
      .poll(async () => (await fetch(`${reader}/chunks/${address}`, { method: "HEAD" })).status)
      .toBe(200);
    await bee.forget(address);
    expect(await bee.counts()).toMatchObject({ chunks: 0 });
    expect(await readChunk(stranger!, address)).toBe(404);
    expect(await readChunk(reader!, address)).toBe("some content");
    await expect(bee.forget(address)).rejects.toThrow("404 (the network does not have it)");
  });

  test("keeps the newest of two single-owner chunks with one address, or the first", async () => {
    const bee = await start({ nodes: 3 });
    const stamp = await bee.buyBatch();
    await putUpdate(bee.url, stamp, first!);
    await putUpdate(bee.url, stamp, feed.otherFirst);
    expect(await readUpdate(bee.nodes[1]!, first!)).toBe("another first");
    await bee.setFaults({ firstSurvives: true });
    await putUpdate(bee.url, stamp, first!);
    expect(await readUpdate(bee.nodes[2]!, first!)).toBe("another first");
  });

  test("finds the newest update of a feed, or an older one, or none, or fails to look", async () => {
    const bee = await start();
    const stamp = await bee.buyBatch();
    expect(await lookUpFeed(bee.url)).toBe(404);
    for (const update of [first!, second!, third!]) await putUpdate(bee.url, stamp, update);
    expect(await lookUpFeed(bee.url)).toBe("third");
    await bee.setFaults({ feedsHideNewest: 1 });
    expect(await lookUpFeed(bee.url)).toBe("second");
    await bee.setFaults({ feedsHideNewest: 9 });
    expect(await lookUpFeed(bee.url)).toBe(404);
    await bee.setFaults({ feedsFail: true });
    expect(await lookUpFeed(bee.url)).toBe(404);
    // The updates themselves are there all the time.
    expect(await readUpdate(bee.url, third!)).toBe("third");
    await bee.setFaults({});
    await bee.forget(third!.address);
    await bee.setFaults({ feedsHideNewest: 1 });
    expect(await lookUpFeed(bee.url)).toBe("first");
  });

  test("refuses faults and orders that make no sense, and nothing changes", async () => {
    const bee = await start();
    const order = async (method: string, path: string, body?: string): Promise<number> =>
      (await fetch(bee.control + path, { method, body: body ?? null })).status;
    await bee.setFaults({ failRetrievals: true });
    const nonsense = ['{"loosePushes":1}', '{"losePushes":-1}', '{"feedsHideNewest":-1}', '{"noPeers":1}'];
    nonsense.push('{"delayMilliseconds":-1}', '{"losePushes":0.5}', '{"noPeers":true}{}', "", "[]");
    for (const faults of nonsense)
      expect([faults, await order("PUT", "/faults", faults)]).toEqual([faults, 400]);
    for (const path of ["/blocks", "/blocks?count=-1", "/blocks?count=many", "/forget/xyz", "/forget/00"]) {
      expect([path, await order("POST", path)]).toEqual([path, path === "/forget/00" ? 404 : 400]);
    }
    expect(await order("PUT", "/hold?held=maybe")).toBe(400);
    expect(await order("GET", "/faults")).toBe(405);
    expect(await readChunk(bee.url, "00".repeat(32))).toBe(500);
    const chain = await fetch(`${bee.url}/chainstate`);
    expect(await chain.json()).toMatchObject({ block: 1000, totalAmount: "0" });
    await expect(bee.setFaults({ losePushes: -1 })).rejects.toMatchObject({
      code: "ERR_SERVER_REQUEST",
      message: expect.stringContaining("400 (losePushes") as string,
    });
  });
});
