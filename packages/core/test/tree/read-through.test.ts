// What a view keeps of what it reads, if its gate keeps anything.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { Address, rawSha256 } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import type { ReadGate } from "../../src/tree/read-gate.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

const { signal: never } = new AbortController();

let log: WrittenLog;
beforeAll(async () => {
  log = await writeLog(contents(30), { settings: smallCuts });
});

async function viewWith(gate: Partial<ReadGate>) {
  const storage = new ScriptedStorage(log.contents);
  Object.assign(storage.capabilities, { ranges: true });
  const run: ReadGate["run"] = (_, work) => work();
  const head = await verifyHead(log.head, log.logId);
  return { storage, view: new TreeView(head, storage, defaultLimits, never, { run, ...gate }) };
}

const someAddress = (): Address => Address.fromString([...log.contents.keys()][0]!);

test("an object is read through what keeps objects, which is told how, and by the gate only if that asks", async () => {
  const asked: unknown[] = [];
  let runs = 0;
  const { view, storage } = await viewWith({
    run: (_, work) => {
      runs++;
      return work();
    },
    readThrough: (address, options, read) => {
      asked.push([`${address}`, options.hashTypes, options.maxBytes, options.signal?.aborted]);
      return read();
    },
  });
  const address = someAddress();
  const bytes = log.contents.get(`${address}`)!;
  expect(await view.object(address, 9999, never)).toEqual(bytes);
  expect(asked).toEqual([[`${address}`, storage.capabilities.hashTypes, 9999, false]]);
  expect([runs, storage.reads.length]).toEqual([1, 1]);
  expect(await view.hinted(address, never)).toEqual(bytes);
  expect(asked[1]).toEqual([`${address}`, [rawSha256], defaultLimits.contentBytes, false]);
});

test("what is kept is not asked for at the storage", async () => {
  const own = new Uint8Array([1, 2, 3]);
  const { view, storage } = await viewWith({ readThrough: async () => own });
  expect(await view.object(someAddress(), 9999, undefined)).toBe(own);
  expect(await view.hinted(someAddress(), never)).toBe(own);
  expect(storage.reads).toEqual([]);
});

test("what fails there fails, and a hint that can't be had is none", async () => {
  const reason = new Error("not kept");
  const { view } = await viewWith({ readThrough: () => Promise.reject(reason) });
  expect(await failure(view.object(someAddress(), 9999, never))).toBe(reason);
  expect(await view.hinted(someAddress(), never)).toBeUndefined();
});

test("a hint goes through the gate once, and is not repeated", async () => {
  const ways: string[] = [];
  const { view } = await viewWith({
    run: (_, work) => {
      ways.push("run");
      return work();
    },
    once: (_, work) => {
      ways.push("once");
      return work();
    },
    readThrough: (_, __, read) => read(),
  });
  await view.hinted(someAddress(), never);
  expect(ways).toEqual(["once"]);
});

test("parts of objects are read only if nothing is kept", async () => {
  expect((await viewWith({})).view.readsRanges).toBe(true);
  expect((await viewWith({ readThrough: (_, __, read) => read() })).view.readsRanges).toBe(false);
});
