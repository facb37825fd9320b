// What becomes of the content of an entry: found in the target, copied from a source, or told as missing.

import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type Address, addressOf, type HashType, NotFoundError, rawSha256 } from "../../src/index.ts";
import type { Pair } from "../../src/log/pair.ts";
import { AnySource } from "../../src/mirror/any-source.ts";
import { ContentCopier } from "../../src/mirror/content-copier.ts";
import { KnownTree } from "../../src/mirror/known-tree.ts";
import { TargetStore } from "../../src/mirror/target-store.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";

const content = new TextEncoder().encode("the content");
const sha256 = (bytes: Uint8Array): Uint8Array => rawSha256.digest(bytes) as Uint8Array;

/** Addresses that say nothing of the SHA-256 of the content, as those of a tree of chunks. */
const treeHash: HashType = {
  name: "tree",
  codec: 0x71,
  hash: 0x12,
  digestBytes: 32,
  digest: (bytes) => sha256(Uint8Array.of(7, ...bytes)),
};

const pairAt = (address: Address, contentHash = sha256(content)): Pair => ({
  localHash: new Uint8Array(32),
  contentHash,
  place: { kind: "pointer", address },
});

/** Copies from a source that holds the content into a target; both have addresses of one kind. */
async function copierFor(
  type: HashType,
  options: { readonly resume?: boolean; readonly largest?: number } = {},
) {
  const { resume = false, largest = 1000 } = options;
  const address = await addressOf(content, type);
  const source = new ScriptedStorage(new Map([[`${address}`, content]]));
  Object.assign(source, { capabilities: { ...source.capabilities, hashTypes: [type] } });
  const held = new Map<string, Uint8Array>();
  const inner = memoryStorage({ contents: held });
  const asked: string[] = [];
  const storage = {
    ...inner,
    capabilities: { ...inner.capabilities, hashTypes: [type] },
    async put(bytes: Uint8Array) {
      const at = await addressOf(bytes, type);
      held.set(`${at}`, bytes);
      return at;
    },
    async has(at: Address) {
      asked.push(`${at}`);
      return held.has(`${at}`);
    },
  };
  const controller = new AbortController();
  const stored: number[] = [];
  const copier = new ContentCopier({
    sources: new AnySource([source]),
    target: new TargetStore(storage, { resume, retries: 0 }, controller.signal),
    known: new KnownTree(undefined),
    largest,
    concurrency: 1,
    stored: (bytes) => void stored.push(bytes),
  });
  const place = (pair: Pair, there = false) => copier.place(pair, there, controller.signal);
  return { copier, place, address, source, held, asked, stored, controller };
}

test.each([rawSha256, treeHash])(
  "a content is copied, and counted, under addresses of the kind $name",
  async (type) => {
    const { place, address, held, stored } = await copierFor(type);
    expect(await place(pairAt(address))).toEqual({ pair: pairAt(address) });
    expect([[...held.keys()], stored]).toEqual([[`${address}`], [content.length]]);
  },
);

test("a content that is not the one that was signed is not copied, however well its address fits", async () => {
  const { place, address, held } = await copierFor(treeHash);
  const signed = sha256(new TextEncoder().encode("another content"));
  expect(await place(pairAt(address, signed))).toMatchObject({ error: { code: "ERR_INTEGRITY" } });
  expect(held.size).toBe(0);
});

test("an address that is a content's hash is proof enough: the pair's own is not looked at", async () => {
  const { place, address } = await copierFor(rawSha256);
  expect(await place(pairAt(address, new Uint8Array(32)))).toHaveProperty("pair");
});

test("a removed content is found by its hash where addresses are made of it, and nowhere else", async () => {
  const removed: Pair = { ...pairAt(await addressOf(content, rawSha256)), place: { kind: "removed" } };
  const raw = await copierFor(rawSha256);
  expect(await raw.place(removed)).toEqual({ pair: pairAt(raw.address) });
  const tree = await copierFor(treeHash);
  expect(await tree.place(removed)).toEqual({ error: undefined });
  expect([tree.source.reads, tree.asked]).toEqual([[], []]);
});

test("what is embedded needs nothing, and is moved out if it is asked to be", async () => {
  const { copier, place, address, source, held } = await copierFor(treeHash);
  const embedded: Pair = { ...pairAt(address), place: { kind: "embedded", stored: content } };
  expect(await place(embedded)).toEqual({ pair: embedded });
  expect([source.reads, held.size]).toEqual([[], 0]);
  expect(await copier.moveOut(embedded)).toEqual(pairAt(address));
  expect([...held.keys()]).toEqual([`${address}`]);
  expect(await copier.moveOut(pairAt(address))).toEqual(pairAt(address));
});

test.each([
  ["the target itself shows the entry", false, true],
  ["an earlier mirroring did not finish", true, false],
])("a content that is in the target is not read from a source if %s", async (_what, resume, there) => {
  const { place, address, source, held, stored } = await copierFor(rawSha256, { resume });
  held.set(`${address}`, content);
  expect(await place(pairAt(address), there)).toEqual({ pair: pairAt(address) });
  expect([source.reads, stored]).toEqual([[], []]);
});

test("a target that shows nothing of an entry is not asked for its content", async () => {
  const { place, address, asked, stored } = await copierFor(rawSha256);
  await place(pairAt(address));
  expect([asked, stored]).toEqual([[], [content.length]]);
});

test("as many bytes as a reader takes are copied, and not one more", async () => {
  const fits = await copierFor(rawSha256, { largest: content.length });
  expect(await fits.place(pairAt(fits.address))).toHaveProperty("pair");
  const large = await copierFor(rawSha256, { largest: content.length - 1 });
  expect(await large.place(pairAt(large.address))).toMatchObject({ error: { code: "ERR_TOO_LARGE" } });
});

test("a content that nobody shows is told with the reason; an abort and a fault of the program are thrown", async () => {
  const { place, address, source, controller } = await copierFor(rawSha256);
  const gone = new NotFoundError("no", { operation: "storage.get" });
  source.before = () => Promise.reject(gone);
  expect(await place(pairAt(address))).toEqual({ error: gone });
  const bug = new TypeError("not a function");
  source.before = () => Promise.reject(bug);
  expect(await failure(place(pairAt(address)))).toBe(bug);
  source.before = () => {
    controller.abort("gave up");
    return Promise.reject(gone);
  };
  expect(await failure(place(pairAt(address)))).toBe("gave up");
});
