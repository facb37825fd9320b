import { expect, test } from "vitest";
import {
  checkChunk,
  checkLength,
  chunkAddress,
  contentChunk,
  payloadOf,
  spanOf,
} from "../../src/chunk/content-chunk.ts";
import { ethereumAddress, recoverSigner, signHash } from "../../src/chunk/ethereum.ts";
import { ownerChunk, readOwnerChunk } from "../../src/chunk/owner-chunk.ts";
import { readTree } from "../../src/chunk/read-tree.ts";

const key = new Uint8Array(32).fill(7);
const id = new Uint8Array(32).fill(9);
const owner = ethereumAddress(key);

test.each([
  [7, false],
  [8, true],
  [4104, true],
  [4105, false],
])("%d bytes can be a chunk: %s", (length, can) => {
  for (const check of [
    () => checkLength(new Uint8Array(length)),
    () => chunkAddress(new Uint8Array(length)),
  ]) {
    if (can) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: "ERR_INTEGRITY", operation: "storage.get" }));
  }
});

test.each([
  [0n, true],
  [2n ** 64n - 1n, true],
  [2n ** 64n, false],
  [-1n, false],
])("the span %d is possible: %s", (span, can) => {
  if (can) expect(spanOf(contentChunk(new Uint8Array(1), span).data)).toBe(span);
  else {
    const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "chunk.create" });
    expect(() => contentChunk(new Uint8Array(1), span)).toThrow(refused);
  }
});

test("a payload of 4,096 bytes is the longest", () => {
  expect(contentChunk(new Uint8Array(4096)).data).toHaveLength(4104);
  const refused = expect.objectContaining({ code: "ERR_TOO_LARGE", limit: 4096, operation: "chunk.create" });
  expect(() => contentChunk(new Uint8Array(4097))).toThrow(refused);
});

test("a payload is a view if nothing was left out, and zeros at its end are restored or dropped", () => {
  const { data } = contentChunk(Uint8Array.of(1, 2, 0, 0));
  expect(payloadOf(data, 4).buffer).toBe(data.buffer);
  expect(payloadOf(data, 2)).toEqual(Uint8Array.of(1, 2));
  expect(payloadOf(data, 6)).toEqual(Uint8Array.of(1, 2, 0, 0, 0, 0));
});

test.each([
  ["storage.get", {}],
  ["names.resolve", { operation: "names.resolve" }],
])("what is refused names the operation %s", async (operation, context) => {
  const refused = expect.objectContaining({ code: "ERR_INTEGRITY", operation });
  const { data } = contentChunk(Uint8Array.of(1, 2));
  expect(() => checkLength(new Uint8Array(7), context)).toThrow(refused);
  expect(() => checkChunk(id, data, context)).toThrow(refused);
  expect(() => payloadOf(data, 1, context)).toThrow(refused);
  expect(() => readOwnerChunk(new Uint8Array(7), { id, owner, ...context })).toThrow(refused);
  const read = () => Promise.reject(new Error("nothing is read"));
  const redundant = contentChunk(new Uint8Array(32), 1n << 63n);
  await expect(readTree({ root: redundant.data, maxBytes: 2 ** 40, read, ...context })).rejects.toEqual(
    refused,
  );
  const tooLarge = expect.objectContaining({ code: "ERR_TOO_LARGE", operation, limit: 1 });
  await expect(readTree({ root: data, maxBytes: 1, read, ...context })).rejects.toEqual(tooLarge);
});

test("the span with the bit of redundancy alone is refused as such, and one less is too large", async () => {
  const read = () => Promise.reject(new Error("nothing is read"));
  const treeOf = (span: bigint) => ({ root: contentChunk(new Uint8Array(32), span).data, maxBytes: 1, read });
  await expect(readTree(treeOf(1n << 63n))).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
  await expect(readTree(treeOf((1n << 63n) - 1n))).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
});

test("a single-owner chunk may wrap a chunk without payload", () => {
  const made = ownerChunk({ key, id, chunk: contentChunk(new Uint8Array(0)) });
  expect(made.data).toHaveLength(32 + 65 + 8);
  expect(readOwnerChunk(made.data, { id, owner }).wrapped.address).toEqual(made.wrapped.address);
  const refused = expect.objectContaining({ code: "ERR_INTEGRITY" });
  expect(() => readOwnerChunk(made.data.subarray(0, -1), { id, owner })).toThrow(refused);
});

test("bytes that say another id are refused, even if the owner signed the rest for the one that was asked for", () => {
  const { data } = ownerChunk({ key, id, chunk: contentChunk(Uint8Array.of(1)) });
  const changed = data.slice();
  changed[0] = 8;
  const refused = expect.objectContaining({ code: "ERR_INTEGRITY" });
  expect(() => readOwnerChunk(changed, { id, owner })).toThrow(refused);
});

test("a signature has 65 bytes, no more and no less", () => {
  const hash = new Uint8Array(32).fill(3);
  const signature = signHash(key, hash);
  expect(recoverSigner(signature, hash)).toEqual(owner);
  expect(recoverSigner(Uint8Array.of(...signature, 0), hash)).toBeUndefined();
  expect(recoverSigner(signature.subarray(0, 64), hash)).toBeUndefined();
  for (const last of [26, 35, 0, 255]) {
    expect(recoverSigner(Uint8Array.of(...signature.subarray(0, 64), last), hash)).toBeUndefined();
  }
});
