// Files that somebody made to harm whoever reads them: each is refused with an error of its kind, and with bounded work.

import { addressOf, openReader, rawSha256 } from "@remote-log/core";
import { concatBytes, lastOf } from "@remote-log/core/adapter";
import { failure, sample } from "@remote-log/test-kit";
import { describe, expect, test } from "vitest";
import { decodeHeader, encodeHeader } from "../src/header.ts";
import type { CarBytes } from "../src/index.ts";
import { carRemote, logsInCar } from "../src/index.ts";
import { readLength, varint } from "../src/varint.ts";
import { carLog, contentsOf, entriesOf, exported } from "./car-log.ts";

const text = new TextEncoder();
const log = await carLog(40);
const { file } = await exported(log);
await log.writer.close();
const { end } = decodeHeader(file);

const section = async (content: Uint8Array, claimed: Uint8Array = content): Promise<Uint8Array> => {
  const { bytes: cid } = await addressOf(claimed, rawSha256);
  return concatBytes([varint(cid.length + content.length), cid, content]);
};
const root = (await addressOf(text.encode("root"), rawSha256)).bytes;
const cutOff = (await section(new Uint8Array(50))).subarray(0, 60);
const header = encodeHeader(root);
const map = (...bytes: number[]): Uint8Array => Uint8Array.from([bytes.length, ...bytes]);
const roots = [0x65, 0x72, 0x6f, 0x6f, 0x74, 0x73];
const version = [0x67, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e];

describe("a header", () => {
  test.each<[string, Uint8Array, string]>([
    ["of no bytes", Uint8Array.of(0), "not-a-car"],
    ["that is cut off", Uint8Array.of(60, 0xa2), "not-a-car"],
    ["of a length that is cut off", Uint8Array.of(0x80), "cut-short"],
    ["of a length without end", new Uint8Array(64).fill(0xff), "not-a-car"],
    ["of a length in two forms", Uint8Array.of(0x80, 0x00), "not-a-car"],
    ["of a gigabyte", Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x04), "not-a-car"],
    ["that is another file", text.encode("<!doctype html>"), "not-a-car"],
    ["with a field twice", map(0xa2, ...version, 1, ...version, 1), "not-a-car"],
    ["with an unknown field", map(0xa2, 0x61, 0x61, 1, ...version, 1), "not-a-car"],
    ["of three fields", map(0xa3, ...roots, 0x80, ...version, 1, 0x61, 0x61, 1), "not-a-car"],
    ["of version 3", map(0xa2, ...roots, 0x80, ...version, 3), "not-a-car"],
    ["with something behind", map(0xa2, ...roots, 0x80, ...version, 1, 0), "not-a-car"],
    ["with a root that is a number", map(0xa2, ...roots, 0x81, 1, ...version, 1), "not-a-car"],
    [
      "with a root of another tag",
      map(0xa2, ...roots, 0x81, 0xd8, 0x29, 0x41, 0, ...version, 1),
      "not-a-car",
    ],
    [
      "with a root without its zero",
      map(0xa2, ...roots, 0x81, 0xd8, 0x2a, 0x41, 1, ...version, 1),
      "not-a-car",
    ],
    ["with a root longer than itself", map(0xa2, ...roots, 0x81, 0xd8, 0x2a, 0x59, 255, 255), "not-a-car"],
    ["with more roots than bytes", map(0xa2, ...roots, 0x99, 255, 255), "not-a-car"],
    ["with a number of eight bytes", map(0xa2, ...roots, 0x9b, 0, 0, 0, 0, 0, 0, 0, 1), "not-a-car"],
    ["with a number in two forms", map(0xa2, ...roots, 0x98, 0, ...version, 1), "not-a-car"],
  ])("%s is refused", async (_, bytes, reason) => {
    expect(await failure(logsInCar(bytes))).toMatchObject({ code: "ERR_MALFORMED", reason });
  });

  test("of more than 64 KiB is refused before it is looked at", () => {
    const large = concatBytes([varint(65_537), new Uint8Array(65_537)]);
    expect(() => decodeHeader(large)).toThrow(/from 1 to 65536 bytes, not 65537/);
  });

  test("of version 2 is told apart, and says what to do", async () => {
    const error = await failure(logsInCar(map(0xa1, ...version, 2)));
    expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", reason: "car-v2" });
  });

  test("may have its fields in either order, and no root", async () => {
    expect(await logsInCar(map(0xa2, ...version, 1, ...roots, 0x80))).toEqual([]);
    expect(decodeHeader(header)).toEqual({ roots: [root], end: header.length });
  });
});

