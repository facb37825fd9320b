// Pages that are read beside the nodes above them, by whoever stored them: what is asked at once, and what that proves.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test, vi } from "vitest";
import { addressOf, rawSha256 } from "../../src/address/hash-type.ts";
import type { RemoteRecords } from "../../src/journal/remote-records.ts";
import type { Bundle } from "../../src/log/bundle.ts";
import { verifyHead } from "../../src/log/head.ts";
import { encodePage, type Ref } from "../../src/log/page.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { type KnownPages, KnownTree, knownPages } from "../../src/writer/known-tree.ts";
import { kindsOf } from "../reader/forger.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

const { signal } = new AbortController();

let log: WrittenLog;
let refs: Ref[];

beforeAll(async () => {
  log = await writeLog(contents(45), { settings: foldingCuts });
  const { view } = await viewOf();
  refs = await Promise.all(Array.from({ length: view.pages }, (_, page) => view.ref(0, page)));
});

async function viewOf(lacks: readonly string[] = []) {
  const storage = new ScriptedStorage(new Map([...log.contents].filter(([text]) => !lacks.includes(text))));
  return {
    storage,
    view: new TreeView(await verifyHead(log.head, log.logId), storage, defaultLimits, signal),
  };
}

/** What a writer knows: where each page is, or another one in its place, and in which bundle. */
const knowing = (of: (page: number) => Ref | undefined, bundle?: Bundle): KnownPages => ({
  ref: async (page) => of(page),
  bundle: async () => bundle,
});

test("a page is asked for before the nodes have come that lead to it, and both are read", async () => {
  for (const page of [0, 7, 21]) {
    const { storage, view } = await viewOf();
    const { storage: plain, view: other } = await viewOf();
    const expected = await other.page(page);
    const address = `${refs[page]!.address}`;
    let asked: () => void;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    storage.before = async (one) => {
      if (`${one}` === address) asked();
      await isAsked;
      return undefined;
    };
    expect(
      await new KnownTree(
        view,
        knowing((one) => refs[one]),
      ).page(page, signal),
    ).toEqual(expected);
    expect([...new Set(storage.reads)].sort()).toEqual([...new Set(plain.reads)].sort());
  }
});

test("if readers are led to another page, or to a bundle, they are followed", async () => {
  const { view: plain } = await viewOf();
  const expected = await plain.page(5);
  const bundle = { first: 4, address: refs[0]!.address, lengths: [10, 10] };
  for (const known of [
    knowing((page) => refs[page - 2]),
    knowing((page) => refs[page], bundle),
    knowing(() => undefined),
  ]) {
    const { storage, view } = await viewOf();
    expect(await new KnownTree(view, known).page(5, signal)).toEqual(expected);
    expect(storage.reads).toContain(`${refs[5]!.address}`);
  }
});

test("a page is read once if its node says of it what the writer noted, and again if it says something else", async () => {
  const bundle = (first = 4, last = 10, at = 0): Bundle => ({
    first,
    address: refs[at]!.address,
    lengths: [10, last],
  });
  for (const [shown, noted, reads] of [
    [undefined, undefined, 1],
    [bundle(), bundle(), 1],
    [bundle(), undefined, 2],
    [undefined, bundle(), 2],
    [bundle(), bundle(4, 11), 2],
    [bundle(5), bundle(4), 2],
    [bundle(4, 10, 1), bundle(), 2],
  ] as const) {
    const { storage, view } = await viewOf();
    view.neighbours = async () => ({ end: 22, bundles: shown === undefined ? [] : [shown] });
    await new KnownTree(
      view,
      knowing((page) => refs[page], noted),
    ).page(5, signal);
    expect(storage.reads.filter((text) => text === `${refs[5]!.address}`).length).toBe(reads);
  }
});

