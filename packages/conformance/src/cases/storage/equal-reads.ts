// Equal operations that run at once. An adapter may answer all of them from one request; the signal and the limit of
// one caller must not become those of the others.

import { equal, outcomeOf, rejectsWith, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { besideAborted } from "../equal-operations.ts";
import { stored } from "./walk.ts";

/** What callers share who ask for the same at the same time. */
export const equalReadCases: readonly ConformanceCase[] = [
  {
    id: "CAS-GET-08",
    level: "MUST",
    title: "of equal concurrent gets each has its own signal: an abort of one does not end the others",
    requires: ["storage"],
    async run(context) {
      const { storage } = context;
      const { address, sent } = await stored(context, 5000);
      await besideAborted(
        "get",
        (options) => storage.get(address, options),
        async (read) => {
          sameBytes(read, sent, "the content of the get that was not aborted");
        },
      );
    },
  },
  {
    id: "CAS-GET-09",
    level: "MUST",
    title: "of equal concurrent gets each has its own maxBytes, whichever comes first",
    requires: ["storage"],
    async run(context) {
      const { storage } = context;
      for (const smallFirst of [true, false]) {
        // A new content each time, so that nothing comes from a cache.
        const { address, sent } = await stored(context, 1000);
        const refusing = (): Promise<unknown> =>
          rejectsWith(storage.get(address, { maxBytes: 100 }), "ERR_TOO_LARGE", "get with maxBytes 100");
        const reading = async (maxBytes?: number): Promise<void> => {
          const outcome = await outcomeOf(storage.get(address, maxBytes === undefined ? {} : { maxBytes }));
          if (outcome.status === "rejected") throw outcome.reason;
          sameBytes(outcome.value, sent, "the content of the get that has room for it");
        };
        await Promise.all(
          smallFirst ? [refusing(), reading(), reading(1000)] : [reading(), reading(1000), refusing()],
        );
      }
    },
  },
  {
    id: "CAS-PUT-14",
    level: "MUST",
    title: "of equal concurrent puts each has its own signal: an abort of one does not end the others",
    requires: ["storage"],
    async run(context) {
      const { storage, content, settled } = context;
      let sent = content(5000);
      await besideAborted(
        "put",
        (options) => storage.put(sent, options),
        async (address) => {
          equal(address.digest.length > 0, true, "whether the put that was not aborted gave an address");
          sameBytes(await settled("storage", () => storage.get(address)), sent, "the content");
          sent = content(5000);
        },
      );
    },
  },
];
