// The suite for stores is worth what it finds: each broken store has to fail the cases that are written beside it.

import { readerStoreCases, runReaderStoreCase } from "@remote-log/conformance";
import { expect, test } from "vitest";
import { storeMutants } from "./mutants/index.ts";
import { storeFixtureOf } from "./mutants/sound.ts";

test.concurrent.for(storeMutants)("a store that $fault is caught", async (mutant) => {
  const survived: string[] = [];
  for (const id of mutant.caughtBy) {
    const one = readerStoreCases.find((candidate) => candidate.id === id);
    if (one === undefined) throw new Error(`There is no case ${id}.`);
    const { status, timedOut } = await runReaderStoreCase(storeFixtureOf(mutant), one);
    // One that fails because its time is over shows nothing, unless it waits in vain.
    const isTooLate = timedOut !== undefined && mutant.hangs !== true;
    if (status !== "failed" || isTooLate) survived.push(`${id} ${status} ${timedOut ?? ""}`);
  }
  expect(survived).toEqual([]);
});

test.concurrent.for(readerStoreCases)("a sound store passes $id", async (one) => {
  const sound = storeFixtureOf({ fault: "nothing", broken: () => ({}) });
  expect(await runReaderStoreCase(sound, one)).toMatchObject({ status: "passed", reason: "" });
});

test("every case catches a store, so that none is there for nothing", () => {
  const catching = new Set(storeMutants.flatMap(({ caughtBy }) => caughtBy));
  expect(readerStoreCases.map(({ id }) => id).filter((id) => !catching.has(id))).toEqual([]);
});

test("no id is changed, dropped or given to another promise", async () => {
  const lines = readerStoreCases.map(({ id, level, title }) => `${id} ${level} ${title}\n`);
  await expect(lines.join("")).toMatchFileSnapshot("./store-case-ids.txt");
  const ids = readerStoreCases.map(({ id }) => id);
  expect(ids.filter((id) => !/^STORE-[A-Z]+-\d\d$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