describe("blocks", () => {
  test.each<[string, Uint8Array, string]>([
    ["of no bytes", Uint8Array.of(0), "not-a-car"],
    ["of a length without end", new Uint8Array(40).fill(0x80), "not-a-car"],
    ["of more than all bytes there are", concatBytes([varint(2 ** 50), root]), "cut-short"],
    ["of a number that is too large", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127), "not-a-car"],
    ["whose length is cut off", Uint8Array.of(0x80), "cut-short"],
    ["that are cut off", cutOff, "cut-short"],
  ])("%s are refused", async (_, bytes, reason) => {
    const error = await failure(logsInCar(concatBytes([header, bytes])));
    expect(error).toMatchObject({ code: "ERR_MALFORMED", reason });
  });

  test("whose CIDs are of another kind, or none, are passed over", async () => {
    const others = [varint(3), Uint8Array.of(1, 2, 3), varint(2), Uint8Array.of(0x12, 0x20)];
    const { storage } = carRemote({
      file: concatBytes([header, ...others, await section(text.encode("own"))]),
    });
    expect(await storage.get(await addressOf(text.encode("own"), rawSha256))).toEqual(text.encode("own"));
  });

  test("with the bytes of another are refused, and a right copy of the same block is found", async () => {
    const wanted = text.encode("wanted");
    const address = await addressOf(wanted, rawSha256);
    const wrong = await section(text.encode("forged"), wanted);
    const forged = carRemote({ file: concatBytes([header, wrong, wrong]) });
    expect(await failure(forged.storage.get(address))).toMatchObject({ code: "ERR_INTEGRITY" });
    const right = carRemote({ file: concatBytes([header, wrong, await section(wanted)]) });
    expect(await right.storage.get(address)).toEqual(wanted);
    expect(await right.storage.has(address)).toBe(true);
  });

  test("that come ten thousand times are looked for four times at most", async () => {
    const wanted = text.encode("wanted");
    const wrong = await section(text.encode("forged"), wanted);
    const bytes = concatBytes([header, ...Array.from({ length: 10_000 }, () => wrong)]);
    let reads = 0;
    const counted: CarBytes = {
      size: bytes.length,
      read: async (offset, length) => {
        reads++;
        return bytes.subarray(offset, offset + length);
      },
    };
    const { storage } = carRemote({ file: { place: "counted", open: async () => counted } });
    const address = await addressOf(wanted, rawSha256);
    expect(await storage.has(address)).toBe(true);
    reads = 0;
    expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_INTEGRITY" });
    expect(reads).toBe(4);
  });

  test("over the limits are refused before they are read", async () => {
    const large = text.encode("x".repeat(1_000));
    const bytes = concatBytes([header, await section(large), await section(text.encode("y"))]);
    const address = await addressOf(large, rawSha256);
    const reads: number[] = [];
    const noted: CarBytes = {
      size: bytes.length,
      read: async (offset, length) => {
        reads.push(length);
        return bytes.subarray(offset, offset + length);
      },
    };
    const { storage } = carRemote({ file: { place: "noted", open: async () => noted } });
    await storage.has(address);
    reads.length = 0;
    expect(await failure(storage.get(address, { maxBytes: 999 }))).toMatchObject({ code: "ERR_TOO_LARGE" });
    expect(reads).toEqual([]);
    expect((await storage.get(address, { maxBytes: 1_000 })).length).toBe(1_000);
    expect(reads).toEqual([1_000]);
    const few = carRemote({ file: bytes, mostBlocks: 1 });
    expect(await failure(few.storage.get(address))).toMatchObject({ code: "ERR_TOO_LARGE", limit: 1 });
    const stream = async function* () {
      for (;;) yield new Uint8Array(1_000);
    };
    const endless = carRemote({ file: stream(), largestStream: 10_000 });
    expect(await failure(endless.storage.has(address))).toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: 10_000,
    });
  });

  test("of a log that are missing, damaged or those of another make an error, never an entry", async () => {
    const own = { logId: log.logId, retries: 0 };
    const blocks: { readonly at: number; readonly next: number }[] = [];
    for (let at = end; at < file.length; at = lastOf(blocks)!.next) {
      const { value, end: begin } = readLength(file, at);
      blocks.push({ at, next: begin + value });
    }
    for (const { at, next } of sample("blocks of a log", blocks, 6)) {
      for (const damage of [
        concatBytes([file.subarray(0, at), file.subarray(next)]),
        file.map((byte, i) => (i === next - 1 ? byte ^ 1 : byte)),
      ]) {
        const reader = await openReader({ ...own, remotes: [carRemote({ file: damage })] });
        const delivered: Uint8Array[] = [];
        const read = async (): Promise<void> => {
          for await (const { content } of reader.from(0)) delivered.push(content);
        };
        const error = await failure(read()).catch(() => undefined);
        // A page that is in a bundle as well need not be there.
        if (error === undefined) expect(delivered).toEqual(contentsOf(0, 40));
        else
          expect(error).toMatchObject({ code: expect.stringMatching(/ERR_(NOT_FOUND|INTEGRITY|MALFORMED)/) });
        expect(delivered).toEqual(contentsOf(0, delivered.length));
        await reader.close();
      }
    }
  });
});

