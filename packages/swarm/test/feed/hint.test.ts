import { expect, test } from "vitest";
import { toHex } from "../../src/chunk/hex.ts";
import { askHint } from "../../src/feed/hint.ts";
import type { BeeApi } from "../../src/node/bee-api.ts";
import { callOf, feed } from "./chunks-in-memory.ts";

function apiOf(request: (asked: unknown) => Promise<Response>): BeeApi {
  return { place: "the node", request } as unknown as BeeApi;
}

test.each([
  ["0000000000000002", 2n],
  ["3E8", 1000n],
  ["0", 0n],
  ["ffffffffffffffff", 2n ** 64n - 1n],
  ["10000000000000000", undefined],
  ["x2", undefined],
  ["2x", undefined],
  ["-1", undefined],
  ["", undefined],
  [undefined, undefined],
])("the index %j hints at %s", async (index, hint) => {
  let cancelled = false;
  const body = new ReadableStream({
    cancel() {
      cancelled = true;
    },
  });
  const asked: unknown[] = [];
  const api = apiOf(async (request) => {
    asked.push(request);
    return new Response(body, { headers: index === undefined ? {} : { "swarm-feed-index": index } });
  });
  expect(await askHint(api, feed, callOf())).toBe(hint);
  expect(asked).toEqual([{ method: "GET", path: `/feeds/${toHex(feed.owner)}/${toHex(feed.topic)}` }]);
  // What the node says of the update is not read: it is asked for by its address.
  expect(cancelled).toBe(true);
});

test("a node that fails has no hint", async () => {
  expect(
    await askHint(
      apiOf(() => Promise.reject(new Error("broken"))),
      feed,
      callOf(),
    ),
  ).toBeUndefined();
});
