// Several instances on one place, one after the other and at once.

import { check, equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { ReaderStoreCase } from "../case.ts";
import { CALLERS } from "./compare-and-set.ts";
import { bytes, holds, isAbsent } from "./stored.ts";

/** How often an instance is ended in the midst of a write. */
const CRASHES = 6;
/** Longer than a page of any database, so that it can't be written in one step of a disk. */
const TORN_SIZE = 300_000;

/** Several instances on one place. */
export const instanceCases: readonly ReaderStoreCase[] = [
  {
    id: "STORE-SHARE-01",
    level: "MUST",
    title: "what one instance has written, another one that was open before sees at once",
    requires: ["reopen"],
    async run({ store, reopen }) {
      const other = (await reopen()).store;
      await isAbsent(other, "key");
      for (let i = 0; i < 5; i++) {
        const [writer, reader] = i % 2 === 0 ? [store, other] : [other, store];
        const before = i === 0 ? undefined : bytes(i - 1);
        equal(
          await writer.compareAndSet("key", before, bytes(i)),
          true,
          "setting the value of another instance",
        );
        await holds(reader, "key", bytes(i));
      }
    },
  },
  {
    id: "STORE-SHARE-02",
    level: "MUST",
    title: `of ${CALLERS} concurrent calls on several instances that expect the same, exactly one sets its value`,
    requires: ["reopen"],
    async run({ store, reopen }) {
      const stores = [store, (await reopen()).store, (await reopen()).store, (await reopen()).store];
      let held: Uint8Array | undefined;
      for (let round = 0; round < 3; round++) {
        const values = Array.from({ length: CALLERS }, (_, i) => bytes(30 + i, round));
        const calls = values.map((value, i) => stores[i % stores.length]!.compareAndSet("key", held, value));
        const winners = (await Promise.all(calls)).flatMap((set, i) => (set ? [i] : []));
        equal(winners.length, 1, "how many calls set their value");
        held = values[winners[0]!]!;
        for (const one of stores) await holds(one, "key", held, "the value of the call that set it");
      }
    },
  },
  {
    id: "STORE-SHARE-03",
    level: "MUST",
    title: `${CALLERS} callers on several instances that count in one value lose no step`,
    requires: ["reopen"],
    async run({ store, reopen }) {
      const stores = [store, (await reopen()).store, (await reopen()).store];
      const count = async (one: typeof store): Promise<void> => {
        for (;;) {
          const before = await one.get("count");
          const after = Uint8Array.of((before?.[0] ?? 0) + 1);
          if (await one.compareAndSet("count", before, after)) return;
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, (_, i) => count(stores[i % stores.length]!)));
      await holds(store, "count", Uint8Array.of(CALLERS));
    },
  },
  {
    id: "STORE-DURABLE-01",
    level: "MUST",
    title:
      "what was written is there for an instance that is opened after all were closed, and can be replaced there",
    requires: ["reopen"],
    async run({ store, reopen, closeAll }) {
      await store.put("put", bytes(100));
      await store.compareAndSet("set", undefined, bytes(200));
      await store.compareAndSet("set", bytes(200), bytes(201));
      await closeAll();
      const later = (await reopen()).store;
      await holds(later, "put", bytes(100));
      await holds(later, "set", bytes(201));
      equal(
        await later.compareAndSet("set", undefined, bytes(1)),
        false,
        "setting it for the first time again",
      );
      equal(await later.compareAndSet("set", bytes(201), bytes(202)), true, "replacing it");
      await holds(later, "set", bytes(202));
    },
  },
  {
    id: "STORE-CRASH-01",
    level: "MUST",
    title:
      "an instance that is ended in the midst of a write leaves the old value or the new one, and no lock",
    requires: ["reopen", "crash"],
    async run({ opened, reopen, crash }) {
      let instance = opened;
      let held = bytes(TORN_SIZE);
      await instance.store.put("key", held);
      for (let i = 1; i <= CRASHES; i++) {
        const next = bytes(TORN_SIZE + i, i);
        const setting = outcomeOf(instance.store.compareAndSet("key", held, next));
        // Some are ended before the write begins, some in the midst of it, the last ones after it.
        const wait = i === CRASHES ? setting : new Promise((resolve) => setTimeout(resolve, (i - 1) * 2));
        await wait;
        await crash(instance);
        const outcome = await setting;
        instance = await reopen();
        const value = await instance.store.get("key");
        check(value !== undefined, "the value is gone after a crash");
        const isNew = value.length === next.length;
        if (outcome.status === "fulfilled") check(isNew, "a value that was set is gone after a crash");
        sameBytes(value, isNew ? next : held, "the value after a crash");
        held = value;
      }
    },
  },
];
