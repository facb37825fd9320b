// CAS-RELEASE: what `release` promises, if it is declared. Whether something keeps a content shows only once the service has
// tidied up.

import { type Address, addressOf } from "@remote-log/core";
import { checkError, equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { isMissing, wholeOrMissing } from "./absence.ts";
import { foreignAddresses } from "./foreign-addresses.ts";
import { inTurn, nearAddresses } from "./near-addresses.ts";
import { stored } from "./walk.ts";

/** How many contents are released at once. */
const AT_ONCE = 50;

/** What `release` promises, if it is declared. */
export const releaseCases: readonly ConformanceCase[] = [
  {
    id: "CAS-RELEASE-01",
    level: "MUST",
    title: "a released content is whole or gone, and every other one stays",
    requires: ["storage", "storage.release"],
    async run(context) {
      const { storage } = context;
      const [released, kept] = [await stored(context), await stored(context)];
      await storage.release?.(released.address);
      await wholeOrMissing(storage, released.address, released.sent, "after its release");
      await stays(context, kept);
      await wholeOrMissing(storage, released.address, released.sent, "later");
    },
  },
  {
    id: "CAS-RELEASE-02",
    level: "MUST",
    title: "releasing what was never put is no error",
    requires: ["storage", "storage.release"],
    async run(context) {
      const { storage, content } = context;
      const kept = await stored(context);
      await storage.release?.(await addressOf(content(100), storage.capabilities.hashTypes[0]!));
      await stays(context, kept);
    },
  },
  {
    id: "CAS-RELEASE-03",
    level: "MUST",
    title: "releasing a content twice is no error, one after the other and at once",
    requires: ["storage", "storage.release"],
    async run(context) {
      const { storage } = context;
      const { address } = await stored(context);
      await storage.release?.(address);
      await storage.release?.(address);
      const { address: other } = await stored(context);
      await Promise.all([storage.release?.(other), storage.release?.(other)]);
    },
  },
  {
    id: "CAS-RELEASE-04",
    level: "MUST",
    title: "a content that was released is there again once it was put again",
    requires: ["storage", "storage.release"],
    async run(context) {
      const { storage, settled } = context;
      const { address, sent } = await stored(context);
      await storage.release?.(address);
      equal(String(await storage.put(sent)), String(address), "the address of the content, put again");
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content, put again");
      await settled("storage", async () => equal(await storage.has(address), true, "has, put again"));
    },
  },
  {
    id: "CAS-RELEASE-05",
    level: "MUST",
    title: "the address of an undeclared kind releases nothing",
    requires: ["storage", "storage.release"],
    async run(context) {
      const { storage, opened, settled } = context;
      for (const { kind, address, stored: kept } of await foreignAddresses(context)) {
        const outcome = await outcomeOf(Promise.resolve(storage.release?.(address)));
        if (outcome.status === "rejected") checkError(outcome.reason, "ERR_INTEGRITY", `release by ${kind}`);
        await opened.tidyUp?.();
        await settled("storage", async () =>
          equal(await storage.has(kept), true, `has after release by ${kind}`),
        );
      }
    },
  },
  {
    id: "CAS-RELEASE-06",
    level: "MUST",
    title:
      "releasing addresses that differ in one bit releases nothing, whichever byte of the digest it is in",
    requires: ["storage", "storage.release"],
    async run(context) {
      const { storage } = context;
      const kept = await stored(context);
      await inTurn(nearAddresses(context, kept.address), async (near) => storage.release?.(near));
      await stays(context, kept);
    },
  },
  {
    id: "CAS-RELEASE-07",
    level: "MUST",
    title: "what another instance released this one can put again",
    requires: ["storage", "storage.release", "reopen"],
    async run(context) {
      const { storage, opened, reopen } = context;
      const other = (await reopen()).storage;
      const again = await stored(context);
      await other.release?.(again.address);
      await opened.tidyUp?.();
      await storage.put(again.sent);
      await stays(context, again);
    },
  },
  {
    id: "CAS-RELEASE-08",
    level: "MUST",
    title: "50 releases at once all succeed, and what is put meanwhile stays",
    requires: ["storage", "storage.release"],
    async run(context) {
      const { storage, content } = context;
      const released: Address[] = [];
      for (let i = 0; i < AT_ONCE; i++) released.push(await storage.put(content(50)));
      const meanwhile = content(50);
      const [address] = await Promise.all([
        storage.put(meanwhile),
        ...released.map(async (one) => storage.release?.(one)),
      ]);
      await stays(context, { address, sent: meanwhile });
    },
  },
  {
    id: "CAS-RELEASE-09",
    level: "MUST",
    title:
      "once the service has tidied up, what was released is gone, however often it was put, and all else is there",
    requires: ["storage", "storage.release", "tidyUp"],
    async run(context) {
      const { storage, settled } = context;
      const [once, twice, kept] = [await stored(context), await stored(context), await stored(context)];
      await storage.put(twice.sent);
      for (const { address } of [once, twice]) await storage.release?.(address);
      await stays(context, kept);
      for (const [what, { address }] of [
        ["that was put once", once],
        ["that was put twice", twice],
      ] as const) {
        await settled("storage", () => isMissing(storage, address, `get of a released content ${what}`));
        equal(await storage.has(address), false, `has of a released content ${what}`);
      }
    },
  },
  {
    id: "CAS-RELEASE-10",
    level: "MUST",
    title:
      "a content that was put again after its release is kept again: it stays when the service tidies up",
    requires: ["storage", "storage.release", "tidyUp"],
    async run(context) {
      const { storage } = context;
      const again = await stored(context);
      await storage.release?.(again.address);
      await storage.put(again.sent);
      await stays(context, again);
    },
  },
];

/** Fails unless a content that nobody released is there, after the service has tidied up, if the fixture can tell it to. */
export async function stays(
  { storage, opened, settled }: CaseContext,
  { address, sent }: { readonly address: Address; readonly sent: Uint8Array },
): Promise<void> {
  await opened.tidyUp?.();
  sameBytes(await settled("storage", () => storage.get(address)), sent, "the content that was not released");
}
