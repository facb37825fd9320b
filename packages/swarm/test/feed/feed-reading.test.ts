import type { Resolution } from "@remote-log/core";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import type { OwnerChunk } from "../../src/chunk/owner-chunk.ts";
import type { Ask } from "../../src/feed/feed-search.ts";
import { findNewest } from "../../src/feed/find-newest.ts";
import { beeOfFile } from "../bee-for-tests.ts";
import { type Between, honest, silent, startNodeProxy } from "../node-proxy.ts";
import { updateAddress } from "./feed-address.ts";
import { before, counter, newFeed, openNames, plant, revisionAt, type TestFeed } from "./opened-feeds.ts";

// How the newest update of a feed is found on a real node, whatever its own look-up of feeds says.

const bee = await beeOfFile();
const stamp = await bee.buyBatch();
const url = bee.url;

/** A feed with updates at these indexes. */
async function feedWith(indexes: Iterable<number | bigint>): Promise<TestFeed> {
  const feed = newFeed();
  await plant(bee, stamp, feed, indexes);
  return feed;
}

const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index);

/** That the update at this index was found. */
const foundAt = (index: number | bigint): Partial<Resolution> => ({
  status: "found",
  content: bytes(`update ${index}`),
  revision: expect.stringMatching(new RegExp(`^${index}-`)) as string,
});

const read = (between: Between, error: Between): Between => {
  return (asked, passOn) => (asked.path.startsWith("/chunks/") ? between : error)(asked, passOn);
};

/** Changes what is answered to one path. */
const at = (path: string, answer: Between): Between => {
  return (asked, passOn) => (asked.path === path ? answer : honest)(asked, passOn);
};

const says = (status: number, message = "read chunk failed"): Between => {
  return () => ({ status, body: JSON.stringify({ code: status, message }) });
};

test("where the node's own look-up shows an old update, the newest one is given all the same", async () => {
  const feed = newFeed();
  for (const index of upTo(5)) await plant(bee, stamp, feed, [index]);
  await bee.setFaults({ feedsHideNewest: 2 });
  try {
    const answer = await fetch(`${url}/feeds/${feed.name}`);
    expect(answer.headers.get("swarm-feed-index")).toBe("0000000000000002");
    await answer.arrayBuffer();
    expect(await openNames({ bee: url }).resolve(feed.name)).toMatchObject(foundAt(4));
  } finally {
    await bee.setFaults({});
  }
});

test("where the node's own look-up finds no feed, the newest update is given all the same", async () => {
  const feed = await feedWith(upTo(5));
  await bee.setFaults({ feedsFail: true });
  try {
    const answer = await fetch(`${url}/feeds/${feed.name}`);
    expect(answer.status).toBe(404);
    await answer.arrayBuffer();
    expect(await openNames({ bee: url }).resolve(feed.name)).toMatchObject(foundAt(4));
  } finally {
    await bee.setFaults({});
  }
});

test("a look-up of feeds that fails, or says what is no index, is done without", async () => {
  const feed = await feedWith(upTo(20));
  const index = (text: string): Between => {
    return () => ({ status: 200, headers: { "swarm-feed-index": text }, body: "old head" });
  };
  for (const lookUp of [says(500), says(404), says(502, "<html>"), index("-1"), index("1e3"), index("")]) {
    const proxy = await startNodeProxy(url, read(honest, lookUp));
    expect(await openNames({ bee: proxy.url }).resolve(feed.name)).toMatchObject(foundAt(19));
  }
});

test("a hint beyond everything costs 6 requests, and changes nothing", async () => {
  const feed = await feedWith(upTo(20));
  for (const hint of [2n ** 60n, 2n ** 64n - 1n, 2n ** 32n, 21n]) {
    const headers = { "swarm-feed-index": hint.toString(16).padStart(16, "0") };
    const lookUp: Between = () => ({ status: 200, headers, body: "" });
    const proxy = await startNodeProxy(url, read(honest, lookUp));
    expect(await openNames({ bee: proxy.url }).resolve(feed.name)).toMatchObject(foundAt(19));
    const { length: without } = await requestsOf(feed, false);
    expect(proxy.asked.length - without).toBeLessThanOrEqual(7);
  }
});

