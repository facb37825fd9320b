// Compare and set, on one instance: the step on which several readers rely.

import { check, equal } from "../../assert.ts";
import type { ReaderStoreCase } from "../case.ts";
import { bytes, holds, isAbsent } from "./stored.ts";

/** How many callers are at it at once. */
export const CALLERS = 20;

/** Compare and set. */
export const compareAndSetCases: readonly ReaderStoreCase[] = [
  {
    id: "STORE-CAS-01",
    level: "MUST",
    title: "a key without a value is set by whoever expects none, and by nobody else",
    requires: [],
    async run({ store }) {
      for (const expected of [bytes(3), new Uint8Array()]) {
        equal(await store.compareAndSet("key", expected, bytes(4)), false, "setting what has no value");
        await isAbsent(store, "key");
      }
      equal(await store.compareAndSet("key", undefined, bytes(5)), true, "setting for the first time");
      await holds(store, "key", bytes(5));
      equal(await store.compareAndSet("key", undefined, bytes(6)), false, "setting for the first time again");
      await holds(store, "key", bytes(5));
    },
  },
  {
    id: "STORE-CAS-02",
    level: "MUST",
    title: "a value is replaced by whoever expects all of its bytes; for others nothing changes",
    requires: [],
    async run({ store }) {
      const held = bytes(40);
      await store.put("key", held);
      const others = [
        Uint8Array.of(...held.subarray(0, 39), held[39]! ^ 1),
        Uint8Array.of(held[0]! ^ 1, ...held.subarray(1)),
        held.subarray(0, 39),
        Uint8Array.of(...held, 0),
        new Uint8Array(),
        bytes(40, 9),
      ];
      for (const other of others) {
        equal(
          await store.compareAndSet("key", other, bytes(7)),
          false,
          "setting with another value expected",
        );
        await holds(store, "key", held);
      }
      equal(await store.compareAndSet("key", held, bytes(8)), true, "setting with the value expected");
      await holds(store, "key", bytes(8));
      equal(
        await store.compareAndSet("key", held, bytes(9)),
        false,
        "setting with an outdated value expected",
      );
      await holds(store, "key", bytes(8));
    },
  },
  {
    id: "STORE-CAS-03",
    level: "MUST",
    title: "an empty value is a value, and not the same as none",
    requires: [],
    async run({ store }) {
      equal(await store.compareAndSet("key", undefined, new Uint8Array()), true, "setting an empty value");
      await holds(store, "key", new Uint8Array());
      equal(
        await store.compareAndSet("key", undefined, bytes(3)),
        false,
        "setting it for the first time again",
      );
      equal(await store.compareAndSet("key", new Uint8Array(), bytes(3)), true, "replacing an empty value");
      await holds(store, "key", bytes(3));
    },
  },
  {
    id: "STORE-CAS-04",
    level: "MUST",
    title: `of ${CALLERS} concurrent calls that expect the same, exactly one sets its value`,
    requires: [],
    async run({ store }) {
      let held: Uint8Array | undefined;
      for (let round = 0; round < 5; round++) {
        const values = Array.from({ length: CALLERS }, (_, i) => bytes(30 + i, round));
        const calls = values.map((value) => store.compareAndSet("key", held, value));
        const winners = (await Promise.all(calls)).flatMap((set, i) => (set ? [i] : []));
        equal(winners.length, 1, "how many calls set their value");
        held = values[winners[0]!]!;
        await holds(store, "key", held, "the value of the call that set it");
      }
    },
  },
  {
    id: "STORE-CAS-05",
    level: "MUST",
    title: "a put in the midst of a compare and set is never overwritten by it",
    requires: [],
    async run({ store }) {
      for (let round = 0; round < CALLERS; round++) {
        const key = `key ${round}`;
        await store.put(key, bytes(10));
        const calls: (() => Promise<unknown>)[] = [
          () => store.compareAndSet(key, bytes(10), bytes(11)),
          () => store.put(key, bytes(12)),
        ];
        if (round % 2 === 1) calls.reverse();
        await Promise.all(calls.map((call) => call()));
        await holds(store, key, bytes(12), "the value after a put that was last or made the comparison fail");
      }
    },
  },
  {
    id: "STORE-CAS-06",
    level: "MUST",
    title: "keys are compared apart: writes to others in between do not matter",
    requires: [],
    async run({ store }) {
      await store.put("key", bytes(10));
      const calls = Array.from({ length: CALLERS }, (_, i) => store.put(`key/${i}`, bytes(i)));
      const set = await store.compareAndSet("key", bytes(10), bytes(11));
      await Promise.all(calls);
      check(set, "a compare and set failed though its key held what was expected");
      await holds(store, "key", bytes(11));
      for (let i = 0; i < CALLERS; i++) await holds(store, `key/${i}`, bytes(i));
    },
  },
];
