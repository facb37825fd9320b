import { runs, sample } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import {
  addressOf,
  generateSeed,
  isRemoteLogError,
  NotFoundError,
  openReader,
  rawSha256,
  TooLargeError,
} from "../../src/index.ts";
import { decodeRemoteLog, encodeRemoteLog, type WirePair } from "../../src/wire/remote-log-message.ts";
import { exhaustive, flipped, replacements, Sampler } from "./damage.ts";
import { forge, type Kind, kindsOf } from "./forger.ts";
import { collect, expectEntries, expectRightOrRefused, readWhole } from "./read-whole.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, foldedSize, foldingCuts, type WrittenLog, writeLog } from "./written-log.ts";

const timeout = exhaustive ? 3_600_000 : 600_000;
const kinds: readonly Kind[] = ["page", "node", "content"];
const seed = generateSeed();
let log: WrittenLog;
const EMPTY = new Uint8Array(0);
let kindOf: ReadonlyMap<string, Kind>;

beforeAll(async () => {
  log = await writeLog(contents(foldedSize), { seed, settings: foldingCuts });
  kindOf = kindsOf(log);
});

function addressesOf(kind: Kind): string[] {
  return [...kindOf].filter(([, other]) => other === kind).map(([address]) => address);
}

function read(objects: ReadonlyMap<string, Uint8Array>, head: Uint8Array): ReturnType<typeof readWhole> {
  return readWhole({ logId: log.logId, remotes: [scriptedRemote(objects, head)] });
}

/** Every byte of every object of a kind. */
function bytesOf(kind: Kind): [string, number][] {
  return addressesOf(kind).flatMap((address) =>
    Array.from(log.contents.get(address)!, (_, offset): [string, number] => [address, offset]),
  );
}

test("the log of these tests has objects of every kind, and is read whole", async () => {
  for (const kind of kinds) expect(addressesOf(kind).length).toBeGreaterThan(5);
  const { levels } = decodeRemoteLog(log.head);
  expect(levels.map(({ node }) => node.length > 0)).toEqual([true, true, false]);
  const delivery = await read(log.contents, log.head);
  expect(delivery.error).toBeUndefined();
  expectRightOrRefused(delivery, log.entries);
});

test.each(kinds)(
  "a flipped byte in any %s is refused, and nothing wrong is delivered",
  async (kind) => {
    const sampler = new Sampler();
    for (const [address, offset] of sampler.sample(bytesOf(kind), runs(20, 60))) {
      const bytes = flipped(log.contents.get(address)!, offset, 1 << sampler.below(8));
      const delivery = await read(new Map(log.contents).set(address, bytes), log.head);
      const where = `byte ${offset} of ${kind} ${address}, seed ${sampler.seed}`;
      expect(isRemoteLogError(delivery.error) && delivery.error.code, where).toBe("ERR_INTEGRITY");
      expectEntries(delivery.entries, log.entries);
    }
  },
  timeout,
);

test(
  "a flipped byte in the head is refused, or changes nothing",
  async () => {
    const sampler = new Sampler();
    const offsets = Array.from(log.head, (_, offset) => offset);
    let delivered = 0;
    for (const offset of exhaustive ? offsets : sample("head", offsets, 150)) {
      for (const mask of sampler.sample([1, 2, 4, 8, 16, 32, 64, 128], 1)) {
        const delivery = await read(log.contents, flipped(log.head, offset, mask));
        expectRightOrRefused(delivery, log.entries);
        expect(delivery.error, `byte ${offset} ^ ${mask}, seed ${sampler.seed}`).toBeDefined();
        delivered += delivery.entries.length;
      }
    }
    // A wrong address in a ref is noticed when it is read, a wrong hash at once.
    expect(delivered).toBeLessThan(log.entries.length * offsets.length);
  },
  timeout,
);

