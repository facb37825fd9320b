import { beforeAll, describe, expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import {
  encodeHead,
  encodeHeadPointer,
  readNameContent,
  verifyDecodedHead,
  verifyHead,
} from "../../src/log/head.ts";
import { LARGEST_PAGE } from "../../src/log/log-limits.ts";
import type { Pair } from "../../src/log/pair.ts";
import { peaksOf } from "../../src/merkle/index.ts";
import { decodeRemoteLog, encodeRemoteLog, type WireRemoteLog } from "../../src/wire/remote-log-message.ts";
import { type MaliciousWriter, maliciousWriter } from "../reader/forged-heads.ts";

const none = new Uint8Array(0);
const one = Uint8Array.of(1);
const address = Address.create(0x55, 0x12, new Uint8Array(32).fill(3));
const malformed = { code: "ERR_MALFORMED" };
const integrity = { code: "ERR_INTEGRITY" };
/** Entries of a log with pages of 2 and nodes of 8: 7 pages, of which the head shows 3, and the last two entries. */
const SIZE = 16;

let writer: MaliciousWriter;
let logId: string;

beforeAll(async () => {
  writer = await maliciousWriter({ leafSize: 2, fanOut: 8 });
  ({ logId } = writer.genesis);
});

type Change = (wire: WireRemoteLog) => Partial<WireRemoteLog>;

/** What comes of a head of which some fields are exchanged after it was signed. */
async function changed(change: Change, size = SIZE) {
  return verifyHead(await writer.head(size, (wire) => ({ ...wire, ...change(wire) })), logId);
}

describe("a name holds", () => {
  test("a head", async () => {
    const bytes = await writer.head(SIZE);
    expect(readNameContent(bytes)).toMatchObject({ kind: "head", bytes });
  });

  test("or the address of one", () => {
    expect(readNameContent(encodeHeadPointer(address))).toEqual({ kind: "pointer", address });
  });

  test("never both", async () => {
    const pointer = decodeRemoteLog(encodeHeadPointer(address));
    const { pairs } = decodeRemoteLog(await writer.head(1));
    for (const part of [{ pairs }, { checkpoint: one }]) {
      const both = encodeRemoteLog({ ...pointer, ...part });
      expect(() => readNameContent(both)).toThrow(expect.objectContaining(malformed));
    }
  });
});

describe("a head", () => {
  test("says where the content of the newest snapshot is, if it does and that is an address", async () => {
    expect((await changed(() => ({ snapshotContent: address.bytes }))).snapshotContent?.equals(address)).toBe(
      true,
    );
    for (const change of [() => ({ snapshotContent: one }), () => ({})])
      expect(await changed(change)).not.toHaveProperty("snapshotContent");
  });

  test.each([0, 1, 2, 3, 4, 9, 10, 11, 16, 17, 18, 19, 40])("of %i entries is read whole", async (size) => {
    const bytes = await writer.head(size);
    const head = await verifyHead(bytes, logId);
    expect(head.checkpoint.size).toBe(size);
    expect(head.bytes).toBe(bytes);
    expect(head.pairs.length).toBe(size - head.shape.pages * 2);
    expect(head.leafHashes.length).toBe(head.pairs.length);
    expect(encodeHead(head)).toEqual(bytes);
    expect(await verifyDecodedHead({ wire: decodeRemoteLog(bytes), bytes }, logId)).toEqual(head);
  });

  test("that readers would refuse for its size is not encoded", async () => {
    const head = await verifyHead(await writer.head(1), logId);
    const stored = new Uint8Array(LARGEST_PAGE);
    const pairs: Pair[] = [{ ...head.pairs[0]!, place: { kind: "embedded", stored } }];
    expect(() => encodeHead({ ...head, pairs })).toThrow(
      expect.objectContaining({ code: "ERR_TOO_LARGE", operation: "head.encode", limit: LARGEST_PAGE }),
    );
  });

  test("without a genesis record is refused with ERR_MALFORMED", async () => {
    await expect(changed(() => ({ genesis: none }))).rejects.toMatchObject(malformed);
  });

  test("of another log is refused with ERR_INTEGRITY, whatever its key signs", async () => {
    const other = await maliciousWriter({ leafSize: 2, fanOut: 8 });
    await expect(verifyHead(await other.head(SIZE), logId)).rejects.toMatchObject(integrity);
    const signedForThis = await other.head(SIZE, (wire) => wire, logId);
    await expect(verifyHead(signedForThis, logId)).rejects.toMatchObject(integrity);
  });

  test.each<[string, Change]>([
    ["that points at another head", () => ({ head: address.bytes })],
    ["that points at one byte", () => ({ head: one })],
    ["with an entry too few", ({ pairs }) => ({ pairs: pairs.slice(1) })],
    ["with an entry too many", ({ pairs }) => ({ pairs: [...pairs, pairs[0]!] })],
    ["with a level too few", () => ({ levels: [], tail: none })],
    ["with a level too many", ({ levels }) => ({ levels: [...levels, levels[0]!] })],
    ["without the address of its newest page", () => ({ tail: none })],
    ["with the address of another page", () => ({ tail: address.bytes })],
    [
      "with a checkpoint that is not UTF-8",
      ({ checkpoint }) => ({ checkpoint: Uint8Array.of(0xff, ...checkpoint) }),
    ],
  ])("%s is refused with ERR_MALFORMED", async (_, change) => {
    await expect(changed(change)).rejects.toMatchObject(malformed);
  });

  test("with other entries than its writer signed is refused with ERR_INTEGRITY", async () => {
    const change: Change = ({ pairs }) => ({
      pairs: [{ ...pairs[0]!, localHash: new Uint8Array(32) }, ...pairs.slice(1)],
    });
    await expect(changed(change)).rejects.toMatchObject(integrity);
  });

  test("with a byte order mark before its checkpoint is refused, for nobody signed it", async () => {
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf);
    const change: Change = ({ checkpoint }) => ({ checkpoint: Uint8Array.of(...mark, ...checkpoint) });
    await expect(changed(change)).rejects.toMatchObject(integrity);
  });
});