test("the same entries elsewhere are not where readers are led to", async () => {
  const { storage, view } = await viewOf();
  const bytes = encodePage((await view.page(5)).pairs, refs[0]!.address);
  const address = await addressOf(bytes, rawSha256);
  storage.before = async (one) => (`${one}` === `${address}` ? bytes : undefined);
  storage.reads.length = 0;
  const known = knowing((page) => ({ ...refs[page]!, address }));
  await new KnownTree(view, known).page(5, signal);
  for (const one of [address, refs[5]!.address]) expect(storage.reads).toContain(`${one}`);
});

test("a bundle is looked for among those that begin at most a run before the page", async () => {
  const load = vi.fn<(first: number, end: number) => Promise<Bundle[]>>(async (first) =>
    [4, 8].filter((one) => one >= first).map((one) => ({ ...refs[0]!, first: one, lengths: [1, 2, 3, 4] })),
  );
  const loadRef = vi.fn<(level: number, page: number) => Promise<Ref>>(async (_, page) => refs[page]!);
  const pages = knownPages({ loadRef, bundles: { load } } as unknown as RemoteRecords, 4);
  expect(await pages.bundle(7)).toMatchObject({ first: 4 });
  expect(await pages.bundle(8)).toMatchObject({ first: 8 });
  expect(await pages.bundle(2)).toBeUndefined();
  expect(load.mock.calls).toEqual([
    [4, 8],
    [5, 9],
    [0, 3],
  ]);
  expect(await pages.ref(3)).toBe(refs[3]);
  expect(loadRef.mock.calls).toEqual([[0, 3]]);
});

test("of the newest pages nothing is read in the journal", async () => {
  const load = vi.fn<(first: number, end: number) => Promise<Bundle[]>>(async () => []);
  const loadRef = vi.fn<(level: number, page: number) => Promise<Ref>>(async (_, page) => refs[page]!);
  const records = { loadRef, bundles: { load } } as unknown as RemoteRecords;
  const bundle: Bundle = { first: 8, address: refs[0]!.address, lengths: [1, 2] };
  const newest = { first: 8, refs: refs.slice(8, 11), bundles: [bundle] };
  const pages = knownPages(records, 4, newest);
  expect(await Promise.all([8, 10].map((page) => pages.ref(page)))).toEqual([refs[8], refs[10]]);
  expect(await Promise.all([9, 10].map((page) => pages.bundle(page)))).toEqual([bundle, undefined]);
  expect(await knownPages(records, 4, { first: 8, refs: newest.refs }).bundle(9)).toBeUndefined();
  expect([loadRef.mock.calls, load.mock.calls]).toEqual([[], []]);
  for (const page of [7, 11]) {
    expect(await pages.ref(page)).toBe(refs[page]);
    expect(await pages.bundle(page)).toBeUndefined();
  }
  expect([loadRef.mock.calls.length, load.mock.calls.length]).toEqual([2, 2]);
});

test("each page is looked up once, however often it is asked for", async () => {
  const { view } = await viewOf();
  const ref = vi.fn<KnownPages["ref"]>(async (page) => refs[page]);
  const bundle = vi.fn<KnownPages["bundle"]>(async () => undefined);
  const tree = new KnownTree(view, { ref, bundle });
  for (const page of [5, 7, 5]) await tree.page(page, signal);
  expect([ref.mock.calls, bundle.mock.calls]).toEqual([
    [[5], [7]],
    [[5], [7]],
  ]);
});

test("what is not there is missed, whether it is the page or a node", async () => {
  const kinds = kindsOf(log);
  const nodes = [...kinds].filter(([, kind]) => kind === "node").map(([text]) => text);
  for (const lacks of [[`${refs[5]!.address}`], nodes]) {
    const { view } = await viewOf(lacks);
    const reading = new KnownTree(
      view,
      knowing((page) => refs[page]),
    ).page(5, signal);
    expect(await failure(reading)).toMatchObject({ code: "ERR_NOT_FOUND" });
  }
});
