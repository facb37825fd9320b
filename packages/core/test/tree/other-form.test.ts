// Pages that are stored by themselves and in bundles, of which one form can't be had or is wrong.

import { failure } from "@remote-log/test-kit";
import { beforeAll, describe, expect, test } from "vitest";
import { type Address, type ByteRange, NotFoundError } from "../../src/index.ts";
import { type Bundle, isInBundle } from "../../src/log/bundle.ts";
import { verifyHead } from "../../src/log/head.ts";
import { readEntries } from "../../src/tree/read-entries.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

const SIZE = 150;
const entries = contents(SIZE);
const never = new AbortController().signal;

/** Published again and again: pages are stored by themselves, and older ones in bundles of four as well. */
let grown: WrittenLog;
/** Appended at once: older pages are in bundles alone. */
let imported: WrittenLog;

beforeAll(async () => {
  const common = { settings: smallCuts, bundles: "writer" } as const;
  const publishAt = Array.from({ length: 37 }, (_, i) => 4 * i + 1);
  grown = await writeLog(entries, { ...common, publishAt });
  imported = await writeLog(entries, common);
});

function absent(address: Address): never {
  throw new NotFoundError(`There is no ${address}.`, { operation: "storage.get" });
}

/** A tree whose storage lacks some objects. */
async function viewOf(written: WrittenLog, { ranges = false, requestBytes = 2048 } = {}) {
  const storage = new ScriptedStorage(new Map(written.contents));
  const { capabilities } = storage;
  Object.assign(storage, { capabilities: { ...capabilities, requestBytes, ...(ranges && { ranges }) } });
  const view = new TreeView(await verifyHead(written.head, written.logId), storage, defaultLimits, never);
  const inTree = async (page: number): Promise<{ alone: Address; bundle: Bundle }> => {
    const { address } = await view.ref(0, page);
    const bundle = (await view.neighbours(page)).bundles.find((one) => isInBundle(page, one))!;
    return { alone: address, bundle };
  };
  const lost = new Set<string>();
  const damaged = new Set<string>();
  storage.before = async (address) => {
    const bytes = written.contents.get(`${address}`);
    if (lost.has(`${address}`)) return absent(address);
    if (!damaged.has(`${address}`)) return undefined;
    const flipped = bytes!.slice();
    flipped[flipped.length >> 1]! ^= 1;
    return flipped;
  };
  return { storage, view, inTree, lost, damaged };
}

async function read(view: TreeView, from = 0, to = SIZE, signal?: AbortSignal): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const { content } of readEntries(view, { from, to }, { limits: defaultLimits, signal }))
    found.push(content);
  return found;
}

describe.each([
  ["lost", false],
  ["damaged", false],
  ["lost", true],
] as const)("what is %s (ranges: %s)", (how, ranges) => {
  test("a page is read from its bundle, alone and among others", async () => {
    for (const page of [0, 5, 15]) {
      const made = await viewOf(grown, { ranges, requestBytes: 1 });
      const { alone } = await made.inTree(page);
      made[how].add(`${alone}`);
      expect(await read(made.view, page * 4 + 1, page * 4 + 3)).toEqual(
        entries.slice(page * 4 + 1, page * 4 + 3),
      );
      expect(await read(made.view)).toEqual(entries);
    }
  });

  test("a bundle is replaced by its pages", async () => {
    const made = await viewOf(grown, { ranges });
    const { bundle } = await made.inTree(5);
    made[how].add(`${bundle.address}`);
    expect(await read(made.view)).toEqual(entries);
    const partly = await viewOf(grown, { ranges });
    partly[how].add(`${bundle.address}`);
    expect(await read(partly.view, 17, 27)).toEqual(entries.slice(17, 27));
    // Of its pages those alone that are wanted.
    const { alone } = await partly.inTree(7);
    expect(partly.storage.reads).not.toContain(`${alone}`);
  });

  test("proofs come from the bundle, too", async () => {
    const made = await viewOf(grown, { ranges });
    const { alone } = await made.inTree(5);
    const whole = (await viewOf(grown)).view;
    made[how].add(`${alone}`);
    expect(await made.view.subtree(21, 1)).toEqual(await whole.subtree(21, 1));
    const reads = made.storage.reads.length;
    const { pairs } = await made.view.pageInEitherForm(5, never);
    expect(pairs).toEqual((await whole.page(5)).pairs);
    // That was read for the proof.
    expect(made.storage.reads.length).toBe(reads);
    expect((await made.view.pageInEitherForm(6, never)).pairs).toEqual((await whole.page(6)).pairs);
    // Nothing else takes the one form for the other.
    const strict = await viewOf(grown, { ranges });
    strict[how].add(`${alone}`);
    expect(await failure(strict.view.page(5))).toMatchObject({
      code: how === "lost" ? "ERR_NOT_FOUND" : "ERR_INTEGRITY",
    });
  });
});

