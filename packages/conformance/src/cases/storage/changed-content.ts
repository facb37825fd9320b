// CAS-FAULT: what a storage makes of a content that was changed on its way.

import { type Address, checkContent } from "@remote-log/core";
import { check, checkError, outcomeOf, rejectsWith, sameBytes, show } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import type { Fault } from "../../fixture.ts";
import { checkOneOf, during } from "../under-fault.ts";
import { stored } from "./walk.ts";

/** What a storage makes of a content that was changed on its way. */
export const changedContentCases: readonly ConformanceCase[] = [
  changed("CAS-FAULT-18", "corrupt", "of which a byte has changed"),
  changed("CAS-FAULT-19", "truncated", "that ends early"),
  changed("CAS-FAULT-20", "extended", "that is longer than it was"),
  {
    id: "CAS-FAULT-21",
    level: "MUST",
    title: "an answer of more than maxBytes is refused, also where the content itself has no more",
    requires: ["storage", "fault.extended"],
    async run(context) {
      const { address, sent } = await stored(context);
      await during(context, "extended", async () => {
        const outcome = await outcomeOf(context.storage.get(address, { maxBytes: sent.length }));
        if (outcome.status === "fulfilled") sameBytes(outcome.value, sent, "the content");
        else checkOneOf(outcome.reason, ["ERR_TOO_LARGE", "ERR_INTEGRITY"], "get (extended)");
      });
    },
  },
  {
    id: "CAS-FAULT-22",
    level: "MAY",
    title: "get itself refuses changed contents with ERR_INTEGRITY, before the core does",
    requires: ["storage", "fault.corrupt", "fault.truncated", "fault.extended"],
    async run(context) {
      const { address } = await stored(context);
      for (const fault of ["corrupt", "truncated", "extended"] as const) {
        await during(context, fault, () =>
          rejectsWith(context.storage.get(address), "ERR_INTEGRITY", `get (${fault})`),
        );
      }
    },
  },
];

/**
 * A storage need not notice: the core hashes all that it gives. But what it says must not hide that something came,
 * or the core would take damage for absence.
 */
function changed(id: string, fault: Fault, which: string): ConformanceCase {
  return {
    id,
    level: "MUST",
    title: `a content ${which} is refused as such or given to the core, which refuses it; it is not "not found"`,
    requires: ["storage", `fault.${fault}`],
    async run(context) {
      const { storage, settled } = context;
      const { address, sent } = await stored(context, 1000);
      await during(context, fault, () => readChanged(context, fault, address));
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content afterwards");
    },
  };
}

async function readChanged({ storage }: CaseContext, fault: Fault, address: Address): Promise<void> {
  const outcome = await outcomeOf(storage.get(address));
  if (outcome.status === "rejected") {
    checkOneOf(outcome.reason, ["ERR_INTEGRITY", "ERR_UNREACHABLE"], `get (${fault})`);
    return;
  }
  check(outcome.value instanceof Uint8Array, `get (${fault}): ${show(outcome.value)} is not a Uint8Array`);
  const verdict = await outcomeOf(checkContent(outcome.value, address, storage.capabilities.hashTypes));
  // If another copy was read instead, the content is right.
  if (verdict.status === "rejected")
    checkError(verdict.reason, "ERR_INTEGRITY", `the core's check (${fault})`);
}
