import { memoryNames, memoryRemote, memoryStorage } from "@remote-log/memory";
import { failure, runs, whole } from "@remote-log/test-kit";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { deriveKeys, signingKeyFromSeed } from "../../src/crypto/index.ts";
import {
  Address,
  generateSeed,
  type HashType,
  openReader,
  openWriter,
  type Remote,
  rawSha256,
  type WriterOptions,
} from "../../src/index.ts";
import { createGenesis, defaultSettings, type GenesisSettings } from "../../src/log/genesis.ts";
import { capacityOf, checkNewLog, LARGEST_PAGE, LEAST_CAPACITY } from "../../src/log/log-limits.ts";
import { type Pair, pairToWire } from "../../src/log/pair.ts";
import { storedBytes } from "../../src/log/sealed-size.ts";
import { treeShape } from "../../src/log/tree-shape.ts";
import { encodeRemoteLog, type WireLevel, type WireRemoteLog } from "../../src/wire/remote-log-message.ts";
import { roomOn } from "../../src/writer/remote-room.ts";
import { readWhole } from "../reader/read-whole.ts";

const none = new Uint8Array(0);
const hash = new Uint8Array(32).fill(7);
const nothing: WireRemoteLog = {
  pairs: [],
  tail: none,
  genesis: none,
  checkpoint: none,
  levels: [],
  head: none,
};
const logIdOf = async (seed: Uint8Array, settings: Partial<GenesisSettings>): Promise<string> => {
  const { publicKey } = await signingKeyFromSeed(deriveKeys(seed).signing);
  return createGenesis({ ...defaultSettings, visibility: "public", ...settings, signingKey: publicKey })
    .logId;
};

/** Every leaf size and fan-out that a genesis record can have. */
const cuts = fc.record({
  leafSize: fc.integer({ min: 0, max: 16 }).map((exponent) => 2 ** exponent),
  fanOut: fc.integer({ min: 1, max: 8 }).map((exponent) => 2 ** exponent),
});
/** Every setting that a genesis record can have. */
const anySettings = fc
  .record({
    cuts,
    identifiers: fc.constantFrom("sha256" as const, "mvds" as const),
    visibility: fc.constantFrom("public" as const, "private" as const),
    padding: fc.constantFrom("padme" as const, "none" as const),
  })
  .map(({ cuts, ...others }): GenesisSettings => ({ ...cuts, ...others }));
const hashTypes: fc.Arbitrary<HashType> = fc.oneof(
  fc.constant(rawSha256),
  fc
    .record({ codec: fc.nat(2 ** 40), hash: fc.nat(2 ** 40), digestBytes: fc.integer({ min: 1, max: 64 }) })
    .map((type) => ({
      ...type,
      name: "some",
      digest: (content: Uint8Array) => new Uint8Array(type.digestBytes).fill(content.length),
    })),
);
const largest = fc.oneof(fc.constant(2 ** 24), fc.integer({ min: 100, max: 2 ** 23 }));

function remoteWith(type: HashType, stored: number, named: number): Remote {
  const storage = memoryStorage({ largestContent: stored });
  return {
    label: "remote",
    storage: { ...storage, capabilities: { ...storage.capabilities, hashTypes: [type] } },
    names: memoryNames({ largestContent: named }),
  };
}

/** What an entry takes in a page, by the encoder itself. */
function bytesInPage(content: number, embedded: boolean, address: Address): number {
  const place: Pair["place"] = embedded
    ? { kind: "embedded", stored: new Uint8Array(content) }
    : { kind: "pointer", address };
  const pair = pairToWire({ localHash: hash, contentHash: hash, place });
  return encodeRemoteLog({ ...nothing, pairs: [pair] }).length;
}

/** The largest index that a head of such a log can ever show, by the encoder itself. */
function largestIndex({ leafSize, fanOut }: { leafSize: number; fanOut: number }, address: Address): number {
  const level: WireLevel = {
    node: address.bytes,
    peaks: new Uint8Array(8 * 32),
    addresses: new Array<Uint8Array>(fanOut).fill(address.bytes),
    hashes: new Uint8Array(fanOut * 32),
  };
  const { levels } = treeShape(capacityOf({ leafSize, fanOut }), { leafSize, fanOut });
  return levels.length * encodeRemoteLog({ ...nothing, levels: [level] }).length;
}

