import { NameConflictError } from "@remote-log/core";
import { bytes, failure, randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import { splitContent } from "../../src/chunk/tree.ts";
import { beeOfFile } from "../bee-for-tests.ts";
import { type Between, honest, startNodeProxy } from "../node-proxy.ts";
import { before, counter, newFeed, openNames, plant, plantOne } from "./opened-feeds.ts";

// Feeds have no compare-and-set: what an update does so that two devices with one key notice each other.

const bee = await beeOfFile({ nodes: 2 });
const stamps = [await bee.buyBatch({ node: 0 }), await bee.buyBatch({ node: 1 })];
const [url = "", otherUrl = ""] = bee.nodes;
const [stamp = "", otherStamp = ""] = stamps;

/** The address of the chunk that an update with this head wraps. */
const chunkOf = (head: Uint8Array): string => Buffer.from(contentChunk(head).address).toString("hex");

const pairs = [
  { nodes: "one node", second: { bee: url, stamp } },
  { nodes: "two nodes", second: { bee: otherUrl, stamp: otherStamp } },
];

test.each(pairs)(
  "an update at an index that another device took is refused through $nodes, and nothing is sent",
  async ({ second }) => {
    const { nameKey, name, owner } = newFeed();
    const first = openNames({ bee: url, stamp, nameKey });
    const counted = counter();
    const other = openNames({ ...second, nameKey, fetch: counted.fetch });
    const revision = await first.update(name, bytes("first"), { expected: null });
    const error = await failure(other.update(name, bytes("second"), { expected: null }));
    expect(error).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    expect(error.message).toContain("update 0 ");
    expect(error.message).toContain(chunkOf(bytes("first")));
    expect(counted.requests.some((request) => request.includes(`/soc/${owner}`))).toBe(false);
    // It has seen it, and can be built upon.
    expect(await other.resolve(name)).toEqual({ status: "found", content: bytes("first"), revision });
    expect(await other.update(name, bytes("third"), { expected: revision })).toMatch(/^1-/);
  },
);

/** Lets somebody else write after the check and before the upload of an update. */
function racing(owner: string, write: () => Promise<unknown>): Between {
  let over = false;
  return async (asked, passOn) => {
    if (!over && asked.method === "POST" && asked.path.startsWith(`/soc/${owner}/`)) {
      over = true;
      await write();
    }
    return passOn();
  };
}

/** Two devices write index 0 at once: the other one between our check and our upload. */
async function race(second: { bee: string; stamp: string }) {
  const { nameKey, name, owner } = newFeed();
  const other = openNames({ ...second, nameKey });
  let theirs: string | undefined;
  const between = racing(owner, async () => {
    theirs = await other.update(name, bytes("other"), { expected: null });
  });
  const proxy = await startNodeProxy(url, between);
  const ours = openNames({ bee: proxy.url, stamp, nameKey });
  const outcome = await ours
    .update(name, bytes("ours"), { expected: null })
    .catch((error: unknown) => error as Error);
  expect(theirs).toMatch(new RegExp(`^0-[0-9a-f]{16}-${chunkOf(bytes("other"))}$`));
  return { name, ours, other, outcome, seen: theirs };
}

test.each(pairs)(
  "where the first of two writes at once survives, the second device is told, through $nodes",
  async ({ second }) => {
    await bee.setFaults({ firstSurvives: true });
    try {
      const { name, ours, outcome } = await race(second);
      expect(outcome).toBeInstanceOf(NameConflictError);
      expect((outcome as Error).message).toContain(chunkOf(bytes("other")));
      expect(await ours.resolve(name)).toMatchObject({ content: bytes("other") });
    } finally {
      await bee.setFaults({});
    }
  },
);

test("where the newest of two writes at once survives, a node that remembers the first tells the second device", async () => {
  const { name, ours, outcome } = await race({ bee: url, stamp });
  expect(outcome).toBeInstanceOf(NameConflictError);
  expect((outcome as Error).message).toContain(chunkOf(bytes("other")));
  expect(await ours.resolve(name)).toMatchObject({ content: bytes("other") });
});

test("where the newest of two writes at once survives, the first device is told at its next update", async () => {
  const { name, ours, other, outcome, seen } = await race({ bee: otherUrl, stamp: otherStamp });
  expect(outcome).toMatch(new RegExp(`^0-[0-9a-f]{16}-${chunkOf(bytes("ours"))}$`));
  await ours.update(name, bytes("ours 2"), { expected: outcome as string });
  const theirs = other.update(name, bytes("other 2"), { expected: seen ?? null });
  const error = await failure(theirs);
  expect(error).toBeInstanceOf(NameConflictError);
  expect(error.message).toContain(chunkOf(bytes("ours 2")));
  expect(await other.resolve(name)).toMatchObject({ content: bytes("ours 2") });
});

test("an update below or beside what was seen is refused, and no request is sent for it", async () => {
  const feed = newFeed();
  const { nameKey, name } = feed;
  const { fetch, requests, reset } = counter();
  const names = openNames({ bee: url, stamp, nameKey, fetch });
  await plant(bee, stamp, feed, [4]);
  const seen = await names.update(name, bytes("five"), { expected: before(feed, 5) });
  reset();
  for (const index of [0, 3, 5]) {
    const error = await failure(names.update(name, bytes("other"), { expected: before(feed, index) }));
    expect(error).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    expect(error.message).toContain(chunkOf(bytes("five")));
  }
  expect(requests).toEqual([]);
  expect(await names.update(name, bytes("six"), { expected: seen })).toMatch(/^6-/);
});

test("two updates of one index at once, through one object, are taken one after the other", async () => {
  const { nameKey, name } = newFeed();
  const names = openNames({ bee: url, stamp, nameKey });
  const outcomes = await Promise.allSettled(
    ["a", "b", "c"].map((text) => names.update(name, bytes(text), { expected: null })),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  expect(await names.resolve(name)).toMatchObject({ content: bytes("a") });
});

test("an update that is repeated after its answer was lost is the same bytes, and succeeds", async () => {
  const { nameKey, name, owner } = newFeed();
  const bodies: string[] = [];
  let lose = true;
  const proxy = await startNodeProxy(url, async (asked, passOn) => {
    if (asked.method !== "POST") return passOn();
    bodies.push(`${asked.path}?${asked.query}`);
    const told = await passOn();
    return lose ? { status: 502, body: "lost" } : told;
  });
  const head = randomBytes(300);
  const first = openNames({ bee: proxy.url, stamp, nameKey });
  expect(await failure(first.update(name, head, { expected: null }))).toMatchObject({
    code: "ERR_UNREACHABLE",
    retry: "safe",
  });
  lose = false;
  // The same object, and a new process: it is there, and nothing is sent again.
  const revision = await first.update(name, head, { expected: null });
  expect(revision).toMatch(new RegExp(`^0-[0-9a-f]{16}-${chunkOf(head)}$`));
  expect(await openNames({ bee: proxy.url, stamp, nameKey }).update(name, head, { expected: null })).toBe(
    revision,
  );
  expect(bodies.filter((path) => path.startsWith(`/soc/${owner}`))).toHaveLength(1);
  expect(await openNames({ bee: url }).resolve(name)).toMatchObject({ content: head });
});

test("an update that the network lost is not acknowledged; repeated, it is the same bytes", async () => {
  const { nameKey, name, owner } = newFeed();
  const sent: string[] = [];
  const proxy = await startNodeProxy(url, (asked, passOn) => {
    if (asked.path.startsWith(`/soc/${owner}`)) sent.push(`${asked.path}?${asked.query}`);
    return passOn();
  });
  const names = openNames({ bee: proxy.url, stamp, nameKey, readBackMilliseconds: 400 });
  await bee.setFaults({ losePushes: 1 });
  try {
    const error = await failure(names.update(name, bytes("lost"), { expected: null }));
    expect(error).toMatchObject({ code: "ERR_TIMEOUT", retry: "safe" });
    expect(error.message).toContain("did not show it within 400 ms");
  } finally {
    await bee.setFaults({});
  }
  expect(await names.resolve(name)).toEqual({ status: "absent" });
  expect(await names.update(name, bytes("lost"), { expected: null })).toMatch(
    new RegExp(`^0-[0-9a-f]{16}-${chunkOf(bytes("lost"))}$`),
  );
  expect(sent).toHaveLength(2);
  expect(sent[0]).toBe(sent[1]);
});

test("where it can't be told whether an index is free, what is read back decides", async () => {
  const { nameKey, name, path } = newFeed();
  let asked = 0;
  const failing: Between = (one, passOn) => {
    if (one.path === path(0) && asked++ === 0) return { status: 500, body: "read chunk failed" };
    return passOn();
  };
  const proxy = await startNodeProxy(url, failing);
  const names = openNames({ bee: proxy.url, stamp, nameKey });
  expect(await names.update(name, bytes("x"), { expected: null })).toMatch(/^0-/);
  // Somebody else is there, and what was there first stays.
  const taken = newFeed(nameKey);
  await plantOne(otherUrl, otherStamp, taken, 0n, bytes("theirs"));
  asked = 0;
  proxy.become((one, passOn) => {
    const again: Between = one.path === taken.path(0) && asked++ === 0 ? () => ({ status: 500 }) : honest;
    return again(one, passOn);
  });
  await bee.setFaults({ firstSurvives: true });
  try {
    const error = await failure(names.update(taken.name, bytes("ours"), { expected: null }));
    expect(error).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    expect(error.message).toContain(chunkOf(bytes("theirs")));
  } finally {
    await bee.setFaults({});
  }
});

test("a check that gets no answer is given up in time, and the update continues", async () => {
  const { nameKey, name, path } = newFeed();
  let asked = 0;
  const proxy = await startNodeProxy(url, (one, passOn) => {
    return one.path === path(0) && asked++ === 0 ? new Promise(() => undefined) : passOn();
  });
  const names = openNames({ bee: proxy.url, stamp, nameKey, checkMilliseconds: 200 });
  expect(await names.update(name, bytes("x"), { expected: null })).toMatch(/^0-/);
});

test("what is read back fails at first, and is asked for again until it shows", async () => {
  const { nameKey, name, path } = newFeed();
  let asked = 0;
  const answers: Between[] = [
    honest,
    () => ({ status: 404, body: "chunk not found" }),
    () => ({ status: 500 }),
    () => ({ status: 200, body: "garbage" }),
  ];
  const proxy = await startNodeProxy(url, (one, passOn) =>
    (one.path === path(0) ? (answers[asked++] ?? honest) : honest)(one, passOn),
  );
  const names = openNames({ bee: proxy.url, stamp, nameKey });
  expect(await names.update(name, bytes("x"), { expected: null })).toMatch(/^0-/);
  expect(asked).toBe(5);
});

test("with deferred uploads an update is acknowledged when the network shows it", async () => {
  const { nameKey, name } = newFeed();
  const names = openNames({ bee: url, stamp, nameKey, upload: "deferred" });
  const head = randomBytes(10_000);
  const revision = await names.update(name, head, { expected: null });
  const found = { status: "found", content: head, revision };
  expect(await openNames({ bee: otherUrl }).resolve(name)).toEqual(found);
});

test("a large head whose update is there, and its tree is not, is uploaded again", async () => {
  const { nameKey, name } = newFeed();
  const head = randomBytes(9000);
  const leaf = splitContent(head).levels[0]?.[0];
  const names = openNames({ bee: url, stamp, nameKey });
  const revision = await names.update(name, head, { expected: null });
  await bee.forget(Buffer.from(leaf!.address).toString("hex"));
  const reader = openNames({ bee: otherUrl });
  expect(await failure(reader.resolve(name))).toMatchObject({ code: "ERR_NOT_PROPAGATED", retry: "safe" });
  expect(await names.update(name, head, { expected: null })).toBe(revision);
  expect(await reader.resolve(name)).toEqual({ status: "found", content: head, revision });
});