test.each([false, true])(
  "a flipped byte below addresses that were made to fit is refused (Merkle hashes made to fit: %s)",
  async (merkle) => {
    const sampler = new Sampler();
    const refused = new Map<string, number>();
    for (const kind of kinds) {
      for (const [address, offset] of sampler.sample(bytesOf(kind), 24)) {
        const bytes = flipped(log.contents.get(address)!, offset, 1 << sampler.below(8));
        const forgery = await forge(log, address, bytes, { merkle });
        const delivery = await read(forgery.contents, forgery.head);
        try {
          expectRightOrRefused(delivery, log.entries);
        } catch (error) {
          throw new Error(`byte ${offset} of ${kind} ${address}, seed ${sampler.seed}`, { cause: error });
        }
        if (delivery.error !== undefined) refused.set(kind, (refused.get(kind) ?? 0) + 1);
      }
    }
    // Only a tail, which no reader of ours follows, may be wrong without notice; a content never.
    expect(refused.get("content"), `seed ${sampler.seed}`).toBeGreaterThanOrEqual(24);
    expect(refused.get("node"), `seed ${sampler.seed}`).toBeGreaterThanOrEqual(24);
    expect(refused.get("page"), `seed ${sampler.seed}`).toBeGreaterThan(6);
  },
  timeout,
);

test.each(replacements)(
  "an object that is %s is refused, under its address and under one that fits",
  async (_name, replace) => {
    const sampler = new Sampler();
    for (const address of sampler.sample([...kindOf.keys()], runs(5, 12))) {
      const bytes = replace(log.contents.get(address)!);
      const direct = await read(new Map(log.contents).set(address, bytes), log.head);
      expect(isRemoteLogError(direct.error), `${address}, seed ${sampler.seed}`).toBe(true);
      expectEntries(direct.entries, log.entries);
      for (const merkle of [false, true]) {
        const forgery = await forge(log, address, bytes, { merkle });
        const delivery = await read(forgery.contents, forgery.head);
        expect(isRemoteLogError(delivery.error), `${address}, seed ${sampler.seed}`).toBe(true);
        expectEntries(delivery.entries, log.entries);
      }
    }
  },
  timeout,
);

test(
  "two objects of one kind that change places are refused",
  async () => {
    const sampler = new Sampler();
    for (const kind of kinds) {
      const addresses = addressesOf(kind);
      for (const [i, address] of sampler.sample([...addresses.entries()], runs(5, 12))) {
        const other = addresses[(i + 1 + sampler.below(addresses.length - 1)) % addresses.length]!;
        const bytes = log.contents.get(other)!;
        const direct = await read(new Map(log.contents).set(address, bytes), log.head);
        expect(isRemoteLogError(direct.error), `${kind}, seed ${sampler.seed}`).toBe(true);
        expectEntries(direct.entries, log.entries);
        for (const merkle of [false, true]) {
          const forgery = await forge(log, address, bytes, { merkle });
          const delivery = await read(forgery.contents, forgery.head);
          expect(isRemoteLogError(delivery.error), `${kind}, seed ${sampler.seed}`).toBe(true);
          expectEntries(delivery.entries, log.entries);
        }
      }
    }
  },
  timeout,
);

test("objects of another log of the same writer are refused in the place of this one's", async () => {
  const other = await writeLog(contents(foldedSize, " of the other log"), {
    seed,
    settings: { leafSize: 4, fanOut: 8 },
  });
  expect(other.logId).not.toBe(log.logId);
  const others = kindsOf(other);
  const sampler = new Sampler();
  for (const [address, kind] of sampler.sample([...kindOf], 20)) {
    const same = [...others].filter(([, otherKind]) => otherKind === kind).map(([text]) => text);
    const bytes = other.contents.get(same[sampler.below(same.length)]!)!;
    for (const merkle of [false, true]) {
      const forgery = await forge(log, address, bytes, { merkle });
      const delivery = await read(forgery.contents, forgery.head);
      expect(isRemoteLogError(delivery.error), `${kind}, seed ${sampler.seed}`).toBe(true);
      expectEntries(delivery.entries, log.entries);
    }
  }
});

