// CAS-ABORT, CAS-CLOSE, CAS-FAULT: a release that is aborted, refused or not answered.

import { checkError, outcomeOf, rejectsAs, rejectsWith, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import type { Fault } from "../../fixture.ts";
import { abortEverywhere } from "../abort-points.ts";
import { aborted, during, refused } from "../under-fault.ts";
import { endless, endsByItself } from "../without-end.ts";
import { isMissing, wholeOrMissing } from "./absence.ts";
import { stays } from "./release.ts";
import { stored } from "./walk.ts";

type Stored = Awaited<ReturnType<typeof stored>>;

/** A release that is aborted, refused or not answered. */
export const releaseUnderFaultCases: readonly ConformanceCase[] = [
  {
    id: "CAS-ABORT-13",
    level: "MUST",
    title: "an aborted signal ends release before anything is done, with its own reason",
    requires: ["storage", "storage.release"],
    async run(context) {
      const { storage, withoutRequests } = context;
      const kept = await stored(context);
      const reason = new Error("gave up");
      await withoutRequests(async () => {
        const releasing = storage.release?.(kept.address, { signal: AbortSignal.abort(reason) });
        await rejectsAs(Promise.resolve(releasing), reason, "release");
      });
      await stays(context, kept);
    },
  },
  {
    id: "CAS-ABORT-14",
    level: "MUST",
    title: "wherever a release is aborted, the content is whole or gone, and can be released and put again",
    requires: ["storage", "storage.release"],
    async run(context) {
      const { storage } = context;
      await abortEverywhere(context, "release", async () => {
        const one = await stored(context, 5000);
        return {
          operate: async (options) => storage.release?.(one.address, options),
          after: () => canBeReleasedAgain(context, one, "after the abort"),
        };
      });
    },
  },
  {
    id: "CAS-CLOSE-05",
    level: "MUST",
    title: "release is refused with ERR_CLOSED after close",
    requires: ["storage", "storage.release", "storage.close"],
    async run({ storage, content }) {
      const address = await storage.put(content(10));
      await storage.close?.();
      await rejectsWith(Promise.resolve(storage.release?.(address)), "ERR_CLOSED", "release");
    },
  },
  refusedRelease("CAS-FAULT-38", "unreachable", "ERR_UNREACHABLE", "a service that can't be reached"),
  refusedRelease("CAS-FAULT-39", "failing", "ERR_UNREACHABLE", "a service that fails"),
  refusedRelease("CAS-FAULT-40", "denied", "ERR_DENIED", "a service that allows it to others alone"),
  {
    id: "CAS-FAULT-41",
    level: "MUST",
    title: "a release that waits for a silent service ends with its signal, with its own reason",
    requires: ["storage", "storage.release", "fault.silent"],
    async run(context) {
      const { storage } = context;
      const { address } = await stored(context);
      await aborted(context, "silent", [["release", async (options) => storage.release?.(address, options)]]);
    },
  },
  {
    id: "CAS-FAULT-42",
    level: "MUST",
    title: "a release whose answer is lost can be repeated, and then nothing keeps the content",
    requires: ["storage", "storage.release", "fault.reply-lost"],
    async run(context) {
      const { storage } = context;
      const one = await stored(context);
      const outcome = await during(context, "reply-lost", () =>
        outcomeOf(Promise.resolve(storage.release?.(one.address))),
      );
      if (outcome.status === "rejected")
        checkError(outcome.reason, "ERR_UNREACHABLE", "release (reply-lost)");
      await canBeReleasedAgain(context, one, "after the answer was lost");
    },
  },
  {
    id: "CAS-FAULT-43",
    level: "MUST",
    title: "a release whose answer never ends has ended well, or is refused with ERR_UNREACHABLE, by itself",
    requires: ["storage", "storage.release", "fault.endless"],
    async run(context) {
      const { storage } = context;
      const one = await stored(context);
      await endsByItself(context, "endless", [
        endless({
          what: "release",
          operate: async () => storage.release?.(one.address),
          codes: ["ERR_UNREACHABLE"],
          gives: () => undefined,
        }),
      ]);
      await canBeReleasedAgain(context, one, "after an answer that never ended");
    },
  },
];

/** A service that says no: nothing is released. */
function refusedRelease(id: string, fault: Fault, code: string, service: string): ConformanceCase {
  return {
    id,
    level: "MUST",
    title: `release on ${service} is refused with ${code}, and the content stays`,
    requires: ["storage", "storage.release", `fault.${fault}`],
    async run(context) {
      const { storage } = context;
      const kept = await stored(context);
      await refused(context, fault, code, [["release", async () => storage.release?.(kept.address)]]);
      await stays(context, kept);
    },
  };
}

/** Fails unless a content that may have been released can be released, and put, as if nothing had happened. */
async function canBeReleasedAgain(
  { storage, opened, settled }: CaseContext,
  { address, sent }: Stored,
  when: string,
): Promise<void> {
  await wholeOrMissing(storage, address, sent, when);
  await storage.release?.(address);
  if (opened.tidyUp !== undefined) {
    await opened.tidyUp();
    await settled("storage", () => isMissing(storage, address, `get of what was released again ${when}`));
  }
  await storage.put(sent);
  sameBytes(await settled("storage", () => storage.get(address)), sent, "the content, put again");
}
