// CAS-GET, CAS-DELETE: what one instance knows of what another one did. Nothing may be remembered that is no longer
// true.

import { addressOf } from "@remote-log/core";
import { equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { isMissing } from "./absence.ts";

/** What one instance knows of what another one did: nothing may be remembered that is no longer true. */
export const storageInstanceCases: readonly ConformanceCase[] = [
  {
    id: "CAS-GET-06",
    level: "MUST",
    title: "a content that was missed before is there once another instance has put it",
    requires: ["storage", "reopen"],
    async run({ storage, content, settled, reopen }) {
      const sent = content(300);
      const address = await addressOf(sent, storage.capabilities.hashTypes[0]!);
      await isMissing(storage, address, "get before the put");
      equal(await storage.has(address), false, "has before the put");
      await (await reopen()).storage.put(sent);
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content");
      await settled("storage", async () => equal(await storage.has(address), true, "has after the put"));
    },
  },
  {
    id: "CAS-DELETE-05",
    level: "MUST",
    title: "what another instance deleted is not there for this one either, and this one can put it again",
    requires: ["storage", "storage.delete", "reopen"],
    async run({ storage, content, settled, reopen }) {
      const other = (await reopen()).storage;
      const sent = content(300);
      const address = await storage.put(sent);
      await settled("storage", async () => equal(await storage.has(address), true, "has after the put"));
      await settled("storage", () => other.get(address));
      await other.delete?.(address);
      await settled("storage", async () => equal(await storage.has(address), false, "has after the delete"));
      await storage.put(sent);
      await settled("storage", async () => {
        for (const instance of [other, storage]) {
          const read = await outcomeOf(instance.get(address));
          if (read.status === "rejected") throw read.reason;
          sameBytes(read.value, sent, "the content, put again");
        }
      });
    },
  },
];
