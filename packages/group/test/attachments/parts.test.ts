import { randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type AttachmentSource, type ByteStream, partsOf } from "../../src/attachments/parts.ts";

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function streamOf(pieces: readonly Uint8Array[]): ByteStream & { readonly cancelled: () => boolean } {
  let at = 0;
  let cancelled = false;
  return {
    cancelled: () => cancelled,
    getReader: () => ({
      read: async () => (at < pieces.length ? { done: false, value: pieces[at++] } : { done: true }),
      cancel: async () => {
        cancelled = true;
      },
    }),
  };
}

test.each<[string, (bytes: Buffer) => AttachmentSource]>([
  ["at once", (bytes) => bytes],
  ["as a list", (bytes) => [bytes.subarray(0, 3), bytes.subarray(3)]],
  ["in pieces of 7", (bytes) => piecesOf(bytes, 7)],
  ["as a stream", (bytes) => streamOf([bytes.subarray(0, 1), new Uint8Array(0), bytes.subarray(1)])],
])("bytes that come %s are cut into parts of one size", async (_, source) => {
  for (const length of [0, 1, 9, 10, 11, 20, 25]) {
    const bytes = Buffer.from(randomBytes(length));
    const parts: Uint8Array[] = [];
    for await (const part of partsOf(source(bytes), 10)) parts.push(part);
    expect(Buffer.concat(parts)).toEqual(bytes);
    expect(parts.slice(0, -1).every((part) => part.length === 10)).toBe(true);
    expect(parts.length).toBe(Math.ceil(length / 10));
  }
});

test("a stream that is left early is cancelled", async () => {
  const stream = streamOf([new Uint8Array(30), new Uint8Array(30)]);
  for await (const part of partsOf(stream, 10)) {
    expect(part.length).toBe(10);
    break;
  }
  expect(stream.cancelled()).toBe(true);
});
