// CAS-ABORT, CAS-CLOSE: aborts, and the end of an instance.

import { addressOf } from "@remote-log/core";
import { checkError, equal, outcomeOf, rejectsAs, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { leavesNoListeners } from "../signal-listeners.ts";
import { wholeOrMissing } from "./absence.ts";

/** Aborts and the end of an instance. */
export const storageLifetimeCases: readonly ConformanceCase[] = [
  {
    id: "CAS-ABORT-01",
    level: "MUST",
    title: "an aborted signal ends put, get and has before anything is done, with its own reason",
    requires: ["storage"],
    async run({ storage, content, withoutRequests }) {
      const address = await storage.put(content(100));
      const refused = content(100);
      for (const reason of [new Error("gave up"), "a text as reason"]) {
        const options = { signal: AbortSignal.abort(reason) };
        await withoutRequests(async () => {
          await rejectsAs(storage.put(refused, options), reason, "put");
          await rejectsAs(storage.get(address, options), reason, "get");
          await rejectsAs(storage.has(address, options), reason, "has");
        });
      }
      const absent = await addressOf(refused, storage.capabilities.hashTypes[0]!);
      equal(await storage.has(absent), false, "has after the aborted put");
    },
  },
  {
    id: "CAS-ABORT-02",
    level: "MUST",
    title: "an aborted signal ends delete before anything is done, with its own reason",
    requires: ["storage", "storage.delete"],
    async run({ storage, content, settled, withoutRequests }) {
      const address = await storage.put(content(100));
      const reason = new Error("gave up");
      await withoutRequests(async () => {
        const deleting = Promise.resolve(storage.delete?.(address, { signal: AbortSignal.abort(reason) }));
        await rejectsAs(deleting, reason, "delete");
      });
      await settled("storage", async () =>
        equal(await storage.has(address), true, "has after the aborted delete"),
      );
    },
  },
  {
    id: "CAS-ABORT-03",
    level: "MUST",
    title: "a signal ends list with its own reason, before and between two addresses",
    requires: ["storage", "storage.list"],
    async run({ storage, content, settled, withoutRequests }) {
      await storage.put(content(100));
      await storage.put(content(100));
      const reason = new Error("gave up");
      const walk = async (before: boolean): Promise<void> => {
        const controller = new AbortController();
        if (before) controller.abort(reason);
        for await (const _address of storage.list?.({ signal: controller.signal }) ?? [])
          controller.abort(reason);
      };
      await withoutRequests(() => rejectsAs(walk(true), reason, "list with an aborted signal"));
      await settled("storage", () => rejectsAs(walk(false), reason, "list aborted between two addresses"));
    },
  },
  {
    id: "CAS-ABORT-04",
    level: "MUST",
    title: "a put that is aborted while it runs settles, and the content is whole or not there",
    requires: ["storage"],
    async run({ storage, content, limits, settled }) {
      const size = Math.min(storage.capabilities.largestContent, limits.largestProbe, 200_000);
      const reason = new Error("gave up");
      for (const turns of [0, 1, 3, 10]) {
        const sent = content(size);
        const address = await addressOf(sent, storage.capabilities.hashTypes[0]!);
        const controller = new AbortController();
        const putting = storage.put(sent, { signal: controller.signal });
        const ending = outcomeOf(putting);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        controller.abort(reason);
        const outcome = await ending;
        if (outcome.status === "rejected") await rejectsAs(putting, reason, "put");
        // Looked at once: an aborted request may still be carried out, between two looks.
        await wholeOrMissing(storage, address, sent, "after the abort");
        await storage.put(sent);
        sameBytes(await settled("storage", () => storage.get(address)), sent, "the content, put again");
      }
    },
  },
  {
    id: "CAS-ABORT-05",
    level: "MUST",
    title: "a get that is aborted while it runs gives the content or the signal's own reason",
    requires: ["storage"],
    async run({ storage, content, limits, settled }) {
      const sent = content(Math.min(storage.capabilities.largestContent, limits.largestProbe, 200_000));
      const address = await storage.put(sent);
      await settled("storage", () => storage.get(address));
      const reason = new Error("gave up");
      for (const turns of [0, 1, 3, 10]) {
        const controller = new AbortController();
        const reading = storage.get(address, { signal: controller.signal });
        const ending = outcomeOf(reading);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        controller.abort(reason);
        const outcome = await ending;
        if (outcome.status === "fulfilled") sameBytes(outcome.value, sent, "the content");
        else await rejectsAs(reading, reason, "get");
      }
    },
  },
  {
    id: "CAS-ABORT-06",
    level: "MUST",
    title: "a signal that is aborted after an operation ended disturbs nothing",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const controller = new AbortController();
      const sent = content(100);
      const address = await storage.put(sent, { signal: controller.signal });
      await settled("storage", () => storage.get(address, { signal: controller.signal }));
      controller.abort(new Error("gave up"));
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content");
    },
  },
  {
    id: "CAS-ABORT-12",
    level: "MAY",
    title: "operations that are over leave no listeners on a signal that lives on",
    requires: ["storage"],
    async run({ storage, content, settled }) {
      const address = await storage.put(content(100));
      await settled("storage", () => storage.get(address));
      await leavesNoListeners(async (signal) => {
        await storage.put(content(20), { signal });
        await storage.get(address, { signal });
        await storage.has(address, { signal });
      });
    },
  },
  {
    id: "CAS-CLOSE-01",
    level: "MUST",
    title: "closing twice is no error, one after the other and at once",
    requires: ["storage", "storage.close"],
    async run({ storage, content }) {
      await storage.put(content(10));
      await Promise.all([storage.close?.(), storage.close?.()]);
      await storage.close?.();
    },
  },
  {
    id: "CAS-CLOSE-02",
    level: "MUST",
    title: "put, get and has are refused with ERR_CLOSED after close",
    requires: ["storage", "storage.close"],
    async run({ storage, content }) {
      const address = await storage.put(content(10));
      await storage.close?.();
      await rejectsWith(storage.put(content(10)), "ERR_CLOSED", "put");
      await rejectsWith(storage.get(address), "ERR_CLOSED", "get");
      await rejectsWith(storage.has(address), "ERR_CLOSED", "has");
    },
  },
  {
    id: "CAS-CLOSE-03",
    level: "MUST",
    title: "delete and list are refused with ERR_CLOSED after close",
    requires: ["storage", "storage.close"],
    async run({ storage, content, skip }) {
      const { delete: deletes, list } = storage.capabilities;
      if (!deletes && !list) skip("neither delete nor list is declared");
      const address = await storage.put(content(10));
      await storage.close?.();
      if (deletes) await rejectsWith(Promise.resolve(storage.delete?.(address)), "ERR_CLOSED", "delete");
      const walk = async (): Promise<void> => {
        for await (const _address of storage.list?.() ?? []) break;
      };
      if (list) await rejectsWith(walk(), "ERR_CLOSED", "list");
    },
  },
  {
    id: "CAS-CLOSE-04",
    level: "MUST",
    title: "operations that run while the storage is closed end: as they would have, or with ERR_CLOSED",
    requires: ["storage", "storage.close"],
    async run({ storage, content, settled }) {
      const address = await storage.put(content(1000));
      await settled("storage", () => storage.get(address));
      const running = [storage.put(content(1000)), storage.get(address), storage.has(address)];
      const ending = Promise.allSettled<unknown>(running);
      await storage.close?.();
      for (const outcome of await ending) {
        if (outcome.status === "rejected") checkError(outcome.reason, "ERR_CLOSED", "an operation under way");
      }
    },
  },
];
