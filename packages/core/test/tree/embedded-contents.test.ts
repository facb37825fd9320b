// Entries whose contents are in their pages: opened together, delivered one by one.

import { failure } from "@remote-log/test-kit";
import { beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { verifyHead } from "../../src/log/head.ts";
import { leftSealed } from "../../src/log/sealing-of.ts";
import { readEntries, readPairs } from "../../src/tree/read-entries.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

describe("embedded contents", () => {
  const isLong = (sequence: number): boolean => sequence === 0;
  const mixed = Array.from({ length: 80 }, (_, i) => new Uint8Array(isLong(i) ? 100 : 5).fill(i));
  let written: WrittenLog;

  beforeAll(async () => {
    const settings = { ...smallCuts, leafSize: 64, visibility: "private", padding: "none" } as const;
    written = await writeLog(mixed, { settings, largestEmbedded: 50 });
  });

  /** Reads on, and notes what was opened; the one with the number `fails` can't be. */
  async function reading(from: number, { fails = -1, before = async (): Promise<void> => undefined } = {}) {
    const opened: number[] = [];
    const open: typeof leftSealed.open = (sequence, held) => {
      if (sequence === fails) throw new Error("no");
      opened.push(sequence);
      return leftSealed.open(sequence, held);
    };
    const storage = new ScriptedStorage(written.contents);
    const view = new TreeView(
      await verifyHead(written.head, written.logId),
      storage,
      defaultLimits,
      new AbortController().signal,
    );
    storage.before = async (address) => {
      if (written.contents.get(address.toString())!.length <= 200) await before();
      return undefined;
    };
    const identity = { openingOf: async () => ({ open }) };
    const entries = readEntries(view, { from, to: 80 }, { limits: defaultLimits, identity });
    return { opened, entries };
  }

  test("are opened 16 at a time, as they are asked for", async () => {
    const { opened, entries } = await reading(1);
    for (const [sequence, most] of [
      [1, 16],
      [16, 16],
      [17, 32],
      [18, 32],
    ] as const) {
      for (let next = -1; next < sequence; ) next = (await entries.next()).value!.sequence;
      expect(opened).toEqual(Array.from({ length: most }, (_, i) => 1 + i));
    }
    await entries.return();
  });

  test("are opened no further ahead than 16 behind a content that is waited for", async () => {
    let show = (): void => undefined;
    const shown = new Promise<void>((resolve) => (show = resolve));
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const before = (): Promise<void> => {
      asked();
      return shown;
    };
    const { opened, entries } = await reading(0, { before });
    const first = entries.next();
    await isAsked;
    await new Promise((resolve) => setImmediate(resolve));
    expect(opened).toEqual(Array.from({ length: 16 }, (_, i) => 1 + i));
    show();
    expect((await first).value?.sequence).toBe(0);
    const rest: number[] = [];
    for await (const { sequence } of entries) rest.push(sequence);
    expect(rest).toEqual(Array.from({ length: 79 }, (_, i) => 1 + i));
  });

  test("end the stretch where one can't be opened, after all before it", async () => {
    for (const fails of [1, 2, 16, 17, 70]) {
      const { entries } = await reading(1, { fails });
      const read: number[] = [];
      const reads = (async () => {
        for await (const { sequence } of entries) read.push(sequence);
      })();
      expect(await failure(reads)).toMatchObject({ message: "no" });
      expect(read).toEqual(Array.from({ length: fails - 1 }, (_, i) => 1 + i));
    }
  });
});

test("pairs come with their numbers, before anything is opened", async () => {
  const log = await writeLog(contents(30));
  const head = await verifyHead(log.head, log.logId);
  const view = new TreeView(
    head,
    new ScriptedStorage(log.contents),
    defaultLimits,
    new AbortController().signal,
  );
  const read: [number, Uint8Array][] = [];
  const options = { limits: defaultLimits, signal: new AbortController().signal };
  for await (const [sequence, { localHash }] of readPairs(view, { from: 3, to: 30 }, options))
    read.push([sequence, localHash]);
  expect(read).toEqual(log.entries.map((content, i) => [i, sha256(content)]).slice(3));
});
