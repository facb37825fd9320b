// Parts of bundles: some pages out of one, by one range of its bytes.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { type ByteRange, type GetOptions, UnreachableError } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { readBundle, readRun } from "../../src/tree/read-bundle.ts";
import { readEntries } from "../../src/tree/read-entries.ts";
import type { ReadGate } from "../../src/tree/read-gate.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

const SIZE = 150;
const entries = contents(SIZE);
const never = new AbortController().signal;

/** Appended at once: older pages are in bundles of four pages alone. */
let imported: WrittenLog;

beforeAll(async () => {
  imported = await writeLog(entries, { settings: smallCuts, bundles: "writer" });
});

async function viewOf({
  ranges = true,
  gate,
  closing = never,
}: {
  readonly ranges?: boolean;
  readonly gate?: ReadGate;
  readonly closing?: AbortSignal;
} = {}) {
  const storage = new ScriptedStorage(imported.contents);
  const { capabilities } = storage;
  Object.assign(storage, { capabilities: { ...capabilities, requestBytes: 1, ...(ranges && { ranges }) } });
  const parts: ByteRange[] = [];
  let before: (options: GetOptions) => Promise<Uint8Array | undefined> | undefined = () => undefined;
  const wholes: string[] = [];
  storage.before = (address, options) => {
    if (options.range === undefined) wholes.push(`${address}`);
    if (options.range === undefined) return undefined;
    parts.push(options.range);
    return before(options);
  };
  const head = await verifyHead(imported.head, imported.logId);
  const view = new TreeView(head, storage, defaultLimits, closing, gate);
  const [bundle] = (await view.neighbours(4)).bundles;
  return {
    storage,
    view,
    bundle: bundle!,
    parts,
    /** How often the whole bundle was read. */
    wholes: () => wholes.filter((read) => read === `${bundle!.address}`).length,
    answer: (next: typeof before) => {
      before = next;
    },
  };
}

test("an entry out of an import takes its page alone", async () => {
  const { view, parts, bundle, wholes } = await viewOf();
  const found: Uint8Array[] = [];
  for await (const { content } of readEntries(view, { from: 22, to: 23 }, { limits: defaultLimits }))
    found.push(content);
  expect(found).toEqual([entries[22]]);
  const [, , third, fourth] = bundle.lengths;
  // Page 5 is the second of the bundle, and the newest page comes first.
  expect(parts).toEqual([{ offset: third! + fourth!, length: bundle.lengths[1] }]);
  expect(wholes()).toBe(0);
});

test("every run of pages is read as the whole bundle has it", async () => {
  const { view, bundle, parts } = await viewOf();
  const whole = await readBundle(view, bundle, never);
  for (let from = 4; from < 8; from++) {
    for (let to = from + 1; to <= 8; to++) {
      const pages = await readRun(view, bundle, { from, to }, never);
      expect(pages).toEqual(whole.slice(from - 4, to - 4));
    }
  }
  expect(parts.length).toBe(10);
});

test("every stretch of the log is read, as ranges or as bundles", async () => {
  for (let from = 0; from < SIZE; from += 7) {
    for (const to of [from + 1, from + 3, from + 16, from + 40]) {
      const { view } = await viewOf();
      const found: Uint8Array[] = [];
      const stretch = { from, to: Math.min(to, SIZE) };
      for await (const { content } of readEntries(view, stretch, { limits: defaultLimits }))
        found.push(content);
      expect(found).toEqual(entries.slice(from, stretch.to));
    }
  }
});

test.each<[string, (options: GetOptions) => Promise<Uint8Array>]>([
  ["is refused", () => Promise.reject(new UnreachableError("No.", { operation: "storage.get" }))],
  ["is empty", async () => new Uint8Array(0)],
  ["is longer", async ({ range }) => new Uint8Array(range!.length + 1)],
  ["is shorter", async ({ range }) => new Uint8Array(range!.length - 1)],
  ["has other bytes", async ({ range }) => new Uint8Array(range!.length)],
])("a range that %s is made up for by the whole bundle", async (_, answered) => {
  const { view, bundle, parts, wholes, answer } = await viewOf();
  answer(answered);
  const whole = await readBundle(view, bundle, never);
  expect(await readRun(view, bundle, { from: 5, to: 7 }, never)).toEqual(whole.slice(1, 3));
  expect(parts.length).toBe(1);
  expect(wholes()).toBe(2);
});

