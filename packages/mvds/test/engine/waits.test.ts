// Which messages wait for which, and what is missing behind them.

import { expect, test } from "vitest";
import { Step } from "../../src/engine/store.ts";
import { Waits } from "../../src/engine/waits.ts";
import { hex } from "./network.ts";

const step = new Step(undefined as never);
const id = (n: number): Uint8Array => new Uint8Array(new Uint32Array([n, 0, 0, 0, 0, 0, 0, 0]).buffer);

/** The numbers of what is missing behind a message. */
const behind = (waits: Waits, n: number): readonly string[] => waits.missingBehind(id(n)).map(hex);

test("what is missing behind a message is what nobody waits in place of, each once", () => {
  const waits = new Waits();
  for (const [parent, child] of [
    [1, 0],
    [2, 0],
    [3, 1],
    [3, 2],
    [4, 2],
  ])
    waits.add(step, id(parent!), id(child!), "bob");
  expect(behind(waits, 0)).toEqual([hex(id(3)), hex(id(4))]);
  expect(behind(waits, 1)).toEqual([hex(id(3))]);
  // One that is missing itself, and one that nobody waits for.
  expect(behind(waits, 4)).toEqual([hex(id(4))]);
  expect(behind(waits, 5)).toEqual([]);
});

test("behind a very long chain it is not looked for", () => {
  const waits = new Waits();
  for (let n = 0; n < 1500; n++) waits.add(step, id(n + 1), id(n), "bob");
  expect(behind(waits, 1500 - 1023)).toEqual([hex(id(1500))]);
  expect(behind(waits, 1500 - 1024)).toEqual([]);
});
