import { keccak_256 } from "@noble/hashes/sha3.js";
import { createKeccak } from "hash-wasm";
import { afterEach, expect, test, vi } from "vitest";
import { ChunkHasher } from "../../src/chunk/bmt.ts";
import { compiledKeccak, type HashInPlace, portableKeccak } from "../../src/chunk/keccak.ts";
import { randomContent } from "./chunk-map.ts";
import { hex } from "./chunks-of-bee-js.ts";

vi.mock("hash-wasm", async (original) => {
  const real = await original<typeof import("hash-wasm")>();
  return { ...real, createKeccak: vi.fn<typeof createKeccak>(real.createKeccak) };
});

afterEach(() => void vi.restoreAllMocks());

const ways: readonly [string, (work: Uint8Array) => Promise<HashInPlace | undefined>][] = [
  ["in JavaScript", async (work) => portableKeccak(work)],
  ["compiled", compiledKeccak],
];

test.each(ways)(
  "Keccak-256 %s hashes any part of its work area into any place, and changes nothing else",
  async (_, make) => {
    // A view: what is around it is not touched.
    const whole = randomContent(300);
    const work = whole.subarray(20, 260);
    const hash = await make(work);
    for (const [from, length, to] of [
      [0, 40, 0],
      [8, 64, 8],
      [72, 64, 40],
      [100, 128, 0],
      [3, 4, 200],
    ] as const) {
      const before = whole.slice();
      const digest = keccak_256(work.slice(from, from + length));
      hash!(from, length, to);
      before.set(digest, 20 + to);
      expect(hex(whole), `${length} bytes from ${from} to ${to}`).toBe(hex(before));
    }
  },
);

test("a hasher gives the same before Keccak-256 was compiled and after", async () => {
  const hasher = new ChunkHasher();
  const [span, payload] = [randomContent(8), randomContent(4000)];
  const before = hasher.hash(span, payload);
  expect(await hasher.compile()).toBe(true);
  expect(hex(hasher.hash(span, payload))).toBe(hex(before));
  expect(hex(hasher.hash(span, new Uint8Array(0)))).toBe(
    hex(new ChunkHasher().hash(span, new Uint8Array(0))),
  );
});

test.each([
  [
    "has no WebAssembly",
    async () => Promise.reject(new Error("WebAssembly is not supported in this environment!")),
  ],
  [
    "compiles something else",
    async () => ({ init: () => ({ update: () => ({ digest: () => new Uint8Array(32) }) }) }),
  ],
])("a runtime that %s hashes in JavaScript", async (_, create) => {
  vi.mocked(createKeccak).mockImplementationOnce(create as unknown as typeof createKeccak);
  expect(await compiledKeccak(new Uint8Array(200))).toBeUndefined();
  vi.mocked(createKeccak).mockImplementationOnce(create as unknown as typeof createKeccak);
  const hasher = new ChunkHasher();
  const payload = randomContent(100);
  expect(await hasher.compile()).toBe(false);
  expect(hex(hasher.hash(new Uint8Array(8), payload))).toBe(
    hex(new ChunkHasher().hash(new Uint8Array(8), payload)),
  );
});