test("once a range could not be had, none is asked for any more", async () => {
  const { view, bundle, parts, answer } = await viewOf();
  expect(view.readsRanges).toBe(true);
  answer(() => Promise.reject(new UnreachableError("No.", { operation: "storage.get" })));
  await readRun(view, bundle, { from: 5, to: 6 }, never);
  expect(view.readsRanges).toBe(false);
  await view.page(12);
  expect(parts.length).toBe(1);
  // An abort takes nothing back.
  const aborted = AbortSignal.abort("gone");
  expect(await failure(view.part(bundle.address, { offset: 0, length: 1 }, aborted))).toBe("gone");
  expect(view.readsRanges).toBe(false);
});

test("a range that nobody waits for any more says nothing about the storage, and the bundle is not read", async () => {
  const { view, bundle, wholes, answer } = await viewOf();
  const controller = new AbortController();
  answer(() => {
    controller.abort("enough");
    return Promise.reject(new UnreachableError("No.", { operation: "storage.get" }));
  });
  expect(await failure(readRun(view, bundle, { from: 5, to: 6 }, controller.signal))).toBe("enough");
  expect(view.readsRanges).toBe(true);
  expect(wholes()).toBe(0);
  const aborted = AbortSignal.abort("gone");
  expect(await failure(view.part(bundle.address, { offset: 0, length: 1 }, aborted))).toBe("gone");
});

test("a range ends when the reader closes", async () => {
  const closing = new AbortController();
  const { view, bundle, answer } = await viewOf({ closing: closing.signal });
  answer(({ signal }) => {
    closing.abort("closed");
    expect(signal!.aborted).toBe(true);
    return Promise.reject(signal!.reason);
  });
  expect(await failure(view.part(bundle.address, { offset: 0, length: 1 }, never))).toBe("closed");
});

test("a range of more bytes than a page may have is left to the storage to refuse", async () => {
  const { view, bundle, storage, answer } = await viewOf();
  answer(async () => new Uint8Array(1));
  const range = { offset: 0, length: 1 };
  expect(await view.part(bundle.address, range, never)).toEqual(new Uint8Array(1));
  expect(storage.limits.at(-1)).toBe(defaultLimits.pageBytes);
});

test("a storage that declares no ranges is asked for none", async () => {
  const { view, parts } = await viewOf({ ranges: false });
  expect(view.readsRanges).toBe(false);
  await view.page(5);
  for await (const _ of readEntries(view, { from: 20, to: 21 }, { limits: defaultLimits }));
  expect(parts).toEqual([]);
});

test("whoever wants a second page of a bundle gets all of it, for the others as well", async () => {
  const { view, bundle, parts, wholes } = await viewOf();
  const { pairs } = await view.page(6);
  expect(pairs.length).toBe(4);
  expect(parts).toEqual([{ offset: bundle.lengths[3], length: bundle.lengths[2] }]);
  expect([parts.length, wholes()]).toEqual([1, 0]);
  await view.page(5);
  expect([parts.length, wholes()]).toEqual([1, 1]);
  // Of another bundle the first page is read alone; what is held of this one is used.
  await view.page(8);
  expect([parts.length, wholes()]).toEqual([2, 1]);
  await view.page(4);
  expect([parts.length, wholes()]).toEqual([2, 1]);
});

test("a range is not repeated, where reads can be told apart", async () => {
  const ways: string[] = [];
  const run: ReadGate["run"] = (_signal, work) => {
    ways.push("run");
    return work();
  };
  const once: NonNullable<ReadGate["once"]> = (_signal, work) => {
    ways.push("once");
    return work();
  };
  const { view, bundle } = await viewOf({ gate: { run, once } });
  ways.length = 0;
  await readRun(view, bundle, { from: 5, to: 6 }, never);
  expect(ways).toEqual(["once"]);
});
