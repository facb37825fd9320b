// What a manifest leads to, copied: the objects that it names, and what the head of the copy says of them.

import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import {
  type Address,
  addressOf,
  type HashType,
  rawSha256,
  type StorageBackend,
  UnreachableError,
} from "../../src/index.ts";
import type { VerifiedManifest } from "../../src/log/head-manifest.ts";
import { copyManifest } from "../../src/mirror/copy-manifest.ts";
import { TargetStore } from "../../src/mirror/target-store.ts";

const { signal } = new AbortController();
const encoder = new TextEncoder();
const [one, lost] = ["a keyring", "a keyring that nobody has"].map((text) => encoder.encode(text)) as [
  Uint8Array,
  Uint8Array,
];
const hashOf = (content: Uint8Array): Uint8Array => rawSha256.digest(content) as Uint8Array;

/** The first version, which names both. */
const said = { bytes: encoder.encode("version"), note: "note", peaks: [new Uint8Array(32)], objects: [] };
const manifest = {
  ...said,
  checkpoint: { size: 1 },
  manifest: { epochs: [{}, { keyring: hashOf(one) }, { keyring: hashOf(lost) }] },
} as unknown as VerifiedManifest;

async function sourcesWith(...contents: Uint8Array[]): Promise<StorageBackend> {
  const storage = memoryStorage();
  for (const content of contents) await storage.put(content);
  return storage;
}

/** A target whose addresses are of a kind. */
function targetOf(type: HashType = rawSha256, resume = false) {
  const inner = memoryStorage();
  const puts: string[] = [];
  const storage: StorageBackend = {
    ...inner,
    capabilities: { ...inner.capabilities, hashTypes: [type] },
    put: async (content, options): Promise<Address> => {
      puts.push(new TextDecoder().decode(content));
      await inner.put(content, options);
      return addressOf(content, type);
    },
  };
  return { puts, inner, target: new TargetStore(storage, { resume, retries: 0 }, signal) };
}

test("objects that a source shows are stored, and named if their address does not follow from their hash", async () => {
  const sources = await sourcesWith(one);
  const other = { ...rawSha256, codec: 0x71 };
  for (const [type, objects] of [
    [rawSha256, []],
    [other, [{ hash: hashOf(one), address: await addressOf(one, other) }]],
  ] as const) {
    const { target, puts } = targetOf(type);
    const copied = await copyManifest(manifest, { sources, target, isKnown: false }, signal);
    expect(copied).toEqual({ ...said, objects });
    expect(puts).toEqual(["a keyring"]);
  }
});

test("what the target has is not stored again, and of a manifest that it shows nothing is asked for", async () => {
  const { target, puts, inner } = targetOf(rawSha256, true);
  await inner.put(one);
  const sources = await sourcesWith(one);
  await copyManifest(manifest, { sources, target, isKnown: false }, signal);
  const get = vi.spyOn(sources, "get");
  const known = { ...manifest, objects: [{ hash: hashOf(one), address: await addressOf(one, rawSha256) }] };
  expect(await copyManifest(known, { sources, target, isKnown: true }, signal)).toEqual({
    ...said,
    objects: known.objects,
  });
  expect([get.mock.calls, puts]).toEqual([[], []]);
});

test("an abort, and what is no failure of a source, ends it", async () => {
  const bug = new TypeError("not a function");
  const copy = { target: targetOf().target, isKnown: false };
  const broken = { ...memoryStorage(), get: () => Promise.reject(bug) };
  expect(await failure(copyManifest(manifest, { ...copy, sources: broken }, signal))).toBe(bug);
  const controller = new AbortController();
  const get = async (): Promise<never> => {
    controller.abort("gave up");
    throw new UnreachableError("not now", { operation: "storage.get" });
  };
  const sources = { ...memoryStorage(), get };
  expect(await failure(copyManifest(manifest, { ...copy, sources }, controller.signal))).toBe("gave up");
});
