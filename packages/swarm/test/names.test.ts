import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { deriveKeys, generateSeed } from "@remote-log/core";
import { swarmNames } from "@remote-log/swarm";
import { bytes, closedUrl, failure, randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { beeOfFile } from "./bee-for-tests.ts";
import { before, counter, newFeed, openNames, plant, revisionAt } from "./feed/opened-feeds.ts";
import { silent, startNodeProxy } from "./node-proxy.ts";

const bee = await beeOfFile();
const stamp = await bee.buyBatch();
const url = bee.url;

test("a writer publishes, and a reader without the key reads it", async () => {
  const { nameKey, name } = newFeed();
  const writer = openNames({ bee: url, stamp, nameKey });
  const reader = openNames({ bee: url });
  expect(await reader.resolve(name)).toEqual({ status: "absent" });
  const first = await writer.update(name, bytes("one"), { expected: null });
  expect(first).toMatch(/^0-[0-9a-f]{16}-[0-9a-f]{64}$/);
  expect(await reader.resolve(name)).toEqual({ status: "found", content: bytes("one"), revision: first });
  const second = await writer.update(name, bytes("two"), { expected: first });
  expect(second).toMatch(/^1-/);
  expect(await reader.resolve(name)).toEqual({ status: "found", content: bytes("two"), revision: second });
});

test("a revision is the index, the place of the update, and the address of the chunk in it", async () => {
  const feed = newFeed();
  const { nameKey, name } = feed;
  const names = openNames({ bee: url, stamp, nameKey });
  const { contentChunk } = await import("../src/chunk/content-chunk.ts");
  const address = Buffer.from(contentChunk(bytes("here")).address).toString("hex");
  await plant(bee, stamp, feed, [6]);
  expect(await names.update(name, bytes("here"), { expected: before(feed, 7) })).toBe(
    `7-${feed.path(7).slice("/chunks/".length, "/chunks/".length + 16)}-${address}`,
  );
});

test("a text that names no owner stands for a topic of the owner that the names were opened with", async () => {
  const { nameKey, owner } = newFeed();
  const text = "0123".repeat(16);
  const topic = Buffer.from(keccak_256(bytes(`remote-log/v1/${text}`))).toString("hex");
  const writer = openNames({ bee: url, stamp, nameKey });
  expect(writer.nameOf(text).text).toBe(`${owner}/${topic}`);
  await writer.update(text, bytes("by its text"), { expected: null });
  const found = { status: "found", content: bytes("by its text") };
  expect(await openNames({ bee: url }).resolve(`${owner}/${topic}`)).toMatchObject(found);
  expect(await openNames({ bee: url, owner }).resolve(text)).toMatchObject(found);
  expect(await openNames({ bee: url, owner: `0x${owner.toUpperCase()}` }).resolve(text)).toMatchObject(found);
});

test("texts that are no feed, or another way to write one, are refused before anything is asked", async () => {
  const { fetch, requests } = counter();
  const { nameKey, owner, topic } = newFeed();
  const names = openNames({ bee: url, stamp, nameKey, fetch });
  for (const text of [
    `0x${owner}/${topic}`,
    `${"A".repeat(40)}/${topic}`,
    `${owner}/${"B".repeat(64)}`,
    `${owner}/0x${topic}`,
    "half \ud800",
  ]) {
    expect(await failure(names.resolve(text)), text).toMatchObject({ code: "ERR_INVALID_INPUT" });
    expect(() => names.nameOf(text)).toThrow(/name can't be used/);
  }
  const keyless = openNames({ bee: url, fetch });
  expect(await failure(keyless.resolve("a log id"))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(requests).toEqual([]);
});

test("a name whose key is not known can be read, and not updated; nothing is sent", async () => {
  const { fetch, requests } = counter();
  const other = newFeed();
  const names = openNames({ bee: url, stamp, nameKey: newFeed().nameKey, fetch });
  const denied = await failure(names.update(other.name, bytes("x"), { expected: null }));
  expect(denied).toMatchObject({ code: "ERR_DENIED", retry: "never" });
  const reader = openNames({ bee: url, stamp, owner: other.owner, fetch });
  expect(await failure(reader.update("text", bytes("x"), { expected: null }))).toMatchObject({
    code: "ERR_DENIED",
  });
  expect(requests).toEqual([]);
});

test("without a stamp nothing is updated, and nothing is sent", async () => {
  const { fetch, requests } = counter();
  const { nameKey, name } = newFeed();
  const names = openNames({ bee: url, nameKey, fetch });
  const error = await failure(names.update(name, bytes("x"), { expected: null }));
  expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", retry: "never" });
  expect(requests).toEqual([]);
});

test("a head over the limit is refused before anything is sent, and one over maxBytes is not read", async () => {
  const { fetch, requests } = counter();
  const { nameKey, name } = newFeed();
  const names = openNames({ bee: url, stamp, nameKey, largestContent: 100, fetch });
  const error = await failure(names.update(name, randomBytes(101), { expected: null }));
  expect(error).toMatchObject({ code: "ERR_TOO_LARGE", limit: 100 });
  expect(requests).toEqual([]);
  const large = openNames({ bee: url, stamp, nameKey });
  await large.update(name, randomBytes(20_000), { expected: null });
  const counted = counter();
  const reader = openNames({ bee: url, fetch: counted.fetch });
  expect(await failure(reader.resolve(name, { maxBytes: 19_999 }))).toMatchObject({ code: "ERR_TOO_LARGE" });
  // A chunk of the tree is not asked for.
  expect(counted.rounds()).toBe(1);
  expect((await reader.resolve(name, { maxBytes: 20_000 })).status).toBe("found");
  expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_TOO_LARGE", limit: 100 });
});

test("a head of maxBytes is found, also where longer heads before it are not taken", async () => {
  const { nameKey, name } = newFeed();
  const names = openNames({ bee: url, stamp, nameKey });
  let expected: string | null = null;
  for (let i = 0; i < 3; i++) expected = await names.update(name, randomBytes(500), { expected });
  const reader = openNames({ bee: url });
  expect(await failure(reader.resolve(name, { maxBytes: 10 }))).toMatchObject({ code: "ERR_TOO_LARGE" });
  await names.update(name, bytes("0123456789"), { expected });
  const found = { status: "found", content: bytes("0123456789") };
  for (const one of [names, reader, openNames({ bee: url }), openNames({ bee: url, hint: false })]) {
    expect(await one.resolve(name, { maxBytes: 10 })).toMatchObject(found);
    expect(await failure(one.resolve(name, { maxBytes: 9 }))).toMatchObject({ code: "ERR_TOO_LARGE" });
  }
});

test("an update is 3 requests: is the index free, the chunk, is it there", async () => {
  const { fetch, requests, reset } = counter();
  const feed = newFeed();
  const names = openNames({ bee: url, stamp, nameKey: feed.nameKey, fetch });
  const first = await names.update(feed.name, bytes("one"), { expected: null });
  expect(requests.filter((request) => !request.includes("/stamps/"))).toHaveLength(3);
  reset();
  await names.update(feed.name, bytes("two"), { expected: first });
  const get = `GET ${feed.path(1)}`;
  expect(requests).toEqual([get, expect.stringMatching(`^POST /soc/${feed.owner}/`) as string, get]);
});

test("who is up to date sends one request, as often as 15 times in a row", async () => {
  const feed = newFeed();
  const writer = openNames({ bee: url, stamp, nameKey: feed.nameKey });
  const known = await writer.update(feed.name, randomBytes(9000), { expected: null });
  const { fetch, requests, reset } = counter();
  const reader = openNames({ bee: url, fetch });
  for (let i = 0; i < 15; i++) {
    reset();
    expect(await reader.resolve(feed.name, { known })).toEqual({ status: "unchanged", revision: known });
    expect(requests).toEqual([`GET ${feed.path(1)}`]);
  }
});

test("a name that was never set is absent, also to a caller who knows the revision of another one", async () => {
  const [feed, empty] = [newFeed(), newFeed()];
  const writer = openNames({ bee: url, stamp, nameKey: feed.nameKey });
  const known = await writer.update(feed.name, bytes("one"), { expected: null });
  expect(await writer.resolve(empty.name, { known })).toEqual({ status: "absent" });
});

test("without a revision of its own who is up to date sends 2 requests in one round", async () => {
  const feed = newFeed();
  const { fetch, requests, reset, rounds } = counter();
  const names = openNames({ bee: url, stamp, nameKey: feed.nameKey, fetch });
  const revision = await names.update(feed.name, bytes("one"), { expected: null });
  reset();
  expect(await names.resolve(feed.name)).toEqual({ status: "found", content: bytes("one"), revision });
  expect([requests.length, rounds()]).toEqual([2, 1]);
});

test("who knows another update of the newest index than was seen there is given what was seen", async () => {
  const feed = newFeed();
  const names = openNames({ bee: url, stamp, nameKey: feed.nameKey });
  const revision = await names.update(feed.name, bytes("seen"), { expected: null });
  const known = revisionAt(feed, 0, "a");
  expect(await names.resolve(feed.name, { known })).toEqual({
    status: "found",
    content: bytes("seen"),
    revision,
  });
});

test("the revision of something else is no floor, and can't be expected", async () => {
  const feed = newFeed();
  const names = openNames({ bee: url, stamp, nameKey: feed.nameKey });
  await names.update(feed.name, bytes("x"), { expected: null });
  const chunk = "a".repeat(64);
  const ninth = revisionAt(feed, 9, "a");
  const past = ninth.replace("9", `${2n ** 64n}`);
  const elsewhere = revisionAt(newFeed(), 9, "a");
  for (const known of [
    "9",
    "9-",
    "9-bafk",
    `9-${chunk}`,
    `-${ninth}`,
    '"etag"',
    `0${ninth}`,
    past,
    elsewhere,
  ]) {
    expect(await names.resolve(feed.name, { known }), known).toMatchObject({ status: "found" });
    const error = await failure(names.update(feed.name, bytes("y"), { expected: known }));
    expect(error, known).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  }
});

test("an update that no new reader would find is refused, and nothing is sent", async () => {
  const feed = newFeed();
  const { fetch, requests } = counter();
  const names = openNames({ bee: url, stamp, nameKey: feed.nameKey, fetch });
  const error = await failure(names.update(feed.name, bytes("above"), { expected: before(feed, 6) }));
  expect(error).toMatchObject({ code: "ERR_STALE", retry: "never" });
  expect(requests.filter((request) => request.startsWith("POST"))).toEqual([]);
  // With holes before it, it is found all the same.
  await plant(bee, stamp, feed, [0, 1, 2, 4]);
  await names.update(feed.name, bytes("above"), { expected: before(feed, 6) });
  expect(await openNames({ bee: url }).resolve(feed.name)).toMatchObject({ content: bytes("above") });
});

test("the last index can be written, and nothing after it", async () => {
  const feed = newFeed();
  const names = openNames({ bee: url, stamp, nameKey: feed.nameKey });
  const last = 2n ** 64n - 1n;
  await plant(bee, stamp, feed, [last - 1n]);
  const revision = await names.update(feed.name, bytes("last"), { expected: before(feed, last) });
  expect(revision).toMatch(new RegExp(`^${last}-`));
  const error = await failure(names.update(feed.name, bytes("more"), { expected: revision }));
  expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", retry: "never" });
  expect(await names.resolve(feed.name)).toMatchObject({ status: "found", content: bytes("last"), revision });
});

test("the bytes and the key of the caller are copied at once, and the key is shown nowhere", async () => {
  const feed = newFeed();
  const nameKey = Uint8Array.from(feed.nameKey);
  const names = openNames({ bee: url, stamp, nameKey });
  nameKey.fill(0);
  const content = bytes("as it was given");
  const updating = names.update(feed.name, content, { expected: null });
  content.fill(0);
  await updating;
  expect(await names.resolve(feed.name)).toMatchObject({ content: bytes("as it was given") });
  const shown = inspect(names, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(names);
  expect(shown).not.toContain([...feed.nameKey.subarray(0, 4)].join(", "));
  names.nameOf(feed.name).owner.fill(0);
  expect(names.nameOf(feed.name).text).toBe(feed.name);
});

test("options that can't be used are refused when the names are opened", () => {
  const { nameKey } = newFeed();
  for (const options of [
    { nameKey: new Uint8Array(32) },
    { nameKey: new Uint8Array(31).fill(1) },
    { nameKey: new Uint8Array(32).fill(255) },
    { owner: "abc" },
    { owner: "g".repeat(40) },
    { nameKey, owner: newFeed().owner },
    { stamp: "abc" },
    { largestContent: 0 },
    { largestContent: 64 * 1024 * 1024 + 1 },
    { checkMilliseconds: 0 },
    { readBackMilliseconds: 0.5 },
    { readBackMilliseconds: 2 ** 31 },
  ]) {
    expect(() => swarmNames({ bee: url, ...options }), JSON.stringify(options)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT" }) as Error,
    );
  }
});

test("an abort ends update and resolve with the signal's own reason, and leaves no listener", async () => {
  const proxy = await startNodeProxy(url, silent);
  const { nameKey, name } = newFeed();
  const names = openNames({ bee: proxy.url, stamp, nameKey });
  const reason = new Error("gave up");
  for (const operate of [
    (signal: AbortSignal) => names.resolve(name, { signal }),
    (signal: AbortSignal) => names.resolve(name, { known: `4-${"a".repeat(64)}`, signal }),
    (signal: AbortSignal) => names.update(name, bytes("x"), { expected: null, signal }),
  ]) {
    const controller = new AbortController();
    const asked = proxy.asked.length;
    const ending = failure(operate(controller.signal));
    await expect.poll(() => proxy.asked.length).toBeGreaterThan(asked);
    controller.abort(reason);
    expect(await ending).toBe(reason);
    expect(await failure(operate(AbortSignal.abort(reason)))).toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  }
  // A turn that was given up is over.
  proxy.become((_asked, passOn) => passOn());
  expect(await names.update(name, bytes("x"), { expected: null })).toMatch(/^0-/);
});

test("close ends what is under way, and refuses the rest; twice as well as once", async () => {
  const proxy = await startNodeProxy(url, silent);
  const { nameKey, name } = newFeed();
  const names = swarmNames({ bee: proxy.url, stamp, nameKey });
  const endings = [
    failure(names.resolve(name)),
    failure(names.update(name, bytes("x"), { expected: null })),
    failure(names.update(name, bytes("y"), { expected: null })),
  ];
  await expect.poll(() => proxy.asked.length).toBeGreaterThan(9);
  await Promise.all([names.close(), names.close()]);
  for (const ending of endings) expect(await ending).toMatchObject({ code: "ERR_CLOSED" });
  expect(await failure(names.resolve(name))).toMatchObject({ code: "ERR_CLOSED" });
  expect(await failure(names.update(name, bytes("x"), { expected: null }))).toMatchObject({
    code: "ERR_CLOSED",
  });
});

test("what a node that is not there makes of it is unreachable, never absent", async () => {
  const { nameKey, name } = newFeed();
  const names = openNames({ bee: await closedUrl(), stamp, nameKey });
  const unreachable = { code: "ERR_UNREACHABLE", retry: "safe" };
  expect(await failure(names.resolve(name))).toMatchObject(unreachable);
  expect(await failure(names.resolve(name, { known: `4-${"a".repeat(64)}` }))).toMatchObject(unreachable);
  expect(await failure(names.update(name, bytes("x"), { expected: null }))).toMatchObject(unreachable);
});

test("names of a log's own seed are those of its key for Swarm", async () => {
  const seed = generateSeed();
  const names = openNames({ bee: url, stamp, nameKey: deriveKeys(seed).swarm });
  const again = openNames({ bee: url, stamp, nameKey: deriveKeys(seed).swarm });
  expect(names.nameOf("a").text).toBe(again.nameOf("a").text);
  expect(names.nameOf("a").text).not.toBe(names.nameOf("b").text);
});
