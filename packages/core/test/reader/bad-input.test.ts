import { runs, sample } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Address, addressOf, isRemoteLogError, openReader, rawSha256 } from "../../src/index.ts";
import { encodeHeadPointer } from "../../src/log/head.ts";
import { decodeIndexNode, encodeIndexNode } from "../../src/wire/index-node-message.ts";
import {
  decodeRemoteLog,
  encodeRemoteLog,
  type WireLevel,
  type WireRemoteLog,
} from "../../src/wire/remote-log-message.ts";
import { Sampler } from "./damage.ts";
import { maliciousWriter } from "./forged-heads.ts";
import { forge, kindsOf } from "./forger.ts";
import { collect, expectEntries, expectRightOrRefused, readWhole } from "./read-whole.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, foldedSize, foldingCuts, type WrittenLog, writeLog } from "./written-log.ts";

const log: WrittenLog = await writeLog(contents(foldedSize), { settings: foldingCuts });
const wire = decodeRemoteLog(log.head);

async function refusal(
  head: Uint8Array,
  objects: ReadonlyMap<string, Uint8Array> = log.contents,
): Promise<unknown> {
  const delivery = await readWhole({ logId: log.logId, remotes: [scriptedRemote(objects, head)] });
  expectRightOrRefused(delivery, log.entries);
  return delivery.error;
}

test("random bytes under the name, and in the place of any object, are refused", async () => {
  const addresses = [...kindsOf(log).keys()];
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(addresses.length - 1), async (bytes, i) => {
      expect(await refusal(bytes)).toMatchObject({ code: "ERR_MALFORMED" });
      for (const merkle of [false, true]) {
        const forgery = await forge(log, addresses[i]!, bytes, { merkle });
        expect(isRemoteLogError(await refusal(forgery.head, forgery.contents))).toBe(true);
      }
    }),
    { numRuns: runs(10, 25) },
  );
});

const { levels } = wire;
const address = wire.tail;
const without = (level: WireLevel, i: number): WireLevel => ({
  ...level,
  addresses: level.addresses.toSpliced(i, 1),
  hashes: new Uint8Array([...level.hashes.subarray(0, 32 * i), ...level.hashes.subarray(32 * (i + 1))]),
});
const doubled = (level: WireLevel): WireLevel => ({
  ...level,
  addresses: [level.addresses[0]!, ...level.addresses],
  hashes: new Uint8Array([...level.hashes.subarray(0, 32), ...level.hashes]),
});

test.each<[string, Partial<WireRemoteLog>]>([
  ["no levels", { levels: [] }],
  ["a level too few", { levels: levels.slice(0, -1) }],
  ["a level too many", { levels: [...levels, levels[0]!] }],
  ["its levels upside down", { levels: levels.toReversed() }],
  ["a ref too few", { levels: levels.with(0, without(levels[0]!, 0)) }],
  ["a ref twice", { levels: levels.with(0, doubled(levels[0]!)) }],
  ["a ref twice on the highest level", { levels: levels.with(-1, doubled(levels.at(-1)!)) }],
  [
    "no stored node where there is one",
    { levels: levels.map((level) => ({ ...level, node: new Uint8Array(0) })) },
  ],
  ["a stored node on every level", { levels: levels.map((level) => ({ ...level, node: address })) }],
  [
    "a peak too many",
    {
      levels: levels.map((level) => ({
        ...level,
        peaks: new Uint8Array([...level.peaks, ...new Uint8Array(32)]),
      })),
    },
  ],
  ["no peaks", { levels: levels.map((level) => ({ ...level, peaks: new Uint8Array(0) })) }],
  ["an entry too few", { pairs: wire.pairs.slice(1) }],
  ["an entry too many", { pairs: [...wire.pairs, wire.pairs[0]!] }],
  ["its entries in another order", { pairs: wire.pairs.toReversed() }],
  ["no tail", { tail: new Uint8Array(0) }],
  ["another page as its tail", { tail: levels[1]!.addresses[0]! }],
  ["no genesis", { genesis: new Uint8Array(0) }],
  ["no checkpoint", { checkpoint: new Uint8Array(0) }],
])("a head with %s is refused", async (_what, change) => {
  const changed = encodeRemoteLog({ ...wire, ...change });
  expect(changed).not.toEqual(log.head);
  expect(await refusal(changed)).toBeDefined();
});