test("a file whose root is missing says so, and one whose root is no head holds no log", async () => {
  expect(await failure(logsInCar(header))).toMatchObject({ code: "ERR_MALFORMED", reason: "no-head" });
  expect(await logsInCar(concatBytes([header, await section(text.encode("root"))]))).toEqual([]);
});

test("a part of a block is read as it is, and none past its end", async () => {
  const content = Uint8Array.from({ length: 100 }, (_, i) => i);
  const bytes = concatBytes([header, await section(content), await section(text.encode("next"))]);
  const { storage } = carRemote({ file: bytes });
  const address = await addressOf(content, rawSha256);
  const part = (offset: number, length: number) => storage.get(address, { range: { offset, length } });
  expect(await part(10, 5)).toEqual(content.subarray(10, 15));
  expect(await part(90, 50)).toEqual(content.subarray(90));
  expect(await part(500, 5)).toEqual(new Uint8Array(0));
});

test("many blocks are found, each at its place", async () => {
  const contents = Array.from({ length: 1_000 }, (_, i) => text.encode(`content ${i}`));
  const sections = await Promise.all(contents.map((content) => section(content)));
  const remote = carRemote({ file: concatBytes([header, ...sections]), label: "many" });
  for (const content of contents)
    expect(await remote.storage.get(await addressOf(content, rawSha256))).toEqual(content);
  const absent = await addressOf(text.encode("absent"), rawSha256);
  expect(await remote.storage.has(absent)).toBe(false);
  expect(await failure(remote.storage.get(absent))).toMatchObject({ code: "ERR_NOT_FOUND" });
});

test("it can't be written, and is closed once", async () => {
  const remote = carRemote({ file });
  expect(remote.label).toBe("car");
  expect(await failure(remote.storage.put(new Uint8Array(1)))).toMatchObject({ reason: "read-only" });
  const update = remote.names.update(log.logId, new Uint8Array(1), { expected: null });
  expect(await failure(update)).toMatchObject({ reason: "read-only" });
  const found = await remote.names.resolve(log.logId);
  if (found.status !== "found") throw new Error("It holds the log.");
  const { revision: known } = found;
  expect(await remote.names.resolve(log.logId, { known })).toEqual({ status: "unchanged", revision: known });
  await remote.storage.close!();
  expect(await failure(remote.storage.has(await addressOf(file, rawSha256)))).toMatchObject({
    code: "ERR_CLOSED",
  });
});

test("whoever reads an export delivers what was exported", async () => {
  const reader = await openReader({ logId: log.logId, remotes: [carRemote({ file })] });
  expect(await entriesOf(reader)).toEqual(contentsOf(0, 40));
  await reader.close();
});