test("whatever the settings, the remote and the entries, no page and no head exceeds a limit of the protocol or the remote", () => {
  fc.assert(
    fc.property(
      anySettings,
      hashTypes,
      largest,
      largest,
      fc.integer({ min: 0, max: 2 ** 24 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
      (settings, type, stored, named, largestEmbedded, shares) => {
        const remote = remoteWith(type, stored, named);
        let room: ReturnType<typeof roomOn>;
        try {
          room = roomOn(remote, settings, { largestEmbedded });
        } catch (error) {
          expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "remote-too-small" });
          return;
        }
        const address = Address.create(type.codec, type.hash, new Uint8Array(type.digestBytes));
        const sizes = [0, room.largestEmbedded, room.largestEmbedded + 1, room.largestContent];
        for (const share of shares) sizes.push(Math.floor(share * room.largestContent));
        const kept = sizes
          .filter((size) => size <= room.largestContent)
          .map((size) => storedBytes(size, settings));
        const pair = Math.max(
          ...kept.map((size) => bytesInPage(Math.min(size, 2 ** 22), size <= room.largestEmbedded, address)),
        );
        expect(room.largestContent).toBeLessThanOrEqual(stored);
        const tail = encodeRemoteLog({ ...nothing, tail: address.bytes }).length;
        expect(settings.leafSize * pair + tail).toBeLessThanOrEqual(Math.min(LARGEST_PAGE, stored));
        const frame = encodeRemoteLog({
          ...{
            ...nothing,
            tail: address.bytes,
            genesis: new Uint8Array(120),
            checkpoint: new Uint8Array(600),
          },
        }).length;
        const head = frame + largestIndex(settings, address) + settings.leafSize * pair;
        expect(head).toBeLessThanOrEqual(Math.min(LARGEST_PAGE, Math.max(stored, named)));
      },
    ),
    { numRuns: runs(60, 1000) },
  );
});

test("a new log holds 2^40 entries of any size, on every kind of storage, or its settings are refused", () => {
  const address: HashType = { ...rawSha256, codec: 2 ** 50, hash: 2 ** 50, digestBytes: 64 };
  for (let leafSize = 1; leafSize <= 65_536; leafSize *= 2) {
    for (let fanOut = 2; fanOut <= 256; fanOut *= 2) {
      const capacity = capacityOf({ leafSize, fanOut });
      // It is what the shape of the tree says.
      expect(treeShape(capacity, { leafSize, fanOut }).levels.length).toBeLessThanOrEqual(16);
      if (capacity < Number.MAX_SAFE_INTEGER) {
        expect(treeShape(capacity + 1, { leafSize, fanOut }).levels).toHaveLength(17);
      }
      const check = (): void => checkNewLog({ leafSize, fanOut });
      if (capacity < LEAST_CAPACITY || leafSize > 16_384) {
        expect(check).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT", reason: "settings" }));
        continue;
      }
      check();
      const remote = remoteWith(address, 2 ** 24, 2 ** 20);
      expect(
        roomOn(remote, { ...defaultSettings, visibility: "public", leafSize, fanOut }, {}).largestContent,
      ).toBe(2 ** 24);
    }
  }
});

/** Writes entries of one size, publishes them, and reads them with a reader of default limits. */
async function writeAndRead(
  size: number,
  count: number,
  options: Partial<WriterOptions>,
  remote: Remote = memoryRemote(),
): Promise<number> {
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal,
    remotes: [remote],
    publish: "manual",
    ...options,
  });
  const content = new Uint8Array(size);
  for (let at = 0; at < count; at += 1024) {
    await writer.appendAll(new Array<Uint8Array>(Math.min(1024, count - at)).fill(content));
  }
  await writer.publish();
  expect(writer.status().remotes[0]).toMatchObject({ stored: count, published: count, confirmed: count });
  const { entries, error } = await readWhole({ logId: writer.logId, remotes: [remote] });
  expect(error).toBeUndefined();
  expect(entries.every((entry) => entry.content.length === size)).toBe(true);
  await writer.close();
  return entries.length;
}

test.each([
  [{ visibility: "public", leafSize: 4096 }, 1000, 4097],
  [{ visibility: "public", leafSize: 1, fanOut: 8 }, 2000, 40],
  [{ visibility: "public", leafSize: 2, fanOut: 256 }, 1024, 300],
  ...(whole
    ? ([
        [{ visibility: "public", leafSize: 4096, fanOut: 8 }, 5000, 4097],
        [{ visibility: "public", leafSize: 16_384, fanOut: 256 }, 200, 16_385],
      ] as const)
    : []),
] as const)(
  "with settings %o, what was confirmed is read by a reader with default limits",
  async (settings, size, count) => {
    expect(await writeAndRead(size, count, { settings, largestEmbedded: 2 ** 20 })).toBe(count);
  },
);

