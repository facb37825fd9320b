import { cpuMilliseconds } from "@remote-log/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedError, UnsupportedError } from "../../src/errors/index.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { varintBytes } from "../../src/wire/varint.ts";
import { type Codec, forEachCodec } from "./codecs.ts";
import { pack } from "./messages.ts";

/** The longest that one input may take, in milliseconds of the processor. */
const TIME = 50;

/** Milliseconds to decode or refuse bytes of any kind. Throws what decoding throws, but for the errors it may. */
function timeOf<T>(codec: Codec<T>, bytes: Uint8Array): number {
  let fastest = Number.POSITIVE_INFINITY;
  // Garbage may be collected at any time; a slow decoder is slow each time.
  for (let attempts = 0; attempts < 5 && fastest > TIME; attempts++) {
    let decoded: { readonly value: T } | undefined;
    const time = cpuMilliseconds(() => {
      try {
        decoded = { value: codec.decode(bytes) };
      } catch (error) {
        if (!(error instanceof MalformedError || error instanceof UnsupportedError)) throw error;
      }
    });
    fastest = Math.min(fastest, time);
    // What is accepted means one thing: its encoding decodes to the same.
    if (decoded !== undefined) {
      const encoded = codec.encode(decoded.value);
      if (Buffer.compare(codec.encode(codec.decode(encoded)), encoded) !== 0) throw new Error("not stable");
    }
  }
  return fastest;
}

/** Bytes that look like fields: real field numbers, any wire type, lengths that are right, wrong or enormous. */
const fieldLike = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        99,
        100,
        101,
        102,
        103,
        6001,
        6002,
        6003,
        6004,
        2 ** 29 - 1,
        2 ** 29,
      ),
      fc.constantFrom(2, 2, 2, 2, 0, 0, 1, 3, 4, 5, 6, 7),
      fc.oneof(fc.nat(40), fc.constant(32), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 50, 2 ** 53 - 1)),
      fc.uint8Array({ maxLength: 40 }),
    ),
    { maxLength: 12 },
  )
  .map((fields) =>
    pack(
      fields.flatMap(([field, type, length, bytes]) => [
        varintBytes(field * 8 + type),
        varintBytes(length),
        bytes.length > length ? bytes.subarray(0, length) : bytes,
      ]),
    ),
  );

forEachCodec((codec) => {
  describe(`${codec.name}`, () => {
    test("random bytes are decoded or refused, nothing else", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
          expect(timeOf(codec, bytes)).toBeLessThanOrEqual(TIME);
        }),
        { numRuns: 3000 },
      );
    });

    test("bytes that look like fields are decoded or refused, nothing else", () => {
      fc.assert(
        fc.property(fieldLike, (bytes) => {
          expect(timeOf(codec, bytes)).toBeLessThanOrEqual(TIME);
        }),
        { numRuns: 2000 },
      );
    });

    test("valid bytes with a few of them changed, removed or repeated are decoded or refused, nothing else", () => {
      const change = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
      fc.assert(
        fc.property(codec.values, fc.array(change, { minLength: 1, maxLength: 3 }), (value, changes) => {
          let bytes = codec.encode(value);
          for (const { at, remove, insert } of changes) {
            const start = at % (bytes.length + 1);
            bytes = pack([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]);
          }
          expect(timeOf(codec, bytes)).toBeLessThanOrEqual(TIME);
        }),
        { numRuns: 1000 },
      );
    });

    test("a megabyte of one byte, whichever it is, is decoded or refused in time", () => {
      for (let byte = 0; byte < 256; byte++) {
        expect(timeOf(codec, new Uint8Array(1 << 20).fill(byte))).toBeLessThanOrEqual(TIME);
      }
    });

    test("a claimed length of 2^50 is refused without room being made for it", () => {
      for (const field of [1, 2, 3, 100, 101, 102, 103, 6001, 6003, 6004, 9000]) {
        const bytes = pack([varintBytes(field * 8 + 2), varintBytes(2 ** 50), new Uint8Array(100)]);
        const before = memory();
        expect(() => codec.decode(bytes)).toThrow(MalformedError);
        expect(memory() - before).toBeLessThan(1 << 20);
      }
    });
  });
});

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("the most pairs that a page may have, all of them empty, are decoded in time", () => {
  const page = new Uint8Array(65_536 * 2);
  for (let i = 0; i < page.length; i += 2) page[i] = 0x0a;
  forEachCodec((codec) => {
    expect(timeOf(codec, page)).toBeLessThanOrEqual(TIME);
  });
  expect(decodeRemoteLog(page).pairs).toHaveLength(65_536);
});

test("one pair more than a page may have is refused", () => {
  const page = new Uint8Array(65_537 * 2);
  for (let i = 0; i < page.length; i += 2) page[i] = 0x0a;
  expect(() => decodeRemoteLog(page)).toThrow("more than 65536 elements");
});

test("the contents that were decoded are views of the input: no content is copied", () => {
  const page = pack([
    varintBytes(1 * 8 + 2),
    varintBytes(5),
    varintBytes(3 * 8 + 2),
    varintBytes(3),
    new Uint8Array(3),
  ]);
  expect(decodeRemoteLog(page).pairs[0]?.data.buffer).toBe(page.buffer);
});
