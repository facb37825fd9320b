import { check, checkError, equal, outcomeOf } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { walk } from "./walk.ts";

/** More contents than services list in one answer: many give 1,000 at once. */
const CONTENTS = 1_050;
/** How many of them are put at once. */
const AT_ONCE = 16;
/** The part of its time that the case spends on them. */
const PUT_PART = 3 / 4;

/** A list that takes more than one answer of the service. */
export const longListCases: readonly ConformanceCase[] = [
  {
    id: "CAS-LIST-04",
    level: "MUST",
    title: `a list of ${CONTENTS.toLocaleString("en")} contents is whole, each once, and one that breaks off says so`,
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
];

function checkWhole(listed: readonly string[], put: readonly string[]): void {
  const found = new Set(listed);
  const missing = put.filter((address) => !found.has(address));
  check(missing.length === 0, `${missing.length} of ${put.length} contents are not in the list`);
}

/** Puts the contents, as many at once as a service will bear. */
async function putMany({ storage, content, limits, skip }: CaseContext): Promise<readonly string[]> {
  const contents = Array.from({ length: CONTENTS }, () => content(24));
  const put: string[] = [];
  const end = performance.now() + PUT_PART * limits.timeoutMs;
  const worker = async (): Promise<void> => {
    for (let next = contents.pop(); next !== undefined; next = contents.pop()) {
      if (performance.now() > end) return;
      put.push(String(await storage.put(next)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (put.length < CONTENTS) {
    skip(
      `in three quarters of timeoutMs only ${put.length} contents were put; it takes ${CONTENTS} to check this`,
    );
  }
  return put;
}