test("contents that a storage's small objects leave no room to embed become objects of their own", async () => {
  const remote = { ...memoryRemote(), storage: memoryStorage({ largestContent: 100_000 }) };
  const settings = { visibility: "public", leafSize: 64, fanOut: 8 } as const;
  expect(await writeAndRead(3000, 300, { settings, largestEmbedded: 50_000 }, remote)).toBe(300);
});

test("a remote whose objects are too small for the pages of a log is refused when it is attached, and nothing is kept", async () => {
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  const remote = { ...memoryRemote(), storage: memoryStorage({ largestContent: 2000 }) };
  const options = { seed: generateSeed(), journal, remotes: [remote] };
  const error = await failure(openWriter(options));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "remote-too-small" });
  // With other settings, or another storage, the journal can still begin a log.
  const writer = await openWriter({
    settings: { visibility: "public" },
    ...options,
    journal: new MemoryLevel(),
    remotes: [memoryRemote()],
    publish: "manual",
  });
  await writer.close();
});

test("sizes that no reader accepts are refused when the writer is opened", async () => {
  for (const sizes of [
    { largestContent: 2 ** 24 + 1 },
    { largestContent: -1 },
    { largestContent: Number.NaN },
    { largestEmbedded: 1.5 },
    { largestEmbedded: Number.POSITIVE_INFINITY },
  ]) {
    const journal = new MemoryLevel<Uint8Array, Uint8Array>();
    const error = await failure(
      openWriter({ settings: { visibility: "public" }, seed: generateSeed(), journal, ...sizes }),
    );
    expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
});

test("an append that a log has no room for is refused with the reason log-full, and nothing of it is written", async () => {
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  const settings = { visibility: "public", leafSize: 1, fanOut: 2 } as const;
  const refused = await failure(openWriter({ seed: generateSeed(), journal, settings }));
  expect(refused).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "settings" });
  const writer = await openWriter({
    seed: generateSeed(),
    journal,
    settings,
    leastCapacity: 131_071,
  });
  const tooMany = new Array<Uint8Array>(131_072).fill(none);
  const error = await failure(writer.appendAll(tooMany));
  expect(error).toMatchObject({ code: "ERR_TOO_LARGE", reason: "log-full", limit: 131_071 });
  expect(writer.size).toBe(0);
  await writer.append(none);
  expect(writer.size).toBe(1);
  await writer.close();
});

test.runIf(whole)(
  "a log of the smallest pages and nodes is published and read up to its very end",
  { timeout: 600_000 },
  async () => {
    const remote = memoryRemote();
    const settings = { visibility: "public", leafSize: 1, fanOut: 2 } as const;
    const journal = new MemoryLevel<Uint8Array, Uint8Array>();
    const options = { seed: generateSeed(), journal, remotes: [remote], settings, leastCapacity: 1 };
    const writer = await openWriter({ ...options, publish: "manual" });
    for (let at = 0; at < 131_071; at += 4096) {
      await writer.appendAll(new Array<Uint8Array>(Math.min(4096, 131_071 - at)).fill(hash));
    }
    expect(await failure(writer.append(hash))).toMatchObject({ code: "ERR_TOO_LARGE", reason: "log-full" });
    await writer.publish();
    const reader = await openReader({ logId: writer.logId, remotes: [remote] });
    for (const sequence of [0, 65_535, 65_536, 131_070]) {
      expect((await reader.entry(sequence)).content).toEqual(hash);
    }
    expect(reader.size).toBe(131_071);
    await reader.close();
    await writer.close();
  },
);

test("a log that was begun with pages of 65,536 entries is continued, with the entries that fit into them", async () => {
  const seed = generateSeed();
  const settings = { visibility: "public", leafSize: 65_536, fanOut: 256 } as const;
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  expect(await failure(openWriter({ seed, journal, settings }))).toMatchObject({ reason: "settings" });
  const logId = await logIdOf(seed, settings);
  const remote = memoryRemote();
  const options = { seed, journal, logId, remotes: [remote], publish: "manual", forRecovery: true } as const;
  const writer = await openWriter(options);
  expect(writer.genesis.genesis).toMatchObject(settings);
  expect(await writer.recover()).toEqual({ recovered: 0, appendedAnew: 0, size: 0 });
  expect(65_536 * bytesInPage(writer.largestContent, true, undefined as never)).toBeLessThan(LARGEST_PAGE);
  const error = await failure(writer.append(new Uint8Array(writer.largestContent + 1)));
  expect(error).toMatchObject({ code: "ERR_TOO_LARGE", limit: writer.largestContent });
  await writer.append(new Uint8Array(writer.largestContent));
  await writer.publish();
  const { entries } = await readWhole({ logId, remotes: [remote] });
  expect(entries).toHaveLength(1);
  await writer.close();
});
