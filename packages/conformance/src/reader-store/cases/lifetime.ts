// Aborts, and the end of an instance.

import { check, equal, outcomeOf, rejectsAs } from "../../assert.ts";
import type { ReaderStoreCase } from "../case.ts";
import { bytes, holds, isAbsent } from "./stored.ts";

/** Aborts, and the end of an instance. */
export const lifetimeCases: readonly ReaderStoreCase[] = [
  {
    id: "STORE-ABORT-01",
    level: "MUST",
    title: "an aborted signal ends every call before anything is done, with its own reason",
    requires: [],
    async run({ store }) {
      await store.put("held", bytes(10));
      for (const reason of [new Error("gave up"), "a text as reason"]) {
        const options = { signal: AbortSignal.abort(reason) };
        await rejectsAs(store.get("held", options), reason, "get");
        await rejectsAs(store.put("held", bytes(11), options), reason, "put");
        await rejectsAs(store.put("fresh", bytes(11), options), reason, "put");
        await rejectsAs(store.compareAndSet("held", bytes(10), bytes(11), options), reason, "compareAndSet");
        await rejectsAs(store.compareAndSet("fresh", undefined, bytes(11), options), reason, "compareAndSet");
      }
      await holds(store, "held", bytes(10));
      await isAbsent(store, "fresh");
    },
  },
  {
    id: "STORE-ABORT-02",
    level: "MUST",
    title:
      "calls that are aborted while they run settle, leave the old or the new value, and keep nobody from the key",
    requires: [],
    async run({ store }) {
      const reason = new Error("gave up");
      for (const turns of [0, 1, 3, 10]) {
        const key = `key ${turns}`;
        await store.put(key, bytes(10));
        const controller = new AbortController();
        const { signal } = controller;
        const calls = [11, 12, 13].map((size) =>
          store.compareAndSet(key, bytes(10), bytes(size), { signal }),
        );
        const ending = Promise.all(calls.map(outcomeOf));
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        controller.abort(reason);
        for (const [i, outcome] of (await ending).entries()) {
          if (outcome.status === "rejected") await rejectsAs(calls[i]!, reason, "compareAndSet");
        }
        const held = await store.get(key);
        check(held !== undefined, "the value is gone after an abort");
        check([10, 11, 12, 13].includes(held.length), `a value of ${held.length} bytes was never set`);
        equal(await store.compareAndSet(key, held, bytes(20)), true, "setting a value after the abort");
        await holds(store, key, bytes(20));
      }
    },
  },
  {
    id: "STORE-CLOSE-01",
    level: "MUST",
    title:
      "an instance that was closed refuses every call: it says neither that there is no value nor that one was set",
    requires: ["close"],
    async run({ store, closeAll }) {
      await store.put("held", bytes(10));
      await closeAll();
      const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
        ["get", () => store.get("held")],
        ["put", () => store.put("held", bytes(11))],
        ["compareAndSet", () => store.compareAndSet("held", bytes(10), bytes(11))],
        ["compareAndSet of another key", () => store.compareAndSet("fresh", undefined, bytes(11))],
      ];
      for (const [what, call] of calls) {
        // A driver may throw at once.
        const { status } = await outcomeOf(Promise.resolve().then(call));
        equal(status, "rejected", `how ${what} of a closed instance ended`);
      }
    },
  },
];
