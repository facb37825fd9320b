import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bmtHash } from "../../src/chunk/bmt.ts";
import { checkChunk, chunkAddress, contentChunk, payloadOf, spanOf } from "../../src/chunk/content-chunk.ts";
import { beeJsChunk, hex } from "./chunks-of-bee-js.ts";

/** Payloads of all lengths, the borders of segments and chunks more often than others; zeros among them. */
const payloads = fc
  .oneof(
    fc.integer({ min: 1, max: 4096 }),
    fc.constantFrom(1, 31, 32, 33, 40, 63, 64, 65, 72, 2048, 4064, 4095, 4096),
  )
  .chain((length) =>
    fc.oneof(
      { weight: 5, arbitrary: fc.uint8Array({ minLength: length, maxLength: length }) },
      { weight: 1, arbitrary: fc.constant(new Uint8Array(length)) },
    ),
  );

// Not 0, which bee-js takes for none given.
const spans = fc.bigInt(1n, 2n ** 64n - 1n);

/** The definition, word for word: every segment, every level, with the library's own hash. */
function plainHash(span: Uint8Array, payload: Uint8Array): Uint8Array {
  const whole = new Uint8Array(4096);
  whole.set(payload);
  let level = Array.from({ length: 128 }, (_, at) => whole.subarray(at * 32, at * 32 + 32));
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, at) =>
      keccak_256(concatBytes(level[2 * at]!, level[2 * at + 1]!)),
    );
  }
  return keccak_256(concatBytes(span, level[0]!));
}

test("200 random contents have the address and the bytes that bee-js gives them", () => {
  fc.assert(
    fc.property(payloads, (payload) => {
      const ours = contentChunk(payload);
      const { address, data } = beeJsChunk(payload);
      expect(hex(ours.address)).toBe(address);
      expect(hex(ours.data)).toBe(data);
    }),
    { numRuns: 200 },
  );
});

test("a chunk with any span, as those inside a tree have it, is that of bee-js too", () => {
  fc.assert(
    fc.property(payloads, spans, (payload, span) => {
      const ours = contentChunk(payload, span);
      const { address, data } = beeJsChunk(payload, span);
      expect([hex(ours.address), hex(ours.data)]).toEqual([address, data]);
      expect(spanOf(ours.data)).toBe(span);
    }),
    { numRuns: 50 },
  );
});

test("payloads of every length are hashed as the definition says", () => {
  const bytes = crypto.getRandomValues(new Uint8Array(4096));
  const span = crypto.getRandomValues(new Uint8Array(8));
  const lengths = [
    ...Array.from({ length: 260 }, (_, length) => length),
    1023,
    1024,
    1025,
    2047,
    2048,
    2049,
    4063,
    4096,
  ];
  for (const length of lengths) {
    const payload = bytes.subarray(0, length);
    expect(hex(bmtHash(span, payload)), `${length} bytes`).toBe(hex(plainHash(span, payload)));
  }
});

test("the empty content has the address that Swarm knows for it", () => {
  const empty = "b34ca8c22b9e982354f9c7f50b470d66db428d880c8a904d5fe4ec9713171526";
  expect(hex(contentChunk(new Uint8Array(0)).address)).toBe(empty);
});

test("what was hashed before leaves no trace, and bytes may lie anywhere in their buffer", () => {
  fc.assert(
    fc.property(payloads, payloads, fc.nat(7), (one, other, offset) => {
      const moved = new Uint8Array(other.length + offset + 8).fill(0xff);
      moved.set(other, offset);
      const alone = hex(plainHash(new Uint8Array(8), other));
      bmtHash(new Uint8Array(8).fill(1), one);
      expect(hex(bmtHash(new Uint8Array(8), moved.subarray(offset, offset + other.length)))).toBe(alone);
    }),
    { numRuns: 50 },
  );
});

test("an address says nothing of zeros at the end of a payload, and the length puts them right", () => {
  fc.assert(
    fc.property(payloads, fc.nat(4096), (payload, zeros) => {
      const padded = new Uint8Array(Math.min(4096, payload.length + zeros));
      padded.set(payload);
      const bare = payload.subarray(0, payload.findLastIndex((byte) => byte !== 0) + 1);
      const span = BigInt(payload.length);
      const { address } = contentChunk(payload);
      for (const variant of [padded, bare]) {
        const chunk = contentChunk(variant, span);
        expect(hex(chunk.address)).toBe(hex(address));
        expect(hex(payloadOf(chunk.data, payload.length))).toBe(hex(payload));
      }
    }),
    { numRuns: 50 },
  );
});

test("whatever is changed in a chunk, it is refused", () => {
  fc.assert(
    fc.property(payloads, fc.nat(), fc.integer({ min: 1, max: 255 }), (payload, at, change) => {
      const { address, data } = contentChunk(payload);
      checkChunk(address, data);
      const forged = Uint8Array.from(data);
      forged[at % forged.length]! ^= change;
      expect(() => checkChunk(address, forged)).toThrow(
        expect.objectContaining({ code: "ERR_INTEGRITY", operation: "storage.get" }),
      );
    }),
    { numRuns: 100 },
  );
});

test.each([0, 7, 4105, 10_000])("%i bytes are no chunk, and are refused as such", (length) => {
  const code = "ERR_INTEGRITY";
  const context = { operation: "names.resolve" };
  expect(() => chunkAddress(new Uint8Array(length), context)).toThrow(
    expect.objectContaining({ code, ...context }),
  );
});

test("more than a chunk holds is refused before it is hashed", () => {
  const code = "ERR_TOO_LARGE";
  expect(() => contentChunk(new Uint8Array(4097))).toThrow(expect.objectContaining({ code, limit: 4096 }));
  for (const [span, payload] of [
    [8, 4097],
    [7, 10],
    [9, 10],
  ] as const) {
    expect(() => bmtHash(new Uint8Array(span), new Uint8Array(payload))).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
    );
  }
  for (const span of [-1n, 2n ** 64n]) {
    expect(() => contentChunk(new Uint8Array(1), span)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
    );
  }
});
