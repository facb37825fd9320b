// Blocks of a file that is written: once each, as long as the list of those that were written is short.

import { addressOf, rawSha256 } from "@remote-log/core";
import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { BlockWriter } from "../src/block-writer.ts";
import { memoryCar } from "../src/index.ts";

const text = new TextEncoder();

test("what is stored again is in the file once, unless 16,384 others are between", async () => {
  const writer = new BlockWriter(memoryCar(), []);
  const content = text.encode("the same");
  await Promise.all([writer.put(content), writer.put(content)]);
  await writer.put(content);
  expect(writer.blocks).toBe(1);
  const { bytes } = writer;
  for (let i = 0; i < 16_384; i++) await writer.put(text.encode(`${i}`));
  expect(writer.blocks).toBe(16_385);
  await writer.put(content);
  expect(writer.blocks).toBe(16_386);
  expect(writer.bytes).toBeGreaterThan(bytes);
});

test("what the file does not have is read where it comes from", async () => {
  const content = text.encode("elsewhere");
  const address = await addressOf(content, rawSha256);
  const other = new BlockWriter(memoryCar(), []);
  const signal = AbortSignal.abort(new Error("enough"));
  expect(await failure(other.get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
  const source = memoryStorage();
  await source.put(content);
  expect(await new BlockWriter(memoryCar(), [other, source]).get(address)).toEqual(content);
  expect(await failure(other.put(content, { signal }))).toBe(signal.reason);
});
