// A fork that another reader of the store has found stops this one within 256 entries.

import { expect, test } from "vitest";
import { checkedEntries } from "../../src/reader/checked-entries.ts";
import type { Entry } from "../../src/tree/entry.ts";

async function* entries(count: number): AsyncGenerator<Entry> {
  for (let sequence = 0; sequence < count; sequence++) yield { sequence } as Entry;
}

test("the store is looked at before the first entry and before every 256th one after it", async () => {
  const delivered: number[] = [];
  const looks: number[] = [];
  for await (const { sequence } of checkedEntries(entries(600), async () => looks.push(delivered.length)))
    delivered.push(sequence);
  expect(delivered).toEqual(Array.from({ length: 600 }, (_, sequence) => sequence));
  expect(looks).toEqual([0, 256, 512]);
});

test("nothing is delivered after a fork was found", async () => {
  const fork = new Error("a fork");
  const delivered: number[] = [];
  let looks = 0;
  const reading = (async () => {
    for await (const { sequence } of checkedEntries(entries(600), async () => {
      if (++looks === 2) throw fork;
    }))
      delivered.push(sequence);
  })();
  await expect(reading).rejects.toBe(fork);
  expect(delivered).toHaveLength(256);
});
