// CAS-DELETE, CAS-LIST: what `delete` and `list` promise, if they are declared.

import { addressOf } from "@remote-log/core";
import { check, checkError, equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { isMissing } from "./absence.ts";
import { foreignAddresses } from "./foreign-addresses.ts";

/** What `delete` and `list` promise, if they are declared. */
export const deleteAndListCases: readonly ConformanceCase[] = [
  {
    id: "CAS-DELETE-01",
    level: "MUST",
    title: "a deleted content is gone, and only that one",
    requires: ["storage", "storage.delete"],
    async run({ storage, content, settled }) {
      const kept = content(100);
      const [gone, other] = [await storage.put(content(100)), await storage.put(kept)];
      await storage.delete?.(gone);
      await settled("storage", () => isMissing(storage, gone, "get of a deleted content"));
      equal(await storage.has(gone), false, "has of a deleted content");
      sameBytes(await settled("storage", () => storage.get(other)), kept, "the content that was not deleted");
    },
  },
  {
    id: "CAS-DELETE-02",
    level: "MUST",
    title: "deleting what is not there is no error",
    requires: ["storage", "storage.delete"],
    async run({ storage, content }) {
      const address = await addressOf(content(100), storage.capabilities.hashTypes[0]!);
      await storage.delete?.(address);
      await storage.delete?.(address);
    },
  },
  {
    id: "CAS-DELETE-03",
    level: "MUST",
    title: "a content that was deleted can be put again",
    requires: ["storage", "storage.delete"],
    async run({ storage, content, settled }) {
      const sent = content(100);
      const address = await storage.put(sent);
      await storage.delete?.(address);
      await storage.put(sent);
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content");
    },
  },
  {
    id: "CAS-DELETE-04",
    level: "MUST",
    title: "the address of an undeclared kind deletes nothing",
    requires: ["storage", "storage.delete"],
    async run(context) {
      const { storage, settled } = context;
      for (const { kind, address, stored } of await foreignAddresses(context)) {
        const outcome = await outcomeOf(Promise.resolve(storage.delete?.(address)));
        if (outcome.status === "rejected") checkError(outcome.reason, "ERR_INTEGRITY", `delete by ${kind}`);
        await settled("storage", async () =>
          equal(await storage.has(stored), true, `has after delete by ${kind}`),
        );
      }
    },
  },
  {
    id: "CAS-LIST-01",
    level: "MUST",
    title: "list gives the address of everything stored, each once",
    requires: ["storage", "storage.list"],
    async run(context) {
      const { storage, content, settled } = context;
      const put = new Set<string>();
      for (let i = 0; i < 25; i++) put.add(String(await storage.put(content(i))));
      await storage.put(content(0));
      await settled("storage", async () => {
        const listed = await listOf(context);
        equal(new Set(listed).size, listed.length, "number of different addresses in the list");
        for (const address of put) check(listed.includes(address), `${address} is not in the list`);
      });
    },
  },
  {
    id: "CAS-LIST-02",
    level: "MUST",
    title: "list no longer gives the address of what was deleted",
    requires: ["storage", "storage.list", "storage.delete"],
    async run(context) {
      const { storage, content, settled } = context;
      const [gone, kept] = [await storage.put(content(50)), await storage.put(content(50))];
      await storage.delete?.(gone);
      await settled("storage", async () => {
        const listed = await listOf(context);
        check(!listed.includes(String(gone)), "the deleted content is in the list");
        check(listed.includes(String(kept)), "the other content is not in the list");
      });
    },
  },
  {
    id: "CAS-LIST-03",
    level: "MUST",
    title: "a list that its caller leaves early ends",
    requires: ["storage", "storage.list"],
    async run({ storage, content, settled }) {
      await storage.put(content(10));
      await storage.put(content(10));
      await settled("storage", async () => {
        let seen = 0;
        for await (const _address of storage.list?.() ?? []) {
          seen++;
          break;
        }
        equal(seen, 1, "number of addresses seen");
      });
      await storage.put(content(10));
    },
  },
];

async function listOf({ storage }: CaseContext): Promise<string[]> {
  const listed: string[] = [];
  for await (const address of storage.list?.() ?? []) listed.push(String(address));
  return listed;
}
