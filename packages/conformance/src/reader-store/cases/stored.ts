// What the cases share: values to store, and looks at what is stored.

import type { ReaderStore } from "@remote-log/core";
import { equal, fail, sameBytes, show } from "../../assert.ts";

/** Bytes of a size, unlike those for another salt. */
export function bytes(size: number, salt = 0): Uint8Array {
  const made = new Uint8Array(size);
  for (let i = 0; i < size; i++) made[i] = i * 31 + salt * 7 + (i >> 8);
  return made;
}

/** Fails unless a key holds a value. */
export async function holds(
  store: ReaderStore,
  key: string,
  expected: Uint8Array,
  what = `the value of ${show(key)}`,
): Promise<void> {
  const value = await store.get(key);
  if (value === undefined) fail(`${what}: there is none`);
  sameBytes(value, expected, what);
}

/** Fails unless a key has no value. */
export async function isAbsent(store: ReaderStore, key: string): Promise<void> {
  equal(await store.get(key), undefined, `the value of ${show(key)}, which was never set`);
}
