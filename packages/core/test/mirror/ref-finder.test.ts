// Which ref of a copy counts: that of a source which the target has, that of the first source, or that of the target.

import { failure } from "@remote-log/test-kit";
import { describe, expect, test } from "vitest";
import { Address, NotFoundError } from "../../src/index.ts";
import type { Ref } from "../../src/log/page.ts";
import { RefFinder } from "../../src/mirror/ref-finder.ts";
import type { TreeCopy } from "../../src/mirror/tree-copy.ts";
import type { TreeView } from "../../src/tree/tree-view.ts";

const refAt = (byte: number): Ref => ({
  address: Address.create(0x55, 0x12, new Uint8Array(32).fill(byte)),
  hash: new Uint8Array(32),
});

const gone = new NotFoundError("It is not there.", { operation: "storage.get" });

/** A tree that shows one ref, or none; it waits for nothing but an abort. */
function treeOf(byte: number | undefined, asked: unknown[] = []): TreeView {
  return {
    head: { shape: { levels: [{ first: 0, refs: 9 }] } },
    ref: async (level: number, index: number, signal: AbortSignal) => {
      asked.push([level, index]);
      signal.throwIfAborted();
      if (byte === undefined) throw gone;
      return refAt(byte);
    },
  } as unknown as TreeView;
}

function finderOf(given: {
  readonly views: readonly (number | undefined)[];
  readonly known?: number;
  readonly held?: readonly (number | undefined)[];
  readonly unchanged?: boolean;
}) {
  const controller = new AbortController();
  const asked: unknown[] = [];
  const { views, known, held = [], unchanged = false } = given;
  const copy = {
    views: views.map((byte) => treeOf(byte, asked)),
    known: { child: async () => (known === undefined ? undefined : refAt(known)) },
    held: held.map((byte) => treeOf(byte)),
    unchanged,
  } as unknown as TreeCopy;
  const errors: unknown[] = [];
  const finder = new RefFinder(copy, controller.signal);
  return { find: () => finder.find(0, 5, errors), finder, copy, errors, asked, controller };
}

const found = (byte: number, isKnown: boolean) => ({ ref: refAt(byte), isKnown });

test.each([
  ["the first source that shows one", { views: [undefined, 2, 3] }, found(2, false), 2],
  ["no other source, if the target knows nothing", { views: [1, 2] }, found(1, false), 1],
  ["the source that shows what the target has", { views: [1, 2, 3], known: 2 }, found(2, true), 2],
  ["the first source, if none shows what the target has", { views: [1, 2], known: 9 }, found(1, false), 2],
  ["what the target has, if no source shows any", { views: [undefined], known: 9 }, found(9, true), 1],
  [
    "what the target shows, if it does not have all of it",
    { views: [undefined], held: [undefined, 8, 7] },
    found(8, false),
    1,
  ],
  [
    "the first tree alone, if it is copied as it is",
    { views: [1, 2], known: 2, unchanged: true },
    found(1, false),
    1,
  ],
  ["the first tree, which the target has", { views: [2, 1], known: 2, unchanged: true }, found(2, true), 1],
])("%s", async (_, given, expected, count) => {
  const { find, asked } = finderOf(given);
  expect(await find()).toEqual(expected);
  expect(asked).toEqual(new Array(count).fill([0, 5]));
});

test("nothing, if nobody shows it; one tree as it is takes nothing from the target", async () => {
  const nobody = finderOf({ views: [undefined, undefined], held: [undefined] });
  expect(await nobody.find()).toBeUndefined();
  expect(nobody.errors).toEqual([gone, gone]);
  const alone = finderOf({ views: [undefined, 1], known: 2, held: [2], unchanged: true });
  expect(await alone.find()).toBeUndefined();
  expect(alone.errors).toEqual([gone]);
});

test("an abort is no absence", async () => {
  const { find, finder, copy, controller, errors } = finderOf({ views: [1] });
  controller.abort("gave up");
  expect(await failure(find())).toBe("gave up");
  expect(await failure(finder.refOf(copy.views[0]!, 0, 0, []))).toBe("gave up");
  expect(errors).toEqual([]);
});

describe("a node that the target has at another address", () => {
  const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
  const findNode = async (
    level: number,
    given: Partial<TreeCopy> & { readonly hash?: Uint8Array; readonly index?: number } = {},
  ) => {
    const { index = 2, hash: knownHash = hash(1), ...copy } = given;
    const shown = { ...refAt(5), hash: hash(1) };
    const known = { ...refAt(6), hash: knownHash };
    const levels = [4, 16, 64].map((leavesPerRef) => ({ first: 0, refs: 9, leavesPerRef }));
    const view = { head: { shape: { levels } }, ref: async () => shown };
    const parts = {
      views: [view],
      known: { child: async () => known },
      held: [],
      unchanged: false,
      bundles: "made",
      removed: [],
      ...copy,
    } as unknown as TreeCopy;
    const one = await new RefFinder(parts, new AbortController().signal).find(level, index, []);
    return one?.ref === known && one.isKnown;
  };

  test("is the same if the copy made bundles in it", async () => {
    expect(await findNode(1)).toBe(true);
    expect(await findNode(2)).toBe(true);
    expect(await findNode(1, { index: 0 })).toBe(true);
  });

  test("is another if it is a page, or has other entries, or the copy makes no bundles", async () => {
    expect(await findNode(0)).toBe(false);
    expect(await findNode(1, { hash: hash(2) })).toBe(false);
    expect(await findNode(1, { bundles: "copied" })).toBe(false);
    expect(await findNode(1, { bundles: undefined })).toBe(false);
  });

  test("is another if contents were removed below it, which the source may have taken out since", async () => {
    // It has the entries from 32 up to 48.
    const removed = (first: number, count: number) => findNode(1, { removed: [{ first, count }] });
    expect(await removed(31, 1)).toBe(true);
    expect(await removed(48, 4)).toBe(true);
    expect(await removed(32, 1)).toBe(false);
    expect(await removed(47, 1)).toBe(false);
    expect(await removed(0, 100)).toBe(false);
    // That of the second level begins at 128.
    expect(await findNode(2, { removed: [{ first: 127, count: 1 }] })).toBe(true);
    expect(await findNode(2, { removed: [{ first: 191, count: 1 }] })).toBe(false);
  });
});
