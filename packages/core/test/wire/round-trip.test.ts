import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedError } from "../../src/errors/index.ts";
import { decodeIndexNode, encodeIndexNode } from "../../src/wire/index-node-message.ts";
import { decodeMvdsMessage, encodeMvdsMessage } from "../../src/wire/mvds-message.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { forEachCodec } from "./codecs.ts";
import { fieldBytes, indexNode, mvdsMessage, pack, pair, remoteLog, unknownFields } from "./messages.ts";

forEachCodec(({ name, values, encode, decode }) => {
  describe(`${name}`, () => {
    test("what was encoded decodes to the same value", () => {
      fc.assert(
        fc.property(values, (value) => {
          expect(decode(encode(value))).toEqual(value);
        }),
        { numRuns: runs(75, 300) },
      );
    });

    test("decoding and encoding gives the same bytes again", () => {
      fc.assert(
        fc.property(values, (value) => {
          const bytes = encode(value);
          expect(encode(decode(bytes))).toEqual(bytes);
        }),
        { numRuns: runs(75, 300) },
      );
    });

    test("cut short at any byte it is refused, or says no more than the bytes that are left", () => {
      fc.assert(
        fc.property(values, (value) => {
          const bytes = encode(value);
          for (let length = 0; length < bytes.length; length++) {
            const part = bytes.subarray(0, length);
            let decoded: typeof value;
            try {
              decoded = decode(part);
            } catch (error) {
              if (error instanceof MalformedError) continue;
              throw error;
            }
            expect(Buffer.compare(encode(decoded), part), `cut at byte ${length}`).toBe(0);
          }
        }),
        { numRuns: runs(10, 40) },
      );
    });

    test("a Buffer decodes to plain arrays of bytes", () => {
      fc.assert(
        fc.property(values, (value) => {
          const bytes = encode(value);
          expect(decode(Buffer.from(bytes))).toStrictEqual(decode(bytes));
        }),
        { numRuns: 30 },
      );
    });

    test("bytes in the middle of a larger array decode alike", () => {
      fc.assert(
        fc.property(values, fc.nat(9), (value, before) => {
          const bytes = encode(value);
          const larger = new Uint8Array(bytes.length + before + 5).fill(0xff);
          larger.set(bytes, before);
          expect(decode(larger.subarray(before, before + bytes.length))).toEqual(value);
        }),
        { numRuns: runs(25, 100) },
      );
    });
  });
});

test("unknown fields around the known ones of a page change nothing", () => {
  fc.assert(
    fc.property(remoteLog, unknownFields, unknownFields, (log, before, after) => {
      expect(decodeRemoteLog(pack([before, encodeRemoteLog(log), after]))).toEqual(log);
    }),
  );
});

test("unknown fields within a pair change nothing", () => {
  fc.assert(
    fc.property(pair, unknownFields, unknownFields, (one, before, after) => {
      const page = { ...decodeRemoteLog(new Uint8Array(0)), pairs: [one] };
      const outer = encodeRemoteLog(page);
      const body = encodeRemoteLog(page).subarray(outer.length > 129 ? 3 : 2);
      expect(decodeRemoteLog(fieldBytes(1, pack([before, body, after])))).toEqual(page);
    }),
  );
});

test("unknown fields around an index node's change nothing", () => {
  fc.assert(
    fc.property(indexNode, unknownFields, unknownFields, (node, before, after) => {
      expect(decodeIndexNode(pack([before, encodeIndexNode(node), after]))).toEqual(node);
    }),
  );
});

test("unknown fields around an MVDS message's change nothing", () => {
  fc.assert(
    fc.property(mvdsMessage, unknownFields, unknownFields, (message, before, after) => {
      expect(decodeMvdsMessage(pack([before, encodeMvdsMessage(message), after]))).toEqual(message);
    }),
  );
});

test.each([104, 105, 106, 107, 109])("a head whose field %d is empty says nothing of a manifest", (field) => {
  expect(decodeRemoteLog(fieldBytes(field, new Uint8Array(0)))).not.toHaveProperty("manifest");
});
