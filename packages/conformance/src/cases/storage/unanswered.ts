// CAS-FAULT: what a storage does while its service does not answer, or without end.

import { check, checkError, equal, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { aborted, during, startUnderFault } from "../under-fault.ts";
import { stored, walk } from "./walk.ts";

/** What a storage does while its service gives no answer, or one without end. */
export const unansweredStorageCases: readonly ConformanceCase[] = [
  {
    id: "CAS-FAULT-12",
    level: "MUST",
    title: "put, get and has that wait for a silent service end with their signal, with its own reason",
    requires: ["storage", "fault.silent"],
    async run(context) {
      const { storage, content, settled } = context;
      const { address, sent } = await stored(context);
      await aborted(context, "silent", [
        ["put", (options) => storage.put(content(100), options)],
        ["get", (options) => storage.get(address, options)],
        ["has", (options) => storage.has(address, options)],
      ]);
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content afterwards");
    },
  },
  {
    id: "CAS-FAULT-13",
    level: "MUST",
    title: "a delete that waits for a silent service ends with its signal, with its own reason",
    requires: ["storage", "storage.delete", "fault.silent"],
    async run(context) {
      const { storage } = context;
      const { address } = await stored(context);
      await aborted(context, "silent", [["delete", async (options) => storage.delete?.(address, options)]]);
    },
  },
  {
    id: "CAS-FAULT-14",
    level: "MUST",
    title: "a list that waits for a silent service ends with its signal, with its own reason",
    requires: ["storage", "storage.list", "fault.silent"],
    async run(context) {
      await stored(context);
      await aborted(context, "silent", [["list", (options) => walk(context.storage, options)]]);
    },
  },
  {
    id: "CAS-FAULT-15",
    level: "MUST",
    title:
      "a get whose answer drips ends with its signal, with its own reason; put and has do so, or have ended",
    requires: ["storage", "fault.dripping"],
    async run(context) {
      const { storage, content, settled } = context;
      const { address, sent } = await stored(context);
      await aborted(
        context,
        "dripping",
        [
          ["get", (options) => storage.get(address, options)],
          ["has", (options) => storage.has(address, options)],
          ["put", (options) => storage.put(content(100), options)],
        ],
        (what) => what !== "get",
      );
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content afterwards");
    },
  },
  {
    id: "CAS-FAULT-16",
    level: "MUST",
    title: "an answer that drips on behind maxBytes is refused with ERR_TOO_LARGE: its end is not waited for",
    requires: ["storage", "fault.dripping"],
    async run(context) {
      const { address } = await stored(context);
      await during(context, "dripping", async () => {
        const reading = context.storage.get(address, { maxBytes: 8 });
        const error = await rejectsWith(reading, "ERR_TOO_LARGE", "get (dripping)");
        equal((error as Error & { limit?: unknown }).limit, 8, "the limit in the error");
      });
    },
  },
  {
    id: "CAS-FAULT-17",
    level: "MUST",
    title: "close does not wait for a silent service, and what waits for it ends",
    requires: ["storage", "storage.close", "fault.silent"],
    async run(context) {
      const { storage, content } = context;
      const { delete: deletes, list, release, putMany } = storage.capabilities;
      const { address } = await stored(context);
      await during(context, "silent", async () => {
        const { ending } = await startUnderFault(context, () =>
          Promise.allSettled<unknown>([
            storage.put(content(100)),
            storage.get(address),
            storage.has(address),
            ...(putMany ? [storage.putMany?.([content(100), content(100)])] : []),
            ...(deletes ? [storage.delete?.(address)] : []),
            ...(release ? [storage.release?.(address)] : []),
            ...(list ? [walk(storage)] : []),
          ]),
        );
        await storage.close?.();
        const outcome = await ending;
        for (const one of outcome.status === "fulfilled" ? outcome.value : []) {
          check(one.status === "rejected", "an operation under way succeeded without an answer");
          checkError(one.reason, "ERR_CLOSED", "an operation under way");
        }
      });
    },
  },
  {
    id: "CAS-FAULT-30",
    level: "MUST",
    title: "close does not wait for what an aborted operation has left at a silent service",
    requires: ["storage", "storage.close", "fault.silent"],
    async run(context) {
      const { storage, content } = context;
      const { address } = await stored(context);
      await during(context, "silent", async () => {
        for (const operate of [
          (signal: AbortSignal) => storage.put(content(100), { signal }),
          (signal: AbortSignal) => storage.get(address, { signal }),
          (signal: AbortSignal) => storage.has(address, { signal }),
        ]) {
          const controller = new AbortController();
          const { ending } = await startUnderFault<unknown>(context, () => operate(controller.signal));
          controller.abort(new Error("gave up"));
          await ending;
        }
        await storage.close?.();
      });
    },
  },
];
