import { expect, test } from "vitest";
import { Disk } from "../../src/hunt/disk.ts";
import { ProcessLife } from "../../src/hunt/process-life.ts";

const key = (number: number): Uint8Array => Uint8Array.of(number);
const put = (number: number): { type: "put"; key: Uint8Array; value: Uint8Array } => ({
  type: "put",
  key: key(number),
  value: key(number),
});

test("a power cut takes what was not synced, in the order in which it was written", async () => {
  const disk = new Disk(undefined, new ProcessLife());
  await disk.batch([put(1)], { sync: true });
  await disk.batch([put(2)]);
  await disk.batch([put(3)]);
  const left = (spared?: number): number[] =>
    [...disk.afterCrash(spared).records.values()].map(([value]) => value!);
  expect(left(0)).toEqual([1]);
  expect(left(1)).toEqual([1, 2]);
  expect(left()).toEqual([1, 2, 3]);
  await disk.batch([{ type: "del", key: key(2) }], { sync: true });
  expect(left(0)).toEqual([1, 3]);
});

test("a disk is read in the order of its keys, both ways, and continues from an image", async () => {
  const first = new Disk(undefined, new ProcessLife());
  await first.batch([put(3), put(1), put(2)], { sync: true });
  await first.witness.save(key(9));
  const disk = new Disk(first.afterCrash(), new ProcessLife());
  expect(await disk.witness.load()).toEqual(key(9));
  const read = async (reverse: boolean): Promise<number[]> => {
    const found: number[] = [];
    const range = { gte: key(1), lt: key(3), reverse, limit: 2 };
    for await (const [name] of disk.iterator(range)) found.push(name[0]!);
    return found;
  };
  expect(await read(false)).toEqual([1, 2]);
  expect(await read(true)).toEqual([2, 1]);
  expect(await disk.get(key(3))).toEqual(key(3));
  expect(await disk.get(key(4))).toBeUndefined();
});