test("a page whose entries are others than the signed ones, with identifiers that fit, is refused", async () => {
  const sampler = new Sampler();
  for (const address of sampler.sample(addressesOf("page"), 12)) {
    const wire = decodeRemoteLog(log.contents.get(address)!);
    const data = new TextEncoder().encode("never written");
    const other: WirePair = { remoteHash: EMPTY, localHash: sha256(data), data, contentHash: undefined };
    for (const pairs of [wire.pairs.with(0, other), wire.pairs.with(-1, other), wire.pairs.toReversed()]) {
      for (const merkle of [false, true]) {
        const forgery = await forge(log, address, encodeRemoteLog({ ...wire, pairs }), { merkle });
        const delivery = await read(forgery.contents, forgery.head);
        const code = isRemoteLogError(delivery.error) && delivery.error.code;
        expect(code, `seed ${sampler.seed}`).toBe("ERR_INTEGRITY");
        expectEntries(delivery.entries, log.entries);
      }
    }
  }
});

test("a pair whose address leads to another content than the hash beside it is refused", async () => {
  const evil = new TextEncoder().encode("never written");
  const evilAddress = await addressOf(evil, rawSha256);
  for (const address of addressesOf("page").slice(0, 8)) {
    const wire = decodeRemoteLog(log.contents.get(address)!);
    const pair = wire.pairs[0]!;
    const contentHash = pair.data.length > 0 ? sha256(pair.data) : pair.remoteHash.slice(-32);
    const other: WirePair = { ...pair, remoteHash: evilAddress.bytes, data: EMPTY, contentHash };
    const bytes = encodeRemoteLog({ ...wire, pairs: wire.pairs.with(0, other) });
    const forgery = await forge(log, address, bytes, { merkle: false });
    const objects = new Map(forgery.contents).set(evilAddress.toString(), evil);
    const delivery = await read(objects, forgery.head);
    expect(delivery.error).toMatchObject({ code: "ERR_MALFORMED" });
    expectEntries(delivery.entries, log.entries);
  }
});

test("a missing object ends the delivery before it, as not found", async () => {
  const sampler = new Sampler();
  for (const [address, kind] of sampler.sample([...kindOf], 40)) {
    const objects = new Map(log.contents);
    objects.delete(address);
    const delivery = await read(objects, log.head);
    expect(delivery.error, `${kind}, seed ${sampler.seed}`).toBeInstanceOf(NotFoundError);
    expectEntries(delivery.entries, log.entries);
    if (kind === "content") {
      const missing = log.entries.findIndex(
        (entry) => Buffer.compare(entry, log.contents.get(address)!) === 0,
      );
      expect(delivery.entries.length).toBe(missing);
    }
  }
});

test("every read says how much it takes, and a storage that returns more is refused", async () => {
  const limits = { headBytes: 2 ** 16, pageBytes: 2 ** 12, contentBytes: 2 ** 10 };
  for (const kind of kinds) {
    const remote = scriptedRemote(log.contents, log.head);
    const [target] = addressesOf(kind);
    remote.storage.before = async (address) =>
      address.toString() === target ? new Uint8Array(2 ** 17) : undefined;
    const reader = await openReader({ logId: log.logId, remotes: [remote], limits });
    const delivery = await collect(reader.from(0));
    expect(delivery.error).toBeInstanceOf(TooLargeError);
    expectEntries(delivery.entries, log.entries);
    expect(remote.storage.limits.length).toBeGreaterThan(0);
    for (const limit of remote.storage.limits) expect([2 ** 12, 2 ** 10, 2 ** 16]).toContain(limit);
    expect(remote.names.asked.map(({ maxBytes }) => maxBytes)).toEqual([2 ** 16]);
  }
});

test("a head over the limit is refused, also where the name system ignored the limit", async () => {
  const remote = scriptedRemote(log.contents, new Uint8Array(1001));
  const delivery = await readWhole({ logId: log.logId, remotes: [remote], limits: { headBytes: 1000 } });
  expect(delivery.error).toBeInstanceOf(TooLargeError);
  expect(delivery.entries).toEqual([]);
});
