import { IntegrityError, UnreachableError } from "@remote-log/core";
import { bytes, failure, randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { toHex } from "../../src/chunk/hex.ts";
import { ownerChunk } from "../../src/chunk/owner-chunk.ts";
import { FeedState } from "../../src/feed/feed-state.ts";
import { updatePlace } from "../../src/feed/feed-update.ts";
import { FIRST } from "../../src/feed/find-newest.ts";
import { headChunks } from "../../src/feed/head-chunk.ts";
import { lookUpNewest } from "../../src/feed/look-up.ts";
import { probeUpdate } from "../../src/feed/probe.ts";
import { readHead } from "../../src/feed/read-head.ts";
import type { BeeApi } from "../../src/node/bee-api.ts";
import { ChunksInMemory, callOf, feed, key, placeOf, updateOf } from "./chunks-in-memory.ts";

const head = bytes("a head");

/** A node that is asked for a hint, and never gives one. */
function nodeThatHints() {
  const signals: (AbortSignal | undefined)[] = [];
  const api = {
    place: "the node",
    request: (_request: unknown, { signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
  } as unknown as BeeApi;
  return { api, signals };
}

function lookUp(
  memory: ChunksInMemory,
  options: { floor?: bigint; readFloor?: boolean; hint?: boolean } = {},
) {
  const { floor, readFloor = false, hint = false } = options;
  const { api, signals } = nodeThatHints();
  const state = new FeedState(feed);
  const { chunks } = memory;
  const found = lookUpNewest({ api, chunks, state, floor, readFloor, maxBytes: 17, hint }, callOf());
  return { found, state, signals };
}

test("from a floor, nothing below it is asked for, and the limit of the head holds at the floor alone", async () => {
  const memory = new ChunksInMemory();
  memory.plant(5n, head);
  const { found, state, signals } = lookUp(memory, { floor: 5n, readFloor: true, hint: true });
  expect(await found).toMatchObject({ index: 5n, update: { address: updateOf(5n, head).address } });
  const limits = memory.asked.map((asked, at) => [asked, memory.limits[at]?.maxBytes]);
  expect(limits).toEqual([
    [placeOf(6n), undefined],
    [placeOf(5n), 17],
  ]);
  expect(state.highest?.index).toBe(5n);
  expect(signals).toEqual([]);
});

test("without a floor, the search begins at nothing; a hint is asked for only if it is allowed", async () => {
  const memory = new ChunksInMemory();
  memory.plant(0n, head);
  const without = lookUp(memory);
  expect(await without.found).toMatchObject({ index: 0n });
  expect(without.signals).toEqual([]);
  expect(memory.limits.every(({ maxBytes }) => maxBytes === undefined)).toBe(true);
  const hinted = lookUp(memory, { hint: true });
  await hinted.found;
  expect(hinted.signals).toHaveLength(1);
  // Nobody waits for the hint when the end was found without it.
  expect(hinted.signals[0]?.aborted).toBe(true);
});

test("what a node does not show is missing, and what it shows is verified", async () => {
  const memory = new ChunksInMemory();
  expect(await probeUpdate(memory.chunks, feed, 0n, callOf())).toEqual({ status: "missing" });
  memory.plant(0n, head);
  expect(await probeUpdate(memory.chunks, feed, 0n, callOf())).toMatchObject({ status: "found" });
});

test("an update that was verified is not verified again if the same bytes come at its place, and only then", async () => {
  const memory = new ChunksInMemory();
  const verified = memory.plant(0n, head);
  const probe = (index: bigint) => probeUpdate(memory.chunks, feed, index, callOf(), { verified });
  expect(await probe(0n)).toEqual({ status: "found", update: verified });
  const found = await probe(0n);
  expect(found.status === "found" && found.update).toBe(verified);
  // Its bytes at another place are no update there, and other bytes at its place are looked at.
  memory.stored.set(placeOf(1n), verified.data);
  expect(await probe(1n)).toMatchObject({ status: "unknown", error: { code: "ERR_INTEGRITY" } });
  const other = memory.plant(0n, randomBytes(head.length));
  expect(await probe(0n)).toEqual({ status: "found", update: expect.objectContaining({ data: other.data }) });
  const forged = new Uint8Array(other.data);
  forged[40]! ^= 1;
  memory.stored.set(placeOf(0n), forged);
  expect(await probe(0n)).toMatchObject({ status: "unknown", error: { code: "ERR_INTEGRITY" } });
});

test("the newest update that was seen is the one that is not verified again", async () => {
  const memory = new ChunksInMemory();
  memory.plant(5n, head);
  const { found, state } = lookUp(memory, { floor: 5n, readFloor: true });
  const { update } = await found;
  expect(state.newest).toBe(update);
  const { chunks } = memory;
  const { api } = nodeThatHints();
  const again = { api, chunks, state, floor: 5n, readFloor: true, maxBytes: 17, hint: false };
  expect((await lookUpNewest(again, callOf())).update).toBe(update);
});

test("a forged update tells nothing, and may be better next time", async () => {
  const memory = new ChunksInMemory();
  memory.stored.set(placeOf(0n), updateOf(1n, head).data);
  const probe = await probeUpdate(memory.chunks, feed, 0n, callOf());
  const error = {
    code: "ERR_INTEGRITY",
    retry: "safe",
    operation: "names.update",
    cause: expect.any(IntegrityError),
  };
  expect(probe).toMatchObject({ status: "unknown", error });
});

test("a failure tells nothing, and stays as it is", async () => {
  const memory = new ChunksInMemory();
  const broken = new Error("broken");
  memory.says.set(placeOf(0n), () => Promise.reject(broken));
  const probe = await probeUpdate(memory.chunks, feed, 0n, callOf());
  expect(probe.status === "unknown" && probe.error).toBe(broken);
});

test("an abort is no answer: it ends the probe with its own reason", async () => {
  const memory = new ChunksInMemory();
  const controller = new AbortController();
  memory.says.set(placeOf(0n), async () => {
    controller.abort("enough");
    throw new DOMException("stop", "AbortError");
  });
  expect(await failure(probeUpdate(memory.chunks, feed, 0n, callOf(controller.signal)))).toBe("enough");
});

test("a large head is read by the chunks that its update names; one that is missing has not spread yet", async () => {
  const memory = new ChunksInMemory();
  const large = randomBytes(5000);
  const { root, tree } = headChunks(large);
  const update = ownerChunk({ key, id: updatePlace(feed, 0n).id, chunk: root });
  for (const { address, data } of tree.flat()) memory.stored.set(toHex(address), data);
  expect(await readHead(memory.chunks, update, 5000, callOf())).toEqual(large);
  expect(await failure(readHead(memory.chunks, update, 4999, callOf()))).toMatchObject({
    code: "ERR_TOO_LARGE",
  });
  const lacking = tree[0]?.[1]?.address as Uint8Array;
  memory.stored.delete(toHex(lacking));
  const error = await failure(readHead(memory.chunks, update, 5000, callOf()));
  expect(error).toMatchObject({ code: "ERR_NOT_PROPAGATED", operation: "names.update", retry: "safe" });
  expect(error.message).toContain(toHex(lacking));
});

test("while no answer comes, each further search asks for one update, and not always for the same", async () => {
  const memory = new ChunksInMemory();
  const { api } = nodeThatHints();
  const { chunks } = memory;
  const state = new FeedState(feed);
  const fails = new UnreachableError("No route to the node.", { operation: "names.resolve" });
  const search = () =>
    lookUpNewest(
      { api, chunks, state, floor: undefined, readFloor: false, maxBytes: 17, hint: false },
      callOf(),
    );
  const isDown = (): void => {
    for (const index of FIRST) memory.says.set(placeOf(index), () => Promise.reject(fails));
  };
  isDown();
  const counts: number[] = [];
  for (let tries = 0; tries < 4; tries++) {
    const before = memory.asked.length;
    await expect(search()).rejects.toBe(fails);
    counts.push(memory.asked.length - before);
  }
  expect(counts).toEqual([FIRST.length, 1, 1, 1]);
  expect(new Set(memory.asked.slice(FIRST.length)).size).toBe(3);
  // Once it answers, all is asked for.
  memory.says.clear();
  memory.plant(0n, head);
  expect(await search()).toMatchObject({ index: 0n });
  // One answer was clear: the next outage begins with all of them again.
  expect(state.unanswered).toBe(0);
});
