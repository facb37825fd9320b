// Lists that take more than one answer of the service.

import type { Address } from "@remote-log/core";
import { check, checkError, equal, outcomeOf } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { walk } from "./walk.ts";

/** More contents than services list in one answer: many give 1,000 at once. */
const AT_LEAST = 1_051;
/** At most this many more, drawn by chance: no list may stop at a number that it knows from the suite. */
const AT_MOST_MORE = 30;
/** How many contents are deleted while a list runs. */
const DELETED = 20;
/** How many of them are put at once. */
const AT_ONCE = 16;
/** The part of its time that the case spends on them. */
const PUT_PART = 3 / 4;

/** A list that takes more than one answer of the service. */
export const longListCases: readonly ConformanceCase[] = [
  {
    id: "CAS-LIST-04",
    level: "MUST",
    title: "a list of more than 1,000 contents is whole, each once, and one that breaks off says so",
    requires: ["storage", "storage.list"],
    async run(context) {
      const { storage, settled, opened } = context;
      const put = await putMany(context);
      await settled("storage", async () => {
        const listed = await walk(storage);
        equal(new Set(listed).size, listed.length, "number of different addresses in the list");
        checkWhole(listed, put);
      });
      const { faults } = opened;
      if (faults?.kinds.includes("unreachable") !== true) return;
      const listed: string[] = [];
      const walking = async (): Promise<void> => {
        for await (const address of storage.list?.() ?? []) {
          if (listed.length === 0) await faults.begin("unreachable");
          listed.push(String(address));
        }
      };
      const outcome = await outcomeOf(walking());
      await faults.end();
      // What came with the first answer may be all of it.
      if (outcome.status === "fulfilled") checkWhole(listed, put);
      else checkError(outcome.reason, "ERR_UNREACHABLE", "a list that breaks off");
    },
  },
  {
    id: "CAS-LIST-05",
    level: "MUST",
    title:
      "a list of more than 1,000 contents misses nothing that stays, though others are deleted meanwhile",
    requires: ["storage", "storage.list", "storage.delete"],
    async run(context) {
      const { storage, settled } = context;
      const put = await putMany(context);
      await settled("storage", async () => checkWhole(await walk(storage), put));
      const listed: string[] = [];
      const deleted: Address[] = [];
      for await (const address of storage.list?.() ?? []) {
        listed.push(String(address));
        if (deleted.length < DELETED && deleted.push(address) === DELETED) {
          await Promise.all(deleted.map(async (one) => storage.delete?.(one)));
        }
      }
      checkWhole(listed, put);
      equal(new Set(listed).size, listed.length, "number of different addresses in the list");
    },
  },
];

function checkWhole(listed: readonly string[], put: readonly string[]): void {
  const found = new Set(listed);
  const missing = put.filter((address) => !found.has(address));
  check(missing.length === 0, `${missing.length} of ${put.length} contents are not in the list`);
}

/** Puts the contents, as many at once as a service will bear. */
async function putMany({ storage, content, limits, seed, skip }: CaseContext): Promise<readonly string[]> {
  const wanted = AT_LEAST + (seed % AT_MOST_MORE);
  const contents = Array.from({ length: wanted }, () => content(24));
  const put: string[] = [];
  const end = performance.now() + PUT_PART * limits.timeoutMs;
  const worker = async (): Promise<void> => {
    for (let next = contents.pop(); next !== undefined; next = contents.pop()) {
      if (performance.now() > end) return;
      put.push(String(await storage.put(next)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (put.length < wanted) {
    skip(
      `in three quarters of timeoutMs only ${put.length} contents were put; it takes ${wanted} to check this`,
    );
  }
  return put;
}
