// CAS-MANY: a `putMany` that is refused, or not answered.

import type { StorageBackend } from "@remote-log/core";
import { check, checkError, equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import type { Fault } from "../../fixture.ts";
import { aborted, checkOneOf, during } from "../under-fault.ts";
import { endless, endsByItself } from "../without-end.ts";
import { addressesOf, areThere, canBePutAgain, putTogether } from "./put-together.ts";
import { stored } from "./walk.ts";

const REFUSALS: readonly (readonly [Fault, string])[] = [
  ["unreachable", "ERR_UNREACHABLE"],
  ["failing", "ERR_UNREACHABLE"],
  ["denied", "ERR_DENIED"],
  ["quota", "ERR_QUOTA"],
];

/** A `putMany` that is refused, or not answered. */
export const putManyUnderFaultCases: readonly ConformanceCase[] = [
  {
    id: "CAS-MANY-14",
    level: "MUST",
    title:
      "putMany on a service that can't be reached, fails, refuses or has no room is refused for each content: none counts as stored",
    requires: ["storage", "storage.putMany", "faults"],
    async run(context) {
      const { storage, content, settled, faults } = context;
      const { address, sent } = await stored(context);
      for (const [fault, code] of REFUSALS) {
        if (!faults.kinds.includes(fault)) continue;
        const contents = [content(100), sent, content(100)];
        const reasons = await during(context, fault, () => reasonsOf(storage, contents, fault));
        for (const reason of reasons) checkError(reason, code, `putMany (${fault})`);
      }
      sameBytes(await settled("storage", () => storage.get(address)), sent, "the content afterwards");
    },
  },
  {
    id: "CAS-MANY-15",
    level: "MUST",
    title: "of a putMany whose answer is lost each content is whole or not there, and can be put again",
    requires: ["storage", "storage.putMany", "fault.reply-lost"],
    async run(context) {
      const { storage, content } = context;
      const contents = [content(700), content(100)];
      const call = await during(context, "reply-lost", () =>
        outcomeOf(Promise.resolve(storage.putMany?.(contents) ?? [])),
      );
      const outcomes = call.status === "rejected" ? [call] : call.value;
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.status === "fulfilled") await areThere(context, [contents[i]!]);
        else checkOneOf(outcome.reason, ["ERR_UNREACHABLE", "ERR_TIMEOUT"], "putMany (reply-lost)");
      }
      await canBePutAgain(context, contents, "after the answer was lost");
    },
  },
  {
    id: "CAS-MANY-16",
    level: "MUST",
    title: "a putMany that waits for a silent service ends with its signal, with its own reason",
    requires: ["storage", "storage.putMany", "fault.silent"],
    async run(context) {
      const { storage, content } = context;
      await aborted(context, "silent", [
        ["putMany", async (options) => storage.putMany?.([content(100), content(100)], options)],
      ]);
    },
  },
  {
    id: "CAS-MANY-17",
    level: "MUST",
    title:
      "a putMany whose answer never ends has ended well, or is refused with ERR_UNREACHABLE, by itself, and can be repeated",
    requires: ["storage", "storage.putMany", "fault.endless"],
    async run(context) {
      const { storage, content } = context;
      // What an adapter asks before its first write is answered: the fault has to meet the write itself.
      await stored(context);
      const contents = [content(700), content(100)];
      const addresses = (await addressesOf(storage, contents)).join();
      await endsByItself(context, "endless", [
        endless({
          what: "putMany",
          operate: () => putTogether(storage, contents),
          codes: ["ERR_UNREACHABLE"],
          gives: (given, what) => equal(given.join(), addresses, what),
        }),
      ]);
      await canBePutAgain(context, contents, "after an answer that never ended");
    },
  },
];

/** What a call was refused with, or each of its contents. Fails if one of them counts as stored. */
async function reasonsOf(
  storage: StorageBackend,
  contents: readonly Uint8Array[],
  fault: Fault,
): Promise<readonly unknown[]> {
  const call = await outcomeOf(Promise.resolve(storage.putMany?.(contents) ?? []));
  if (call.status === "rejected") return [call.reason as unknown];
  equal(call.value.length, contents.length, `putMany (${fault}): number of outcomes`);
  return call.value.map((outcome, i) => {
    check(outcome.status === "rejected", `putMany (${fault}): content ${i} counts as stored`);
    return outcome.reason as unknown;
  });
}