describe("refused with ERR_MALFORMED is a level of the index", () => {
  const hash = new Uint8Array(32).fill(7);
  const hashes = (count: number) => Array.from({ length: count }, () => hash);
  const joined = (all: readonly Uint8Array[]) => Uint8Array.of(...all.flatMap((each) => [...each]));

  function withLevel(change: Partial<WireRemoteLog["levels"][number]>, tail?: Uint8Array): Change {
    return ({ levels: [lowest, ...others], ...wire }) => ({
      levels: [{ ...lowest!, ...change }, ...others],
      tail: tail ?? wire.tail,
    });
  }

  test("that shows no ref, even if its hashes add up", async () => {
    const all = joined(peaksOf(hashes(7)));
    const change = withLevel({ addresses: [], hashes: none, peaks: all }, none);
    await expect(changed(change)).rejects.toMatchObject(malformed);
  });

  test("that shows more refs than there are", async () => {
    const eight = Array.from({ length: 8 }, () => address.bytes);
    const change = withLevel(
      { node: none, peaks: none, addresses: eight, hashes: joined(hashes(8)) },
      address.bytes,
    );
    await expect(changed(change)).rejects.toMatchObject(malformed);
  });

  test.each([0, 2])("with %i hashes for its node in place of 1", async (count) => {
    await expect(changed(withLevel({ peaks: joined(hashes(count)) }))).rejects.toMatchObject(malformed);
  });

  test("that lacks the address of its node", async () => {
    await expect(changed(withLevel({ node: none }))).rejects.toMatchObject(malformed);
  });

  test("that has the address of a node and needs none", async () => {
    for (const node of [address.bytes, one]) {
      await expect(changed(withLevel({ node }), 4)).rejects.toMatchObject(malformed);
    }
  });
});
