// Keys and values: what was put comes back, and nothing else.

import { equal, sameBytes } from "../../assert.ts";
import type { ReaderStoreCase } from "../case.ts";
import { bytes, holds, isAbsent } from "./stored.ts";

/** Larger than any record of a reader: a head of its largest size and a proof of a fork, in hexadecimal. */
const LARGE = 2 * 1024 * 1024;

/** Keys of which no two are one, though some system somewhere makes them so. Cursors are named by applications. */
const KEYS = [
  "a",
  "A",
  "a ",
  " a",
  "a/b",
  "a%2Fb",
  "a%2fb",
  "a\\b",
  "a_b",
  "a b",
  "a\0b",
  "a\nb",
  "a:b",
  "a.b",
  "a/",
  "/a",
  ".",
  "..",
  "../a",
  "",
  "__proto__",
  "constructor",
  "\u00e9",
  "e\u0301",
  "日本",
  "😀",
  "😁",
  "k".repeat(300),
  `${"k".repeat(300)}l`,
  "k".repeat(1_000),
];

/** What was put comes back. */
export const valueCases: readonly ReaderStoreCase[] = [
  {
    id: "STORE-VALUE-01",
    level: "MUST",
    title: "a key that was never set has no value, and a look at it sets none",
    requires: [],
    async run({ store }) {
      for (const key of ["never", "__proto__", "toString", ""]) await isAbsent(store, key);
      await store.put("another", bytes(3));
      await isAbsent(store, "never");
    },
  },
  {
    id: "STORE-VALUE-02",
    level: "MUST",
    title: "values of any bytes and lengths come back as they were, also the empty one",
    requires: [],
    async run({ store }) {
      for (const size of [0, 1, 255, 256, 257, 65_535, 65_536, 65_537]) {
        await store.put(`${size}`, bytes(size));
        await holds(store, `${size}`, bytes(size));
      }
      await store.put("high", Uint8Array.from([0xff, 0xfe, 0x80, 0x00, 0x0d, 0x0a, 0xc3]));
      await holds(store, "high", Uint8Array.from([0xff, 0xfe, 0x80, 0x00, 0x0d, 0x0a, 0xc3]));
    },
  },
  {
    id: "STORE-VALUE-03",
    level: "MUST",
    title: "a value of 2 MiB comes back as it was, and can be replaced",
    requires: [],
    async run({ store }) {
      equal(await store.compareAndSet("large", undefined, bytes(LARGE)), true, "setting a large value");
      await holds(store, "large", bytes(LARGE));
      const replaced = await store.compareAndSet("large", bytes(LARGE), bytes(LARGE, 1));
      equal(replaced, true, "replacing a large value");
      await holds(store, "large", bytes(LARGE, 1));
    },
  },
  {
    id: "STORE-VALUE-04",
    level: "MUST",
    title: "a put replaces the whole value, also by a shorter one",
    requires: [],
    async run({ store }) {
      for (const size of [100, 3, 200, 0, 1]) {
        await store.put("key", bytes(size, size));
        await holds(store, "key", bytes(size, size));
      }
    },
  },
  {
    id: "STORE-VALUE-05",
    level: "MUST",
    title:
      "any text is a key, and no two are one: in other letters, with other separators, long, or composed otherwise",
    requires: [],
    async run({ store }) {
      for (const [i, key] of KEYS.entries()) {
        equal(
          await store.compareAndSet(key, undefined, bytes(5, i)),
          true,
          `setting key ${i} for the first time`,
        );
      }
      for (const [i, key] of KEYS.entries()) await holds(store, key, bytes(5, i), `the value of key ${i}`);
    },
  },
  {
    id: "STORE-BYTES-01",
    level: "MUST",
    title: "the caller may change its bytes as soon as the call is made",
    requires: [],
    async run({ store }) {
      const value = bytes(50);
      const putting = store.put("put", value);
      value.fill(0);
      await putting;
      value.fill(1);
      await holds(store, "put", bytes(50));
      const [expected, next] = [bytes(50), bytes(60)];
      const setting = store.compareAndSet("put", expected, next);
      expected.fill(0);
      next.fill(0);
      equal(
        await setting,
        true,
        "whether a value was set, though the expected one was changed after the call",
      );
      next.fill(1);
      await holds(store, "put", bytes(60));
    },
  },
  {
    id: "STORE-BYTES-02",
    level: "MUST",
    title: "what get returned is the caller's own: changing it changes nothing in the store",
    requires: [],
    async run({ store }) {
      await store.put("key", bytes(50));
      (await store.get("key"))!.fill(0);
      await holds(store, "key", bytes(50));
    },
  },
  {
    id: "STORE-BYTES-03",
    level: "MUST",
    title: "of a view, its own bytes are stored and compared, not those around it",
    requires: [],
    async run({ store }) {
      const around = bytes(100);
      await store.put("key", around.subarray(20, 40));
      await holds(store, "key", around.slice(20, 40));
      const set = await store.compareAndSet("key", bytes(100).subarray(20, 40), around.subarray(50, 53));
      equal(set, true, "whether a value was set that a view expected");
      sameBytes((await store.get("key"))!, around.slice(50, 53), "the value");
    },
  },
];