test("if neither can be had, the error is that of the form that was wanted", async () => {
  const made = await viewOf(grown, { requestBytes: 1 });
  const { alone, bundle } = await made.inTree(5);
  made.damaged.add(`${alone}`);
  made.lost.add(`${bundle.address}`);
  expect(await failure(read(made.view, 20, 21))).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(await failure(made.view.subtree(21, 1))).toMatchObject({ code: "ERR_INTEGRITY" });
  const other = await viewOf(grown);
  other.lost.add(`${alone}`);
  other.damaged.add(`${bundle.address}`);
  expect(await failure(read(other.view, 16, 32))).toMatchObject({ code: "ERR_INTEGRITY" });
  // What comes before it is delivered.
  const before: number[] = [];
  const reading = (async () => {
    for await (const { sequence } of readEntries(other.view, { from: 12, to: 32 }, { limits: defaultLimits }))
      before.push(sequence);
  })();
  expect(await failure(reading)).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(before).toEqual([12, 13, 14, 15]);
});

test.each([true, false])(
  "of a bundle no more is read for a page than has to be (ranges: %s)",
  async (ranges) => {
    const { view, inTree, storage } = await viewOf(grown, { ranges });
    const { alone, bundle } = await inTree(5);
    const asked: (ByteRange | undefined)[] = [];
    storage.before = async (address, { range }) => {
      if (address.equals(bundle.address)) asked.push(range);
      return address.equals(alone) ? absent(address) : undefined;
    };
    await view.pageInEitherForm(5, never);
    const [, length, third, fourth] = bundle.lengths;
    expect(asked).toEqual(ranges ? [{ offset: third! + fourth!, length }] : [undefined]);
  },
);

test("a bundle that some of the pages are in alone is not replaced", async () => {
  const written = await writeLog(entries, { settings: smallCuts, bundles: "writer", publishAt: [5, 9] });
  const made = await viewOf(written);
  const { alone, bundle } = await made.inTree(0);
  expect(alone).not.toEqual(bundle.address);
  expect((await made.inTree(3)).alone).toEqual(bundle.address);
  made.lost.add(`${bundle.address}`);
  expect(await failure(read(made.view, 0, 16))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(made.storage.reads).not.toContain(`${alone}`);
  expect(await failure(made.view.pageInEitherForm(3, never))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(made.storage.reads.filter((address) => address === `${bundle.address}`)).toHaveLength(2);
  expect(await read(made.view, 0, 8)).toEqual(entries.slice(0, 8));
});

test("what is stored in one form alone is asked for once", async () => {
  const made = await viewOf(imported);
  const { bundle } = await made.inTree(5);
  made.lost.add(`${bundle.address}`);
  expect(await failure(read(made.view, 16, 32))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(made.storage.reads.filter((address) => address === `${bundle.address}`)).toHaveLength(1);
  // A page that is in no bundle.
  const newest = await made.view.ref(0, 36);
  made.lost.add(`${newest.address}`);
  expect(await failure(read(made.view, 144, 148))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(made.storage.reads.filter((address) => address === `${newest.address}`)).toHaveLength(1);
});

test("at most 8 pages are read at once in the place of a bundle", async () => {
  const cuts = { leafSize: 4, fanOut: 128 } as const;
  const publishAt = Array.from({ length: 65 }, (_, i) => 4 * i + 1);
  const many = contents(300);
  const written = await writeLog(many, { settings: cuts, bundles: "writer", publishAt });
  const made = await viewOf(written);
  const { bundle } = await made.inTree(0);
  expect(bundle.lengths.length).toBe(64);
  made.storage.before = async (address) => {
    await new Promise((resolve) => setImmediate(resolve));
    return address.equals(bundle.address) ? absent(address) : undefined;
  };
  expect(await read(made.view, 0, 256)).toEqual(many.slice(0, 256));
  expect(made.storage.mostInFlight).toBe(8);
});

test("whoever gives up meanwhile gets that as the error", async () => {
  for (const [what, requestBytes] of [
    ["alone", 1],
    ["bundle", 2048],
  ] as const) {
    const controller = new AbortController();
    const made = await viewOf(grown, { requestBytes });
    const { alone, bundle } = await made.inTree(5);
    const first = what === "alone" ? alone : bundle.address;
    made.storage.before = async (address) => {
      if (address.equals(first)) return absent(address);
      controller.abort(new Error("gave up"));
      return absent(address);
    };
    const reading = read(made.view, 16, what === "alone" ? 17 : 32, controller.signal);
    expect(await failure(reading)).toMatchObject({ message: "gave up" });
  }
});
