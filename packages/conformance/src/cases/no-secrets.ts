// Looks for the secrets of a fixture in errors, in every form in which they could be written.

import { check, outcomeOf } from "../assert.ts";
import type { CaseContext } from "../case.ts";
import { findSecret } from "../secrets.ts";
import { type Operation, suffer } from "./under-fault.ts";

/**
 * Fails if a secret of the fixture is in an error.
 *
 * @param underFaults - operations that meet every fault that the fixture can bring about
 * @param refused - operations that are refused without any fault
 */
export async function noSecrets(
  context: CaseContext,
  underFaults: readonly Operation[],
  refused: readonly Operation[],
): Promise<void> {
  const { secrets = [], faults } = context.opened;
  const look = (error: unknown, what: string): void => {
    const found = findSecret(error, secrets);
    check(found === undefined, `${what}: a secret is in ${found}`);
  };
  for (const fault of faults?.kinds ?? []) {
    const outcomes = await suffer(context, fault, underFaults);
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === "rejected") look(outcome.reason, `${underFaults[i]![0]} (${fault})`);
    }
  }
  for (const [what, operate] of refused) {
    const outcome = await outcomeOf(operate());
    if (outcome.status === "rejected") look(outcome.reason, what);
  }
}
