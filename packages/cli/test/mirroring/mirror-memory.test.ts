// How far a mirror came is kept, also if its run did not end.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { MirrorMemory } from "../../src/mirroring/mirror-memory.ts";
import { ReaderState } from "../../src/reading/reader-state.ts";

const { signal } = new AbortController();
const folder = await mkdtemp(join(tmpdir(), "remote-log-mirror-memory-"));
atEnd(() => rm(folder, { recursive: true, force: true }));

const uri = "ipfs+http://127.0.0.1:5001";
const part = (from: number) => ({ known: Uint8Array.of(1, 2), missing: [{ from, to: 100 }] });

async function withState<T>(use: (state: ReaderState) => Promise<T>): Promise<T> {
  const state = await ReaderState.open(join(folder, "state"), signal);
  try {
    return await use(state);
  } finally {
    await state.close();
  }
}

test("the newest part is found by the next run, until a run ends; the state before it stays until then", async () => {
  await withState(async (state) => {
    const memory = new MirrorMemory(state, uri);
    await memory.save({ head: Uint8Array.of(9), missing: [] });
    expect(await memory.loadPart()).toBeUndefined();
    for (let from = 10; from <= 60; from += 10) memory.notePart(part(from));
    await memory.settled();
  });
  await withState(async (state) => {
    const memory = new MirrorMemory(state, uri);
    expect(await memory.loadPart()).toEqual(part(60));
    expect(await memory.load()).toEqual({ head: Uint8Array.of(9), missing: [] });
    expect(await new MirrorMemory(state, `${uri}0`).loadPart()).toBeUndefined();
    await memory.save({ head: Uint8Array.of(8), missing: [] });
    expect(await memory.loadPart()).toBeUndefined();
  });
  await withState(async (state) => {
    const memory = new MirrorMemory(state, uri);
    expect(await memory.loadPart()).toBeUndefined();
    expect(await memory.load()).toEqual({ head: Uint8Array.of(8), missing: [] });
  });
});

test("without a state, a part is known until the process ends", async () => {
  const memory = new MirrorMemory(undefined, uri);
  memory.notePart(part(10));
  await memory.settled();
  expect(await memory.loadPart()).toEqual(part(10));
});
