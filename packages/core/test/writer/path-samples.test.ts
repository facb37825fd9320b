// What is read back of a remote: the right edge once, one page at random each time, and more after a doubt.

import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { EarlySample, PathSamples } from "../../src/writer/path-samples.ts";
import type { PathVerdict } from "../../src/writer/read-path.ts";
import { kindsOf } from "../reader/forger.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

/** 22 pages of two entries, of which the last five entries are new. */
const SIZE = 45;
const SINCE = 40;
const { signal } = new AbortController();

let log: WrittenLog;
let kinds: ReadonlyMap<string, string>;

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { settings: foldingCuts });
  kinds = kindsOf(log);
});

beforeEach(() => {
  // Other pages are drawn each time, none of them new.
  let drawn = 0;
  vi.spyOn(Math, "random").mockImplementation(() => {
    drawn = (drawn + 1) % 17;
    return (drawn + 0.5) / 22;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Reads back once: how many pages were read, and whether the newest was among them. */
async function readBack(
  samples: PathSamples,
  more: { readonly since?: number; readonly lost?: string } = {},
) {
  const remote = scriptedRemote(new Map([...log.contents].filter(([text]) => text !== more.lost)), log.head);
  const path = { remote, logId: log.logId, content: log.head, since: more.since ?? SINCE, overdue: false };
  const verdict = await samples.read(path, signal);
  const pages = new Set(remote.storage.reads.filter((text) => kinds.get(text) === "page"));
  return { verdict, pages };
}

test("besides what is new one page is read back, and eight once all was looked for", async () => {
  const samples = new PathSamples();
  // The newest page, the first new one and the one before it, and one at random.
  expect((await readBack(samples)).pages.size).toBe(4);
  // The newest was read.
  expect((await readBack(samples)).pages.size).toBe(3);
  samples.doubt();
  expect((await readBack(samples)).pages.size).toBe(3 + 8);
  expect((await readBack(samples)).pages.size).toBe(3);
});

test("what was read of the right edge is not read again until it is forgotten", async () => {
  const samples = new PathSamples();
  const { verdict, pages } = await readBack(samples, { since: SIZE });
  expect(verdict.kind).toBe("whole");
  expect(pages.size).toBe(1);
  expect((await readBack(samples, { since: SIZE })).pages.size).toBe(0);
  for (const forget of [() => samples.clear(), () => samples.doubt()]) {
    forget();
    expect((await readBack(samples, { since: SIZE })).pages).toEqual(pages);
    expect((await readBack(samples, { since: SIZE })).pages.size).toBe(0);
  }
});

test("what was damaged is read again the next time, and as much besides", async () => {
  const samples = new PathSamples();
  const [newest] = (await readBack(new PathSamples(), { since: SIZE })).pages;
  samples.doubt();
  const { verdict } = await readBack(samples, { lost: newest! });
  expect(verdict.kind).toBe("damaged");
  expect((await readBack(samples)).pages.size).toBe(3 + 8);
});

test("what the name was set to is read at once, and anything else once the name shows it", async () => {
  const verdict: PathVerdict = { kind: "whole", edge: new Set() };
  const read = vi.fn<(content: Uint8Array, own: AbortSignal) => Promise<PathVerdict>>(async () => verdict);
  const [sent, other] = [Uint8Array.of(1), Uint8Array.of(2)];
  const sample = new EarlySample(sent, read, signal);
  expect(read).toHaveBeenCalledTimes(1);
  expect(await sample.of(Uint8Array.of(1))).toBe(verdict);
  expect(read).toHaveBeenCalledTimes(1);
  await sample.of(other);
  expect(read.mock.calls.map(([content]) => content)).toEqual([sent, other]);
  const late = new EarlySample(undefined, read, signal);
  expect(read).toHaveBeenCalledTimes(2);
  await late.of(sent);
  expect(read).toHaveBeenCalledTimes(3);
});

test("what nobody waits for ends, and nobody hears how", async () => {
  const unheard = vi.fn<(error: unknown) => void>();
  process.on("unhandledRejection", unheard);
  let own: AbortSignal | undefined;
  const sample = new EarlySample(
    Uint8Array.of(1),
    (_, signal) => {
      own = signal;
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("over"))));
    },
    signal,
  );
  await new Promise((resolve) => setImmediate(resolve));
  sample.end();
  expect(own?.aborted).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", unheard);
  expect(unheard).not.toHaveBeenCalled();
});

test("what was read before all of it was forgotten is read again", async () => {
  const samples = new PathSamples();
  const { verdict } = await readBack(new PathSamples(), { since: SIZE });
  const reading = readBack(samples, { since: SIZE });
  samples.doubt();
  await reading;
  expect(verdict.kind).toBe("whole");
  expect((await readBack(samples, { since: SIZE })).pages.size).toBe(1);
});
