// What a list yields: addresses of contents, for as long as the storage is open.

import { type Address, addressOf } from "@remote-log/core";
import { check, checkError, equal, outcomeOf, sameBytes, show } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { isMissing } from "./absence.ts";
import { stored, walk } from "./walk.ts";

/** How many contents are put, and at most how many listed addresses are read: a namespace may be shared. */
const CONTENTS = 12;
const READ_AT_MOST = 100;

/** What the items of a list are, and how it ends. */
export const listedAddressCases: readonly ConformanceCase[] = [
  {
    id: "CAS-LIST-06",
    level: "MUST",
    title:
      "what list gives are the addresses that put gave, as get, has and delete take them, and nothing besides",
    requires: ["storage", "storage.list"],
    async run(context) {
      const { storage, settled } = context;
      const put = new Map<string, Address>();
      for (const { address } of await putSome(context)) put.set(String(address), address);
      // Names may be kept beside the contents, under keys that look like those of contents.
      await context.opened.names?.update(context.name(), context.content(40), { expected: null });
      await settled("storage", async () => checkListed(context, put));
      const { delete: deletes } = storage.capabilities;
      if (!deletes) return;
      const listed = (await addressesOf(context)).find((address) => put.has(String(address)));
      check(listed !== undefined, "the list no longer gives what was put");
      await storage.delete?.(listed);
      await settled("storage", () => isMissing(storage, put.get(String(listed))!, "get of what was deleted"));
    },
  },
  {
    id: "CAS-LIST-07",
    level: "MUST",
    title:
      "a list that is under way when the storage is closed ends with ERR_CLOSED: it neither continues nor looks whole",
    requires: ["storage", "storage.list", "storage.close"],
    async run(context) {
      const { storage, settled } = context;
      const put = await putSome(context);
      await settled("storage", async () => {
        const listed = await walk(storage);
        for (const { address } of put) {
          check(listed.includes(String(address)), `${address} is not in the list`);
        }
      });
      let seen = 0;
      const walking = async (): Promise<void> => {
        for await (const _address of storage.list?.() ?? []) if (++seen === 1) await storage.close?.();
      };
      const outcome = await outcomeOf(walking());
      check(
        outcome.status === "rejected",
        `after close the list gave ${seen - 1} further addresses, and ended`,
      );
      checkError(outcome.reason, "ERR_CLOSED", "the list after close");
      equal(seen, 1, "number of addresses that the list gave, the one before close included");
    },
  },
];

function putSome(context: CaseContext): Promise<{ readonly address: Address }[]> {
  return Promise.all(Array.from({ length: CONTENTS }, () => stored(context, 60)));
}

async function addressesOf({ storage }: CaseContext): Promise<Address[]> {
  const listed: Address[] = [];
  for await (const address of storage.list?.() ?? []) listed.push(address);
  return listed;
}

async function checkListed(context: CaseContext, put: ReadonlyMap<string, Address>): Promise<void> {
  const { storage } = context;
  const type = storage.capabilities.hashTypes[0]!;
  const listed = await addressesOf(context);
  const texts = new Set(listed.map(String));
  for (const text of put.keys()) check(texts.has(text), `${text} is not in the list`);
  for (const address of listed.slice(0, READ_AT_MOST)) {
    const known = put.get(String(address));
    const what = `the listed address ${show(address)}`;
    if (known !== undefined) {
      equal(address.codec, known.codec, `the codec of ${what}`);
      equal(address.hash, known.hash, `the hash of ${what}`);
      sameBytes(address.digest, known.digest, `the digest of ${what}`);
      sameBytes(address.bytes, known.bytes, `the bytes of ${what}`);
    }
    equal(await storage.has(address), true, `has of ${what}`);
    const read = await outcomeOf(storage.get(address));
    check(read.status === "fulfilled", `get of ${what}: ${show(read.status === "rejected" && read.reason)}`);
    if (known !== undefined)
      equal(String(await addressOf(read.value, type)), String(known), `what ${what} gives`);
  }
}