test("a hint is no floor: of what it points at, only what is there and verified counts", async () => {
  const [feed, other] = [await feedWith(upTo(3)), await feedWith([9])];
  const foreign: Between = async () => {
    const answer = await fetch(`${url}${other.path(9)}`);
    return { status: 200, body: new Uint8Array(await answer.arrayBuffer()) };
  };
  const lookUp: Between = () => ({ status: 200, headers: { "swarm-feed-index": "9" }, body: "" });
  const between: Between = (asked, passOn) =>
    (asked.path.startsWith("/feeds/") ? lookUp : honest)(asked, passOn);
  const proxy = await startNodeProxy(url, (asked, passOn) =>
    asked.path === feed.path(9) ? foreign(asked, passOn) : between(asked, passOn),
  );
  expect(await openNames({ bee: proxy.url }).resolve(feed.name)).toMatchObject(foundAt(2));
});

/** The requests of a first resolve. */
async function requestsOf(feed: TestFeed, hint: boolean): Promise<readonly string[]> {
  const { fetch: counting, requests } = counter();
  await openNames({ bee: url, fetch: counting, hint }).resolve(feed.name);
  return requests;
}

// Requests, and rounds of those that wait for one another.
test.each([
  { length: 1, cold: [9, 1], hinted: [10, 1] },
  { length: 2, cold: [13, 2], hinted: [14, 2] },
  { length: 10, cold: [16, 2], hinted: [17, 2] },
])(
  "a first resolve of $length updates costs $cold requests and rounds, and $hinted with the look-up of feeds",
  async ({ length, cold, hinted }) => {
    const feed = await feedWith(upTo(length));
    for (const [hint, costs] of [
      [false, cold],
      [true, hinted],
    ] as const) {
      const { fetch: counting, requests, rounds } = counter();
      const names = openNames({ bee: url, fetch: counting, hint });
      expect(await names.resolve(feed.name)).toMatchObject(foundAt(length - 1));
      expect([requests.length, rounds()], `hint: ${hint}`).toEqual(costs);
    }
  },
);

// Only those updates that are looked at have to be there; which those are, the search tells by itself.
test.each([
  { length: 1000n, cold: [39, 5] },
  { length: 1_000_000n, cold: [73, 9] },
])(
  "a first resolve of $length updates costs $cold requests and rounds, and 16 in 2 with a good hint",
  async ({ length, cold }) => {
    const needed = new Set<bigint>();
    const wrapped = contentChunk(new Uint8Array(0));
    const ask: Ask = async (index) => {
      if (index >= length) return { status: "missing" };
      needed.add(index);
      return { status: "found", update: { wrapped } as OwnerChunk };
    };
    await findNewest({ ask, hint: Promise.resolve(undefined) });
    const feed = await feedWith(needed);
    const plain = counter();
    const names = openNames({ bee: url, fetch: plain.fetch, hint: false });
    expect(await names.resolve(feed.name)).toMatchObject(foundAt(length - 1n));
    expect([plain.requests.length, plain.rounds()]).toEqual(cold);
    const headers = { "swarm-feed-index": (length - 1n).toString(16).padStart(16, "0") };
    const lookUp: Between = () => ({ status: 200, headers, body: "" });
    const proxy = await startNodeProxy(url, read(honest, lookUp));
    const counted = counter();
    const hinted = openNames({ bee: proxy.url, fetch: counted.fetch });
    expect(await hinted.resolve(feed.name)).toMatchObject(foundAt(length - 1n));
    expect([counted.requests.length, counted.rounds()]).toEqual([16, 2]);
  },
);

