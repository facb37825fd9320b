// Into which objects a run of pages is cut, and what leads from one to the one before it.

import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { addressOf, rawSha256 } from "../../src/address/hash-type.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import { encodeBundlePart } from "../../src/log/bundle.ts";
import { LARGEST_BUNDLE, layRun, pagesInRun, type Run } from "../../src/log/lay-run.ts";
import { encodePage, type Ref } from "../../src/log/page.ts";
import { type Pair, pairLeafHash } from "../../src/log/pair.ts";
import { perfectSubtreeHash } from "../../src/merkle/index.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";

const pairOf = (sequence: number, bytes = 10): Pair => {
  const stored = new TextEncoder().encode(`${sequence}`.padEnd(bytes, "."));
  return { localHash: sha256(stored), contentHash: sha256(stored), place: { kind: "embedded", stored } };
};
const pagesOf = (bytes: readonly number[]) =>
  bytes.map((length, i) => [pairOf(i * 2, length), pairOf(i * 2 + 1, length)]);
const hashOf = (pairs: readonly Pair[]) => perfectSubtreeHash(pairs.map(pairLeafHash));
const before = Address.create(0x55, 0x12, new Uint8Array(32).fill(9));

class Objects {
  readonly stored: { readonly bytes: Uint8Array; readonly address: Address }[] = [];
  address = (content: Uint8Array) => addressOf(content, rawSha256);
  put = async (bytes: Uint8Array, address: Address) => void this.stored.push({ bytes, address });
  /** Entries of each object, and where its tail leads: another of them, or what was before. */
  get shape(): (readonly [entries: number, tail: number | "before" | "none" | "other"])[] {
    return this.stored.map(({ bytes }) => {
      const { pairs, tail } = decodeRemoteLog(bytes);
      if (tail.length === 0) return [pairs.length, "none"];
      const address = Address.fromBytes(tail);
      const at = this.stored.findIndex((one) => one.address.equals(address));
      return [pairs.length, at >= 0 ? at : address.equals(before) ? "before" : "other"];
    });
  }
}

async function laid(run: Partial<Run> & Pick<Run, "pages">) {
  const objects = new Objects();
  const whole = { first: 16, stored: [], closes: true, alone: () => false, before, largest: 1000, ...run };
  return { objects, laid: await layRun(whole, objects) };
}

const small = pagesOf([10, 10, 10, 10, 10, 10, 10, 10]);

test("a run that closes becomes one bundle, and its pages are stored in no other way", async () => {
  const { objects, laid: result } = await laid({ pages: small });
  expect(objects.shape).toEqual([[16, "before"]]);
  const { address } = objects.stored[0]!;
  const lengths = small.map((pairs) => encodeBundlePart(pairs).length);
  expect(result.bundles).toEqual([{ first: 16, address, lengths }]);
  expect(result.refs).toEqual(small.map((pairs) => ({ address, hash: hashOf(pairs) })));
  expect(result.last).toBe(address);
});

test("the first of a log has no tail", async () => {
  expect((await laid({ pages: small, before: undefined })).objects.shape).toEqual([[16, "none"]]);
  expect((await laid({ pages: small.slice(0, 2), before: undefined, closes: false })).objects.shape).toEqual([
    [2, "none"],
    [2, 0],
  ]);
});

test("a run that does not close becomes pages, each of which leads to the one before it", async () => {
  const { objects, laid: result } = await laid({ pages: small.slice(0, 3), closes: false });
  expect(objects.shape).toEqual([
    [2, "before"],
    [2, 0],
    [2, 1],
  ]);
  expect(result.bundles).toEqual([]);
  expect(result.refs).toEqual(objects.stored.map(({ address }, i) => ({ address, hash: hashOf(small[i]!) })));
  expect(result.last).toBe(objects.stored[2]!.address);
});

test("pages that are stored stay, and the rest of their run is in the bundle alone", async () => {
  const stored: Ref[] = [1, 2, 3].map((byte, i) => ({
    address: Address.create(0x55, 0x12, new Uint8Array(32).fill(byte)),
    hash: hashOf(small[i]!),
  }));
  const { objects, laid: result } = await laid({ pages: small, stored });
  expect(objects.shape).toEqual([[16, "before"]]);
  expect(result.refs.length).toBe(5);
  for (const { address } of result.refs) expect(address).toEqual(objects.stored[0]!.address);
  // In a run that is not closed the next page leads to the newest of them.
  const open = await laid({ pages: small.slice(0, 4), stored, closes: false });
  expect(open.objects.shape).toEqual([[2, "other"]]);
  expect(open.objects.stored[0]!.bytes).toEqual(encodePage(small[3]!, stored[2]!.address));
});

