// How far an application has come: what a cursor saves and when, whatever ends the stream.

import { expect, test, vi } from "vitest";
import { memoryReaderStore } from "../../src/index.ts";
import { Cursors } from "../../src/reader/cursors.ts";
import { ReaderMemory } from "../../src/reader/reader-memory.ts";
import type { Entry } from "../../src/tree/entry.ts";

const STEP = 64;

/** A cursor "c" at a place, and every place that is saved from then on. */
async function at(place: number) {
  const memory = new ReaderMemory(memoryReaderStore(), "log");
  if (place > 0) await memory.saveCursor("c", place);
  const saved: number[] = [];
  const save = memory.saveCursor.bind(memory);
  memory.saveCursor = async (cursor, next) => {
    saved.push(next);
    await save(cursor, next);
  };
  return { cursors: new Cursors(memory), memory, saved };
}

/** Entries up to a size, from wherever the stream begins. */
const entriesTo = (size: number, onEach?: (sequence: number, onEnd: () => Promise<void>) => unknown) =>
  async function* (start: number, onEnd: () => Promise<void>): AsyncGenerator<Entry> {
    for (let sequence = start; sequence < size; sequence++) {
      await onEach?.(sequence, onEnd);
      yield { sequence, id: new Uint8Array(32), content: new Uint8Array(0) };
    }
  };

async function sequences(entries: AsyncIterable<Entry>): Promise<number[]> {
  const all: number[] = [];
  for await (const { sequence } of entries) all.push(sequence);
  return all;
}

test("a stream begins where the cursor is, and its place is saved every 64 entries and at the end", async () => {
  const { cursors, memory, saved } = await at(3);
  const all = await sequences(cursors.follow("c", entriesTo(3 + 2 * STEP + 5)));
  expect([all[0], all.length]).toEqual([3, 2 * STEP + 5]);
  expect(saved).toEqual([3 + STEP, 3 + 2 * STEP, 3 + 2 * STEP + 5]);
  expect(await memory.loadCursor("c")).toBe(3 + 2 * STEP + 5);
});

test("if nothing new comes, nothing is saved, and the store is asked once", async () => {
  const { cursors, memory, saved } = await at(5);
  const load = vi.spyOn(memory, "loadCursor");
  expect(await sequences(cursors.follow("c", entriesTo(5)))).toEqual([]);
  expect([saved.length, load.mock.calls.length]).toEqual([0, 1]);
});

test("when everything was delivered, the place is saved before anything new comes, and once", async () => {
  const { cursors, saved } = await at(0);
  const ending = entriesTo(4, async (sequence, onEnd) => {
    if (sequence === 2) {
      await onEnd();
      await onEnd();
      expect(saved).toEqual([2]);
    }
  });
  await sequences(cursors.follow("c", ending));
  expect(saved).toEqual([2, 4]);
});

test("an entry at which the application breaks off comes again, and so does one at which it fails", async () => {
  const { cursors, memory } = await at(0);
  for await (const { sequence } of cursors.follow("c", entriesTo(9))) if (sequence === 2) break;
  expect(await memory.loadCursor("c")).toBe(2);
  const fault = new Error("a fault of the application");
  const working = async (): Promise<void> => {
    for await (const { sequence } of cursors.follow("c", entriesTo(9))) if (sequence === 4) throw fault;
  };
  await expect(working()).rejects.toBe(fault);
  expect(await memory.loadCursor("c")).toBe(4);
});

test("if the stream fails, what was delivered stays delivered", async () => {
  const { cursors, memory } = await at(0);
  const fault = new Error("a fault of the stream");
  const failing = entriesTo(9, (sequence) => (sequence === 6 ? Promise.reject(fault) : undefined));
  await expect(sequences(cursors.follow("c", failing))).rejects.toBe(fault);
  expect(await memory.loadCursor("c")).toBe(6);
});

test("a cursor moves on and never back, however many move at once, and each has a place of its own", async () => {
  const { cursors, memory, saved } = await at(5);
  await Promise.all([9, 7, 4, 5].map((next) => cursors.advance("c", next)));
  expect([saved, await memory.loadCursor("c")]).toEqual([[9], 9]);
  await cursors.advance("c", 9);
  expect(saved).toEqual([9]);
  await cursors.advance("other", 2);
  expect([await memory.loadCursor("other"), await memory.loadCursor("c")]).toEqual([2, 9]);
  await expect(cursors.advance("c", 99, AbortSignal.abort("gave up"))).rejects.toBe("gave up");
  expect(await memory.loadCursor("c")).toBe(9);
});