test("a resolver that saw a feed never asks for the look-up, nor for anything below, again", async () => {
  const feed = await feedWith(upTo(30));
  const { fetch: counting, requests, reset } = counter();
  const names = openNames({ bee: url, fetch: counting });
  expect(await names.resolve(feed.name)).toMatchObject(foundAt(29));
  await plant(bee, stamp, feed, [30, 31, 32]);
  reset();
  expect(await names.resolve(feed.name)).toMatchObject(foundAt(32));
  const below = upTo(29).map((index) => `GET ${feed.path(index)}`);
  expect(requests.filter((request) => below.includes(request) || request.includes("/feeds/"))).toEqual([]);
});

test("a node that has forgotten all is not believed: what was seen is stale, never absent or older", async () => {
  const feed = await feedWith(upTo(6));
  const proxy = await startNodeProxy(url);
  const names = openNames({ bee: proxy.url });
  expect(await names.resolve(feed.name)).toMatchObject(foundAt(5));
  for (const hidden of [[5], [4, 5], [0, 1, 2, 3, 4, 5]]) {
    const paths = new Set(hidden.map((index) => feed.path(index)));
    proxy.become((asked, passOn) =>
      (paths.has(asked.path) ? says(404, "chunk not found") : honest)(asked, passOn),
    );
    expect(await failure(names.resolve(feed.name))).toMatchObject({ code: "ERR_STALE", retry: "safe" });
  }
  proxy.become(honest);
  expect(await names.resolve(feed.name)).toMatchObject(foundAt(5));
});

test("who knows more than the node shows is told that it is stale, and is never given less", async () => {
  const feed = await feedWith(upTo(3));
  const known = revisionAt(feed, 7, "a");
  const names = openNames({ bee: url });
  const stale = { code: "ERR_STALE", retry: "safe" };
  // It costs a request to find out that what is known is not there any more: it is sent now and then.
  for (let poll = 1; poll <= 15; poll++) {
    expect(await names.resolve(feed.name, { known })).toEqual({ status: "unchanged", revision: known });
  }
  expect(await failure(names.resolve(feed.name, { known }))).toMatchObject(stale);
  // A resolver that has seen what is there does not go back to it, either.
  expect(await names.resolve(feed.name)).toMatchObject(foundAt(2));
  expect(await failure(names.resolve(feed.name, { known }))).toMatchObject(stale);
});

test.each([
  { what: "500", answer: says(500), code: "ERR_UNREACHABLE" },
  { what: "503", answer: says(503), code: "ERR_UNREACHABLE" },
  { what: "a time-out", answer: silent, code: "ERR_TIMEOUT" },
  { what: "403", answer: says(403), code: "ERR_DENIED" },
  { what: "a redirect", answer: says(302), code: "ERR_UNREACHABLE" },
  { what: "an empty 200", answer: says(200, ""), code: "ERR_INTEGRITY" },
])(
  "$what at the index that decides is an error, and never absent, unchanged or an old head",
  async ({ answer, code }) => {
    const feed = await feedWith(upTo(3));
    const proxy = await startNodeProxy(url);
    // Long enough for a busy machine, where it is not what is waited for.
    const quick = { bee: proxy.url, answerMilliseconds: answer === silent ? 1000 : 10_000 };
    const seen = openNames(quick);
    const found = await seen.resolve(feed.name);
    expect(found).toMatchObject(foundAt(2));
    const known = found.status === "found" ? found.revision : "";
    proxy.become(at(feed.path(3), answer));
    const failures = await Promise.all(
      [openNames(quick), seen].flatMap((names) => [
        failure(names.resolve(feed.name)),
        failure(names.resolve(feed.name, { known })),
      ]),
    );
    for (const error of failures) expect(error).toMatchObject({ code });
    // The same at the newest index, where it has to be read again.
    proxy.become(at(feed.path(2), answer));
    expect(await failure(seen.resolve(feed.name))).toMatchObject({ code });
    // The same at the first index of a feed of which nothing else is known.
    const empty = newFeed();
    proxy.become(at(empty.path(0), answer));
    expect(await failure(openNames(quick).resolve(empty.name))).toMatchObject({ code });
    proxy.become(at(empty.path(64), answer));
    expect(await failure(openNames(quick).resolve(empty.name))).toMatchObject({ code });
  },
);