test("pages that were stored by themselves are stored so again, beside the bundle", async () => {
  const { objects, laid: result } = await laid({ pages: small, alone: (page) => page === 17 || page === 18 });
  expect(objects.shape).toEqual([
    [2, "before"],
    [2, 0],
    [16, "before"],
  ]);
  const addresses = objects.stored.map(({ address }) => address);
  expect(result.refs.map(({ address }) => addresses.findIndex((one) => one.equals(address)))).toEqual([
    2, 0, 1, 2, 2, 2, 2, 2,
  ]);
});

test("a page that is stored by itself again leads to the one before it, if that is stored already", async () => {
  const stored: Ref[] = [1, 2, 3].map((byte, i) => ({
    address: Address.create(0x55, 0x12, new Uint8Array(32).fill(byte)),
    hash: hashOf(small[i]!),
  }));
  const { objects, laid: result } = await laid({ pages: small, stored, alone: (page) => page === 19 });
  expect(objects.stored[0]!.bytes).toEqual(encodePage(small[3]!, stored[2]!.address));
  expect(objects.shape).toEqual([
    [2, "other"],
    [16, "before"],
  ]);
  const [first, ...others] = result.refs;
  expect(first!.address).toEqual(objects.stored[0]!.address);
  expect(others.map(({ address }) => address)).toEqual(new Array(4).fill(objects.stored[1]!.address));
});

test("a bundle has 128 KiB at most, and a page that is larger stays one", async () => {
  expect(LARGEST_BUNDLE).toBe(131_072);
  const { objects, laid: result } = await laid({ pages: pagesOf([300, 10]), largest: 100 });
  expect(objects.shape).toEqual([
    [2, "before"],
    [2, 0],
  ]);
  expect(result.bundles).toEqual([]);
});

test("what is too large for one bundle is halved until it fits; what fits into none stays a page", async () => {
  // Of 8 pages: the first four fit together, two of the others do, and two are too large.
  const uneven = pagesOf([10, 10, 10, 10, 300, 300, 150, 150]);
  const { objects, laid: result } = await laid({ pages: uneven, largest: 650 });
  expect(objects.shape).toEqual([
    [8, "before"],
    [2, 0],
    [2, 1],
    [4, 2],
  ]);
  expect(result.bundles.map(({ first, lengths }) => [first, lengths.length])).toEqual([
    [16, 4],
    [22, 2],
  ]);
  expect(result.last).toEqual(objects.stored[3]!.address);
  const addresses = objects.stored.map(({ address }) => address);
  expect(result.refs.map(({ address }) => addresses.findIndex((one) => one.equals(address)))).toEqual([
    0, 0, 0, 0, 1, 2, 3, 3,
  ]);
  // To the byte.
  const exact = small.reduce((sum, pairs) => sum + encodeBundlePart(pairs).length, 0);
  expect((await laid({ pages: small, largest: exact })).laid.bundles.length).toBe(1);
  expect((await laid({ pages: small, largest: exact - 1 })).laid.bundles.length).toBe(2);
});

test.each([
  [{ leafSize: 8, fanOut: 128 }, 32],
  [{ leafSize: 8, fanOut: 16 }, 16],
  [{ leafSize: 16, fanOut: 128 }, 16],
  [{ leafSize: 128, fanOut: 128 }, 2],
  [{ leafSize: 256, fanOut: 128 }, 1],
  [{ leafSize: 4096, fanOut: 128 }, 1],
])("of %o, %i pages are bundled together", (cuts, pages) => {
  expect(pagesInRun(cuts)).toBe(pages);
});

test("of a page that is stored nothing but its ref is needed", async () => {
  const stored = [{ address: before, hash: new Uint8Array(32).fill(3) }];
  const pages = [new Array<Pair>(2), small[1]!];
  const { objects, laid: result } = await laid({ pages, stored, closes: false });
  expect(objects.shape).toEqual([[2, "before"]]);
  expect(result.refs).toEqual([{ address: objects.stored[0]!.address, hash: hashOf(small[1]!) }]);
});
