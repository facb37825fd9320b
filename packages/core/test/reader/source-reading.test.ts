// What is asked before an entry is delivered: a fork that another reader of the store has found stops this one within 256 entries.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import type { NewestState } from "../../src/reader/newest-state.ts";
import { SourceReading } from "../../src/reader/read-sources.ts";
import type { Entry } from "../../src/tree/entry.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import type { TreeView } from "../../src/tree/tree-view.ts";

const view = {} as TreeView;

/** Asks for each of 600 entries, of which those below a number may be delivered at once. */
function readingOf(known: number, checkStore: () => Promise<unknown>) {
  const deliverFrom = vi.fn<(view: TreeView, epoch: number) => Promise<void>>(async () => undefined);
  const newest = { mayDeliver: (sequence: number) => sequence < known, deliverFrom, checkStore };
  const controller = new AbortController();
  const all = { sources: [], newest: newest as unknown as NewestState, epoch: 7, limits: defaultLimits };
  const reading = new SourceReading(all, { from: 0, to: 600 }, controller.signal);
  const admit = (sequence: number) => reading.admit({ sequence } as Entry, view);
  return { admit, deliverFrom, controller };
}

test("the store is looked at before the first entry and before every 256th one after it", async () => {
  let delivered = 0;
  const looks: number[] = [];
  const { admit, deliverFrom } = readingOf(600, async () => looks.push(delivered));
  for (; delivered < 600; delivered++) {
    const admitted = admit(delivered);
    // Nobody waits for an entry for which there is nothing to wait.
    expect(admitted instanceof Promise).toBe(delivered % 256 === 0);
    expect(await admitted).toBe(true);
  }
  expect(looks).toEqual([0, 256, 512]);
  expect(deliverFrom).not.toHaveBeenCalled();
});

test("an entry that was not admitted does not count", async () => {
  const looks = vi.fn<() => Promise<void>>(async () => undefined);
  const { admit, deliverFrom } = readingOf(0, looks);
  deliverFrom.mockRejectedValueOnce(new Error("gave way"));
  expect(await admit(0)).toBe(false);
  expect(looks).not.toHaveBeenCalled();
  for (let sequence = 0; sequence < 257; sequence++) expect(await admit(sequence)).toBe(true);
  expect(looks).toHaveBeenCalledTimes(2);
  expect(deliverFrom.mock.calls.at(-1)).toEqual([view, 7]);
});

test("nothing is admitted after a fork was found, or after the signal has fired", async () => {
  const fork = new Error("a fork");
  const { admit, controller } = readingOf(600, () => Promise.reject(fork));
  expect(await failure(Promise.resolve(admit(0)))).toBe(fork);
  controller.abort("gave up");
  expect(() => admit(0)).toThrow("gave up");
});