test("an index node with a ref too few, too many, twice, or in another order is refused", async () => {
  const nodes = [...kindsOf(log)].filter(([, kind]) => kind === "node").map(([text]) => text);
  const sampler = new Sampler();
  for (const text of sampler.sample(nodes, runs(2, 6))) {
    const { addresses, hashes } = decodeIndexNode(log.contents.get(text)!);
    const separate = addresses.map((bytes, i) => ({ bytes, hash: hashes.subarray(32 * i, 32 * (i + 1)) }));
    for (const refs of [
      [],
      separate.slice(1),
      separate.slice(0, -1),
      [...separate, ...separate],
      [...separate, separate[0]!],
      ...(separate.length > 1 ? [separate.toReversed(), separate.with(1, separate[0]!)] : []),
    ]) {
      const bytes = encodeIndexNode({
        addresses: refs.map((ref) => ref.bytes),
        hashes: new Uint8Array(refs.flatMap(({ hash }) => [...hash])),
      });
      for (const merkle of [false, true]) {
        const forgery = await forge(log, text, bytes, { merkle });
        expect(await refusal(forgery.head, forgery.contents), `seed ${sampler.seed}`).toBeDefined();
      }
    }
  }
});

test("refs that lead back up, or a page that names itself as its tail, do not make a reader go round", async () => {
  // A page cannot hold its own hash; a storage that lies about addresses can pretend that it does.
  const objects = [...kindsOf(log)].filter(([, kind]) => kind !== "content").slice(0, 40);
  for (const [text] of sample("loops", objects, 12)) {
    const remote = scriptedRemote(log.contents, log.head);
    const [other] = kindsOf(log).keys();
    remote.storage.before = async (asked) =>
      asked.toString() === text
        ? log.contents.get(other === text ? [...kindsOf(log).keys()].at(-1)! : other!)
        : undefined;
    const delivery = await readWhole({ logId: log.logId, remotes: [remote] });
    expect(delivery.error).toMatchObject({ code: "ERR_INTEGRITY" });
    expectEntries(delivery.entries, log.entries);
    expect(remote.storage.reads.length).toBeLessThan(3 * log.contents.size);
  }
});

test.each([
  [{ leafSize: 16, fanOut: 128 }, 2 ** 53 - 1],
  [{ leafSize: 16, fanOut: 128 }, 2 ** 53 - 2 ** 20],
  [{ leafSize: 65_536, fanOut: 256 }, 2 ** 52 + 1],
  [{ leafSize: 1, fanOut: 256 }, 2 ** 53 - 1],
])(
  "a writer that signs a size which cannot be there (%j, %d) costs a few reads, then an error",
  async (settings, size) => {
    const writer = await maliciousWriter(settings);
    const remote = scriptedRemote(new Map(), await writer.head(size));
    const reader = await openReader({ logId: writer.genesis.logId, remotes: [remote] });
    expect((await reader.sync()).size).toBe(size);
    for (const attempt of [
      () => collect(reader.from(0)).then(({ error }) => Promise.reject(error)),
      () => reader.latest(2 ** 40),
      () => reader.entry(0),
      () => reader.entry(2 ** 50),
      () => reader.inclusionProof(12_345),
      () => reader.consistencyProof(2 ** 51 + 3),
    ]) {
      const error = await attempt().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(isRemoteLogError(error), String(error)).toBe(true);
    }
    expect(remote.storage.reads.length).toBeLessThan(2000);
  },
);