test("where the whole network fails, no feed is absent, and none ends before it is known to", async () => {
  const feed = await feedWith(upTo(3));
  const empty = newFeed();
  await bee.setFaults({ failRetrievals: true });
  try {
    const names = openNames({ bee: url });
    expect(await failure(names.resolve(empty.name))).toMatchObject({ code: "ERR_UNREACHABLE" });
    expect(await failure(names.resolve(feed.name))).toMatchObject({ code: "ERR_UNREACHABLE" });
  } finally {
    await bee.setFaults({});
  }
});

test("one missing update hides nothing: what follows it is found, also by who had stopped before it", async () => {
  const feed = await feedWith(upTo(5));
  const names = openNames({ bee: url });
  const first = await names.resolve(feed.name);
  expect(first).toMatchObject(foundAt(4));
  const known = first.status === "found" ? first.revision : "";
  await plant(bee, stamp, feed, [6]);
  expect(await openNames({ bee: url, hint: false }).resolve(feed.name)).toMatchObject(foundAt(6));
  // Who polls with one request looks further at times.
  const polls: Resolution[] = [];
  while (polls.length < 17 && polls.at(-1)?.status !== "found")
    polls.push(await names.resolve(feed.name, { known }));
  expect(polls.at(-1)).toMatchObject(foundAt(6));
});

test("an owner's update that lies 16 behind the end is found at the 16th poll", async () => {
  const feed = await feedWith([0]);
  const reader = openNames({ bee: url });
  const first = await reader.resolve(feed.name);
  const known = first.status === "found" ? first.revision : "";
  await plant(bee, stamp, feed, [16]);
  const { fetch: counting, requests, reset } = counter();
  const names = openNames({ bee: url, fetch: counting });
  const counts: number[] = [];
  for (let poll = 1; poll <= 15; poll++) {
    expect(await names.resolve(feed.name, { known })).toMatchObject({ status: "unchanged" });
    counts.push(requests.length);
    reset();
  }
  expect(counts).toEqual(Array.from({ length: 15 }, () => 1));
  expect(await names.resolve(feed.name, { known })).toMatchObject(foundAt(16));
});

test("a floor whose own update is lost continues above a hole", async () => {
  const feed = await feedWith(upTo(3));
  const proxy = await startNodeProxy(url);
  const names = openNames({ bee: proxy.url });
  expect(await names.resolve(feed.name)).toMatchObject(foundAt(2));
  await plant(bee, stamp, feed, [4]);
  proxy.become(at(feed.path(2), says(404, "chunk not found")));
  expect(await names.resolve(feed.name)).toMatchObject(foundAt(4));
});

test("two names side by side do not mix, and neither do two texts of one", async () => {
  const feed = newFeed();
  const names = openNames({ bee: url, stamp, nameKey: feed.nameKey });
  await Promise.all(["a", "b", "c"].map((name) => names.update(name, bytes(name), { expected: null })));
  for (const name of ["a", "b", "c"]) {
    expect(await names.resolve(name)).toMatchObject({ content: bytes(name) });
    expect(await names.resolve(names.nameOf(name).text)).toMatchObject({ content: bytes(name) });
  }
  const [owner = "", topic = ""] = names.nameOf("a").text.split("/");
  const path = (index: bigint | number): string => `/chunks/${updateAddress(owner, topic, index)}`;
  const updated = await names.update("a", bytes("second"), { expected: before({ path }, 1) });
  expect(await names.resolve(names.nameOf("a").text)).toMatchObject({ revision: updated });
});
