// Which retry verdicts are true of an error, by the fault that led to it.

import { isRemoteLogError } from "@remote-log/core";
import { check, fail, outcomeOf, show } from "../assert.ts";
import type { CaseContext } from "../case.ts";
import type { Fault } from "../fixture.ts";
import { during, type Operation } from "./under-fault.ts";

/** What an error may say of trying again, by the fault that led to it. */
const verdicts: Partial<Record<Fault, readonly string[]>> = {
  unreachable: ["safe", "exhausted"],
  failing: ["safe", "exhausted"],
  denied: ["never", "exhausted"],
  quota: ["never", "exhausted"],
};

/** Fails unless errors say truly whether to try again: writers and readers go by that. */
export async function verdictsAreTrue(
  context: CaseContext,
  reads: readonly Operation[],
  writes: readonly Operation[],
): Promise<void> {
  for (const [fault, allowed] of Object.entries(verdicts) as [Fault, readonly string[]][]) {
    if (!context.faults.kinds.includes(fault)) continue;
    const operations = fault === "quota" ? writes : [...reads, ...writes];
    await during(context, fault, () =>
      Promise.all(
        operations.map(async ([what, operate]) => {
          const outcome = await outcomeOf(operate());
          const error: unknown = outcome.status === "rejected" ? outcome.reason : undefined;
          if (!isRemoteLogError(error))
            return fail(`${what} (${fault}): ${show(error)} has no verdict`, error);
          const { retry, code } = error;
          check(
            allowed.includes(retry),
            `${what} (${fault}): ${code} says ${show(retry)} of trying again, not ${allowed.join(" or ")}`,
          );
        }),
      ),
    );
  }
}
