import { bytes, failure, randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import { ownerChunk } from "../../src/chunk/owner-chunk.ts";
import { splitContent } from "../../src/chunk/tree.ts";
import { beeOfFile } from "../bee-for-tests.ts";
import { type Between, honest, startNodeProxy } from "../node-proxy.ts";
import { updateId } from "./feed-address.ts";
import { before, newFeed, openNames, plant, type TestFeed } from "./opened-feeds.ts";

// A node that shows something else than what was asked for: none of it is delivered, and nothing older instead.

const bee = await beeOfFile();
const stamp = await bee.buyBatch();
const url = bee.url;

const feed = newFeed();
await plant(bee, stamp, feed, [0, 1, 2]);
const mallory = newFeed();
const forged = contentChunk(bytes("forged"));

/** The single-owner chunk at an index of a feed, signed by a key. */
const signed = (of: TestFeed, index: bigint, key: Uint8Array, chunk = forged): Uint8Array =>
  Uint8Array.from(ownerChunk({ key, id: updateId(of.topic, index), chunk }).data);

async function shownAt(index: number, of: TestFeed = feed): Promise<Uint8Array> {
  const answer = await fetch(`${url}${of.path(index)}`);
  return new Uint8Array(await answer.arrayBuffer());
}

const newest = await shownAt(2);

function changed(data: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(data);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

/** The newest update with the whole of another chunk in place of what it wraps. */
function wrapping(chunk: Uint8Array): Uint8Array {
  return Uint8Array.from([...newest.subarray(0, 97), ...chunk]);
}

const lies: readonly (readonly [string, Uint8Array])[] = [
  ["an update of another owner at the same topic and index", signed(feed, 2n, mallory.nameKey)],
  ["the update of the index before", await shownAt(1)],
  ["an update of another topic of the same owner", signed(newFeed(feed.nameKey), 2n, feed.nameKey)],
  ["the right update with another payload", wrapping(forged.data)],
  ["the right update with another span", changed(newest, 97)],
  ["the right update with a byte of the payload changed", changed(newest, newest.length - 1)],
  ["the right update with a byte of the signature changed", changed(newest, 40)],
  ["the right update with a signature of zeros", Uint8Array.from(newest).fill(0, 32, 97)],
  ["the right update with its end cut off", newest.subarray(0, newest.length - 3)],
  ["the right update with something behind it", Uint8Array.from([...newest, 7])],
  ["its head alone, as a plain chunk", contentChunk(bytes("update 2")).data],
  ["nothing at all", new Uint8Array(0)],
  ["more than any chunk has", new Uint8Array(5000)],
];

/** What a network says that wants a login first: nothing is known then, and nobody has lied. */
const loginPage = bytes("<html>Please sign in</html>");

test.each([
  ...lies.map(([what, lie]) => [what, lie, "ERR_INTEGRITY"] as const),
  ["a page of HTML", loginPage, "ERR_UNREACHABLE"] as const,
])("%s is refused, and no older head is given instead", async (_what, lie, code) => {
  const lying: Between = (asked, passOn) =>
    asked.path === feed.path(2) ? { status: 200, body: lie } : honest(asked, passOn);
  const proxy = await startNodeProxy(url, lying);
  for (const hint of [true, false]) {
    const error = await failure(openNames({ bee: proxy.url, hint }).resolve(feed.name));
    expect(error).toMatchObject({ code, retry: "safe" });
  }
  // Nor is it taken for the update of who would write there, or for that of somebody else.
  const writer = openNames({ bee: proxy.url, stamp, nameKey: feed.nameKey, readBackMilliseconds: 200 });
  const expected = before(feed, 2);
  const updating = writer.update(feed.name, bytes("update 2"), { expected });
  expect(await failure(updating)).toMatchObject({ code: "ERR_TIMEOUT" });
});

test("zeros behind the payload, which nobody signs, change nothing of the head", async () => {
  const longer = Uint8Array.from([...newest, 0, 0, 0]);
  const proxy = await startNodeProxy(url, (asked, passOn) =>
    asked.path === feed.path(2) ? { status: 200, body: longer } : honest(asked, passOn),
  );
  expect(await openNames({ bee: proxy.url }).resolve(feed.name)).toMatchObject({
    content: bytes("update 2"),
  });
});

test("of a head that is a tree every chunk is verified, and a truncated one is not given", async () => {
  const large = newFeed();
  const head = randomBytes(30_000);
  const writer = openNames({ bee: url, stamp, nameKey: large.nameKey });
  await writer.update(large.name, head, { expected: null });
  const { root, levels } = splitContent(head);
  const pathOf = (address: Uint8Array): string => `/chunks/${Buffer.from(address).toString("hex")}`;
  const [first, last] = [levels[0]![0]!, levels[0]!.at(-1)!];
  const update = await shownAt(0, large);
  const answers: readonly (readonly [string, Uint8Array])[] = [
    [pathOf(first.address), last.data],
    [pathOf(last.address), last.data.subarray(0, 100)],
    [pathOf(first.address), changed(first.data, 4000)],
    [pathOf(first.address), new Uint8Array(0)],
    // The root, as it is in the update: with a reference less, and with the length of a shorter content.
    [large.path(0), update.subarray(0, update.length - 32)],
    [large.path(0), Uint8Array.from([...update.subarray(0, 97), 0, 0x10, ...update.subarray(99)])],
  ];
  const proxy = await startNodeProxy(url);
  for (const [path, lie] of answers) {
    proxy.become((asked, passOn) =>
      asked.path === path ? { status: 200, body: lie } : honest(asked, passOn),
    );
    const error = await failure(openNames({ bee: proxy.url }).resolve(large.name));
    expect(error, path).toMatchObject({ code: "ERR_INTEGRITY" });
  }
  proxy.become((asked, passOn) =>
    asked.path === pathOf(first.address) ? { status: 404, body: "chunk not found" } : honest(asked, passOn),
  );
  const missing = await failure(openNames({ bee: proxy.url }).resolve(large.name));
  expect(missing).toMatchObject({ code: "ERR_NOT_PROPAGATED", retry: "safe" });
  expect(missing.message).toContain(pathOf(first.address).slice("/chunks/".length));
  proxy.become((asked, passOn) =>
    asked.path === pathOf(first.address) ? { status: 500, body: "no" } : honest(asked, passOn),
  );
  expect(await failure(openNames({ bee: proxy.url }).resolve(large.name))).toMatchObject({
    code: "ERR_UNREACHABLE",
  });
  proxy.become(honest);
  expect(await openNames({ bee: proxy.url }).resolve(large.name)).toMatchObject({ content: head });
  expect(root.data.length).toBe(8 + 8 * 32);
});

test("an owner's own update that is made of nonsense is an error, and no head", async () => {
  const weird = newFeed();
  // A length that the payload does not have, and one that has no end.
  for (const [index, span] of [100n, 2n ** 62n, 2n ** 64n - 1n].entries()) {
    const chunk = contentChunk(bytes("x".repeat(200)), span);
    const data = signed(weird, BigInt(index), weird.nameKey, chunk);
    const proxy = await startNodeProxy(url, (asked, passOn) =>
      asked.path === weird.path(index) ? { status: 200, body: data } : honest(asked, passOn),
    );
    const error = await failure(openNames({ bee: proxy.url }).resolve(weird.name));
    expect(error, `${span}`).toMatchObject({
      code: expect.stringMatching(/^ERR_(INTEGRITY|TOO_LARGE)$/) as string,
    });
  }
});
