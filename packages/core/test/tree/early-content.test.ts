// The content of the newest snapshot, read before its entry: when that begins, what it gives, and when it ends.

import { until } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { Semaphore } from "../../src/async/semaphore.ts";
import { Address, UnreachableError } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import type { Pair } from "../../src/log/pair.ts";
import { EarlyContent } from "../../src/tree/early-content.ts";
import { readEntries } from "../../src/tree/read-entries.ts";
import type { ReadGate } from "../../src/tree/read-gate.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { addressText, hinting } from "../reader/snapshot-log.ts";
import { content, contents, type WrittenLog, writeLog } from "../reader/written-log.ts";

// Four entries to a page, of which the fourth is an object of its own; nine are in pages.
const SNAPSHOT = 3;
const SIZE = 9;
const never = new AbortController().signal;

let log: WrittenLog;
let hint: Address;
beforeAll(async () => {
  log = await writeLog(contents(SIZE), { snapshot: SNAPSHOT });
  hint = Address.fromString(await addressText(content(SNAPSHOT)));
});

async function viewOf({ head }: Pick<WrittenLog, "head"> = log, gate?: ReadGate, closing = never) {
  const storage = new ScriptedStorage(log.contents);
  const view = new TreeView(await verifyHead(head, log.logId), storage, defaultLimits, closing, gate);
  return { storage, view };
}

const pairAt = async (view: TreeView, sequence: number): Promise<Pair> =>
  (await view.page(Math.floor(sequence / 4))).pairs[sequence % 4]!;

test("it begins with the newest snapshot, if the head says where it is and does not have its entry", async () => {
  const { view, storage } = await viewOf();
  for (const from of [0, SNAPSHOT - 1, SNAPSHOT + 1, SIZE])
    expect(EarlyContent.begin(view, from, never)).toBeUndefined();
  expect(storage.reads).toEqual([]);
  const early = EarlyContent.begin(view, SNAPSHOT, never);
  expect(await early!.take(await pairAt(view, SNAPSHOT))).toEqual(content(SNAPSHOT));
  expect(storage.reads[0]).toBe(`${hint}`);
  expect(storage.limits[0]).toBe(defaultLimits.contentBytes);

  const untold = await viewOf({ head: hinting(log.head) });
  expect(EarlyContent.begin(untold.view, SNAPSHOT, never)).toBeUndefined();
  // At the border: with eight entries the second page is the head's.
  for (const [size, snapshot] of [
    [8, 4],
    [8, 3],
    [5, 3],
    [4, 3],
  ] as const) {
    const at = await writeLog(contents(size), { snapshot, largestEmbedded: 0 });
    const other = new ScriptedStorage(at.contents);
    const head = await verifyHead(hinting(at.head, hint.bytes), at.logId);
    const begun = EarlyContent.begin(new TreeView(head, other, defaultLimits, never), snapshot, never);
    expect(begun !== undefined, `${snapshot} of ${size}`).toBe(snapshot < 4 && size > 4);
  }
});

test("a head without a manifest says nothing of a snapshot, whatever it says", async () => {
  const plain = await writeLog(contents(SIZE));
  const head = await verifyHead(hinting(plain.head, hint.bytes), plain.logId);
  const view = new TreeView(head, new ScriptedStorage(plain.contents), defaultLimits, never);
  expect(head.snapshotContent?.equals(hint)).toBe(true);
  for (const from of [0, SNAPSHOT]) expect(EarlyContent.begin(view, from, never)).toBeUndefined();
});

test("it ends, and gives nothing, for an entry that is embedded, removed or elsewhere", async () => {
  const { view, storage } = await viewOf();
  const pair = await pairAt(view, SNAPSHOT);
  const elsewhere = Address.fromString(await addressText(content(SNAPSHOT + 7)));
  const places: Pair["place"][] = [
    { kind: "embedded", stored: content(SNAPSHOT) },
    { kind: "removed" },
    { kind: "pointer", address: elsewhere },
  ];
  for (const place of places) {
    let ended = false;
    storage.before = (_, { signal }) =>
      new Promise((_resolve, reject) =>
        signal!.addEventListener("abort", () => {
          ended = true;
          reject(signal!.reason);
        }),
      );
    expect(await EarlyContent.begin(view, SNAPSHOT, never)!.take({ ...pair, place })).toBeUndefined();
    await until(() => ended);
  }
});

