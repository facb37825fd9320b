// CAS-LOCAL: storages that know the absence in their own store alone.

import { type Address, addressOf, isRemoteLogError } from "@remote-log/core";
import { check, checkError, equal, fail, outcomeOf, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { checkReason, promptly, reason, start } from "../under-fault.ts";
import { checkMissing } from "./absence.ts";
import { stored } from "./walk.ts";

/** How often it is tried whether an operation waits for a search: the machine may be busy. */
const TRIES = 3;
/** How many contents that nobody has are looked for at once. */
const SEARCHES = 20;
/** The same while other operations continue: clients have few connections to one host. */
const SEARCHES_BESIDE = 3;

/** What a storage promises that can speak for its own store alone. */
export const localAbsenceCases: readonly ConformanceCase[] = [
  {
    id: "CAS-LOCAL-01",
    level: "MUST",
    title:
      "has, and a get of the own store alone, know what that store lacks, and do not look for it elsewhere",
    requires: ["storage", "storage.local"],
    async run(context) {
      const { storage, content, settled } = context;
      const { localReads = false } = storage.capabilities;
      await duringSearch(context, 1, async () => {
        equal(await storage.has(await nowhere(context)), false, "has of what nobody has");
        if (!localReads) return;
        const read = await outcomeOf(storage.get(await nowhere(context), { local: true }));
        check(read.status === "rejected", "a local get gave a content that nobody has");
        checkError(read.reason, "ERR_NOT_FOUND", "a local get of what nobody has");
      });
      const sent = content(50);
      const address = await storage.put(sent);
      await settled("storage", async () => {
        equal(await storage.has(address), true, "has of what is there");
        if (localReads)
          sameBytes(await storage.get(address, { local: true }), sent, "the content, read locally");
      });
    },
  },
  {
    id: "CAS-LOCAL-02",
    level: "MUST",
    title: "a get of what nobody has ends by itself, many of them at once too, and may be tried again",
    requires: ["storage", "storage.local"],
    async run(context) {
      const { storage } = context;
      const absent = await Promise.all(Array.from({ length: SEARCHES }, () => nowhere(context)));
      for (const outcome of await Promise.allSettled(absent.map((address) => storage.get(address)))) {
        check(outcome.status === "rejected", "get gave a content that nobody has");
        const error: unknown = outcome.reason;
        checkMissing(storage, error, "get");
        if (!isRemoteLogError(error) || error.code === "ERR_NOT_FOUND") continue;
        check(
          error.retry !== "never",
          `${error.code} says "never" of trying again, and the content may come`,
        );
      }
    },
  },
  {
    id: "CAS-LOCAL-03",
    level: "MUST",
    title: "a get that looks for what nobody has ends with its signal, and holds up no other operation",
    requires: ["storage", "storage.local"],
    async run(context) {
      const { storage, content } = context;
      const { address, sent } = await stored(context);
      await duringSearch(context, SEARCHES_BESIDE, async () => {
        const [read, there] = await Promise.all([
          storage.get(address),
          storage.has(address),
          storage.put(content(60)),
        ]);
        sameBytes(read, sent, "the content, read meanwhile");
        equal(there, true, "has, asked meanwhile");
      });
      const controller = new AbortController();
      const absent = await nowhere(context);
      const search = await begin(context, () => storage.get(absent, { signal: controller.signal }));
      controller.abort(reason);
      const error = await search.error();
      if (search.over) checkMissing(storage, error, "get");
      else checkReason(error, "get of what nobody has");
    },
  },
  {
    id: "CAS-LOCAL-04",
    level: "MUST",
    title: "closing the storage ends a get that looks for what nobody has with ERR_CLOSED",
    requires: ["storage", "storage.local", "storage.close"],
    async run(context) {
      const { storage } = context;
      const absent = await nowhere(context);
      const search = await begin(context, () => storage.get(absent));
      await storage.close?.();
      const error = await search.error();
      if (search.over) checkMissing(storage, error, "get");
      else checkError(error, "ERR_CLOSED", "get of what nobody has");
    },
  },
];

/** The address of a content that nobody has. */
function nowhere({ storage, content }: CaseContext): Promise<Address> {
  return addressOf(content(100), storage.capabilities.hashTypes[0]!);
}

/** A get of what nobody has that is under way, or over already. */
interface Search {
  /** Whether its time was over, or an answer was there, before anything ended it. */
  readonly over: boolean;
  /** What it ended with. */
  readonly error: () => Promise<unknown>;
}

async function begin(context: CaseContext, get: () => Promise<Uint8Array>): Promise<Search> {
  let over = false;
  const { ending } = await start(context, () => get().finally(() => (over = true)));
  return {
    over,
    async error() {
      const outcome = await promptly(ending, "get of what nobody has");
      check(outcome.status === "rejected", "get gave a content that nobody has");
      return outcome.reason as unknown;
    },
  };
}

/** Does a piece of work while gets look for what nobody has. Fails if it ends only after them, each time. */
async function duringSearch(
  context: CaseContext,
  searches: number,
  work: () => Promise<void>,
): Promise<void> {
  const { storage } = context;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const absent = await Promise.all(Array.from({ length: searches }, () => nowhere(context)));
    const controller = new AbortController();
    let left = searches;
    const looking = absent.map(async (address) => {
      const outcome = await outcomeOf(storage.get(address, { signal: controller.signal }));
      left--;
      check(outcome.status === "rejected", "get gave a content that nobody has");
      if (outcome.reason !== reason) checkMissing(storage, outcome.reason, "get");
      return outcome.reason as unknown;
    });
    const worked = await outcomeOf(work());
    const waited = left === 0;
    controller.abort(reason);
    const ended = await outcomeOf(Promise.all(looking));
    if (worked.status === "rejected") throw worked.reason;
    if (ended.status === "rejected") throw ended.reason;
    // Who answers at once has not looked elsewhere.
    if (!waited || ended.value.some((error) => codeOf(error) === "ERR_NOT_FOUND")) return;
  }
  fail(`another operation was over only after a get of what nobody has, each of ${TRIES} times`);
}

function codeOf(error: unknown): unknown {
  return isRemoteLogError(error) ? error.code : undefined;
}