test("a head of a size that is not the one its checkpoint signs is refused, whoever signed it", async () => {
  const writer = await maliciousWriter({ leafSize: 4, fanOut: 4 });
  for (const change of [
    (head: WireRemoteLog) => ({ ...head, pairs: head.pairs.slice(1) }),
    (head: WireRemoteLog) => ({ ...head, levels: head.levels.slice(1) }),
    (head: WireRemoteLog) => ({ ...head, levels: head.levels.with(0, without(head.levels[0]!, 0)) }),
  ]) {
    const remote = scriptedRemote(new Map(), await writer.head(330, change));
    const { error } = await readWhole({ logId: writer.genesis.logId, remotes: [remote] });
    expect(error).toMatchObject({ code: "ERR_MALFORMED" });
  }
});

test.each<[string, number, number, number]>([
  ["identity", 0x55, 0x00, 32],
  ["sha1", 0x55, 0x11, 20],
  ["a digest cut to 20 bytes", 0x55, 0x12, 20],
  ["a digest cut to 31 bytes", 0x55, 0x12, 31],
  ["a digest of 64 bytes", 0x55, 0x12, 64],
  ["sha2-512", 0x55, 0x13, 64],
  ["another codec", 0x70, 0x12, 32],
  ["an unknown hash", 0x55, 0x7777, 32],
])("an address with %s is never asked for", async (_what, codec, hash, length) => {
  const weak = Address.create(codec, hash, new Uint8Array(length).fill(1));
  const writer = await maliciousWriter({ leafSize: 4, fanOut: 4 }, weak);
  const remote = scriptedRemote(new Map(), await writer.head(330));
  const { error } = await readWhole({ logId: writer.genesis.logId, remotes: [remote] });
  expect(error).toMatchObject({ code: "ERR_INTEGRITY" });
  const pointer = scriptedRemote(
    new Map(),
    encodeRemoteLog({
      ...wire,
      pairs: [],
      tail: new Uint8Array(0),
      genesis: new Uint8Array(0),
      checkpoint: new Uint8Array(0),
      levels: [],
      head: weak.bytes,
    }),
  );
  expect((await readWhole({ logId: log.logId, remotes: [pointer] })).error).toMatchObject({
    code: "ERR_INTEGRITY",
  });
  expect([...remote.storage.reads, ...pointer.storage.reads]).toEqual([]);
});

test("an address with a number that is not in its shortest form is refused", async () => {
  const sound = await addressOf(log.contents.values().next().value!, rawSha256);
  for (const long of [
    new Uint8Array([0x81, 0x00, ...sound.bytes.subarray(1)]),
    new Uint8Array([1, 0xd5, 0x00, ...sound.bytes.subarray(2)]),
    new Uint8Array([1, 0x55, 0x92, 0x00, ...sound.bytes.subarray(3)]),
    new Uint8Array([1, 0x55, 0x12, 0xa0, 0x00, ...sound.bytes.subarray(4)]),
    new Uint8Array([...sound.bytes, 0]),
    sound.bytes.subarray(0, -1),
  ]) {
    const { error } = await readWhole({
      logId: log.logId,
      remotes: [
        scriptedRemote(
          log.contents,
          encodeRemoteLog({
            ...wire,
            levels: levels.with(0, { ...levels[0]!, addresses: levels[0]!.addresses.with(0, long) }),
          }),
        ),
      ],
    });
    expect(error).toMatchObject({ code: "ERR_MALFORMED" });
  }
});

test("a stranger's head that is signed for this log with the stranger's own key is refused", async () => {
  const stranger = await maliciousWriter({ leafSize: 4, fanOut: 4 });
  for (const size of [0, 1, 4, 5, 330]) {
    const head = await stranger.head(size, undefined, log.logId);
    expect(await refusal(head)).toMatchObject({ code: "ERR_INTEGRITY" });
  }
});

test("a head with nothing missing that points at another head as well is refused", async () => {
  const objects = new Map(log.contents);
  const both = encodeRemoteLog({ ...wire, head: address });
  const at = await addressOf(both, rawSha256);
  objects.set(at.toString(), both);
  expect(await refusal(both)).toMatchObject({ code: "ERR_MALFORMED" });
  expect(await refusal(encodeHeadPointer(at), objects)).toMatchObject({ code: "ERR_MALFORMED" });
});