test("it ends with the reading that it is for, and what fails is nothing", async () => {
  const { view, storage } = await viewOf();
  const pair = await pairAt(view, SNAPSHOT);
  const reading = new AbortController();
  let signal: AbortSignal | undefined;
  storage.before = (_, options) => {
    ({ signal } = options);
    return new Promise((_resolve, reject) =>
      options.signal!.addEventListener("abort", () => reject(options.signal!.reason)),
    );
  };
  const early = EarlyContent.begin(view, SNAPSHOT, reading.signal)!;
  await until(() => signal !== undefined);
  reading.abort();
  expect(await early.take(pair)).toBeUndefined();
  storage.before = () => Promise.reject(new UnreachableError("Gone.", { operation: "storage.get" }));
  expect(await EarlyContent.begin(view, SNAPSHOT, never)!.take(pair)).toBeUndefined();
  storage.before = () => Promise.resolve(Uint8Array.of(1));
  expect(await EarlyContent.begin(view, SNAPSHOT, never)!.take(pair)).toBeUndefined();
});

test("it goes through the gate as a read on which nobody depends, if the gate knows such reads", async () => {
  const ways: string[] = [];
  const semaphore = new Semaphore(1);
  const run: ReadGate["run"] = (signal, work) => {
    ways.push("run");
    return semaphore.run(signal, work);
  };
  const once: NonNullable<ReadGate["once"]> = (signal, work) => {
    ways.push("once");
    return semaphore.run(signal, work);
  };
  expect(await (await viewOf(log, { run, once })).view.hinted(hint, never)).toEqual(content(SNAPSHOT));
  expect(await (await viewOf(log, { run })).view.hinted(hint, never)).toEqual(content(SNAPSHOT));
  expect(ways).toEqual(["once", "run"]);
});

test("a stretch that begins with the snapshot uses it, and reads it once", async () => {
  for (const [head, reads] of [
    [log.head, 1],
    [hinting(log.head), 1],
    [hinting(log.head, Address.fromString(await addressText(Uint8Array.of(1))).bytes), 2],
  ] as const) {
    const { view, storage } = await viewOf({ head });
    const found: Uint8Array[] = [];
    for await (const entry of readEntries(
      view,
      { from: SNAPSHOT, to: SNAPSHOT + 2 },
      { limits: defaultLimits },
    ))
      found.push(entry.content);
    expect(found).toEqual([content(SNAPSHOT), content(SNAPSHOT + 1)]);
    // A page of each of the two, and contents.
    expect(storage.reads.length).toBe(2 + reads);
  }
  const { view, storage } = await viewOf();
  for await (const _ of readEntries(view, { from: SNAPSHOT, to: SNAPSHOT }, { limits: defaultLimits })) break;
  expect(storage.reads).not.toContain(`${hint}`);
});

test("only the first entry can be the one that was begun with", async () => {
  // The second entry of the stretch has the content that the head names for the first.
  const at = await writeLog([content(0), content(1), ...contents(SIZE).slice(2)], {
    snapshot: 2,
    largestEmbedded: 0,
  });
  const second = Address.fromString(await addressText(content(SNAPSHOT)));
  const storage = new ScriptedStorage(at.contents);
  const head = await verifyHead(hinting(at.head, second.bytes), at.logId);
  const view = new TreeView(head, storage, defaultLimits, never);
  const found: Uint8Array[] = [];
  for await (const entry of readEntries(view, { from: 2, to: 4 }, { limits: defaultLimits }))
    found.push(entry.content);
  expect(found).toEqual([content(2), content(3)]);
  expect(storage.reads.filter((text) => text === `${second}`).length).toBe(2);
});
