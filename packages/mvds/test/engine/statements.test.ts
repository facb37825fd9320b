import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { Statements } from "../../src/engine/statements.ts";
import { Step, Store } from "../../src/engine/store.ts";

const log = (number: number): Uint8Array => {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(0, number);
  return id;
};

test("stretches that follow each other are one, and one apart takes the place of what was before", async () => {
  const store = await Store.open(new MemoryLevel<Uint8Array, Uint8Array>());
  const statements = new Statements();
  const step = new Step(store);
  const covered = (of: Statements): number[] =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((sequence) => of.covers("bob", { logId: log(1), sequence }));
  statements.note(step, "bob", { logId: log(1), first: 1, end: 3 });
  expect(covered(statements)).toEqual([1, 2]);
  statements.note(step, "bob", { logId: log(1), first: 3, end: 5 });
  expect(covered(statements)).toEqual([1, 2, 3, 4]);
  statements.note(step, "bob", { logId: log(1), first: 6, end: 7 });
  expect(covered(statements)).toEqual([6]);
  statements.note(step, "bob", { logId: log(1), first: 4, end: 6 });
  expect(covered(statements)).toEqual([4, 5, 6]);
  expect(statements.covers("alice", { logId: log(1), sequence: 5 })).toBe(false);
  expect(statements.covers("bob", { logId: log(2), sequence: 5 })).toBe(false);
  await store.commit(step);
  const again = new Statements();
  await again.load(store);
  expect(covered(again)).toEqual([4, 5, 6]);
  await store.close();
});

test("of more than 1,024 logs of a peer no further one is remembered", async () => {
  const store = await Store.open(new MemoryLevel<Uint8Array, Uint8Array>());
  const statements = new Statements();
  const step = new Step(store);
  for (let i = 0; i < 1025; i++) statements.note(step, "bob", { logId: log(i), first: 0, end: 1 });
  expect(statements.covers("bob", { logId: log(1023), sequence: 0 })).toBe(true);
  expect(statements.covers("bob", { logId: log(1024), sequence: 0 })).toBe(false);
  // Another peer has room of its own, and a log that is known may say more.
  statements.note(step, "alice", { logId: log(1024), first: 0, end: 1 });
  statements.note(step, "bob", { logId: log(7), first: 1, end: 2 });
  expect(statements.covers("alice", { logId: log(1024), sequence: 0 })).toBe(true);
  expect(statements.covers("bob", { logId: log(7), sequence: 1 })).toBe(true);
  await store.close();
});
