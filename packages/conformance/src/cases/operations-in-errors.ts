// What an error says besides its code: the operation that was called, and the failure that led to it. Writers and
// readers report both, and only the adapter knows them.

import { isRemoteLogError } from "@remote-log/core";
import { check, fail, outcomeOf, show } from "../assert.ts";
import type { CaseContext } from "../case.ts";
import type { Fault } from "../fixture.ts";
import { type Operation, suffer } from "./under-fault.ts";

/** The faults after which an operation is refused by an error of its own. */
const REFUSING: readonly Fault[] = ["unreachable", "reply-lost", "failing", "denied", "quota"];

/** What a resolver asks of its parts, such as a storage or a route: an error of a part may go through as it is. */
const OF_PARTS: Readonly<Record<string, RegExp>> = {
  "names.update": /^[a-z]+\.put$/,
  "names.resolve": /^[a-z]+\.get$/,
};

/** Fails if an error does not name its operation. What is no error of the project is for other cases. */
function checkOperation(error: unknown, operation: string, what: string): void {
  if (!isRemoteLogError(error)) return;
  check(
    error.operation === operation || OF_PARTS[operation]?.test(error.operation) === true,
    `${what}: the operation of ${error.code} is ${show(error.operation)}, not ${show(operation)}`,
  );
}

/**
 * Fails unless operations that are refused name themselves in their errors.
 *
 * @param side - what the operations belong to: an operation called `get` of a storage is `storage.get`
 * @param underFaults - operations, by their names alone, that meet every fault by which they are refused
 * @param refused - operations that are refused without any fault
 */
export async function errorsNameOperations(
  context: CaseContext,
  side: "storage" | "names",
  underFaults: () => readonly Operation[],
  refused: readonly (readonly [...Operation, operation: string])[],
): Promise<void> {
  for (const fault of REFUSING) {
    if (context.opened.faults?.kinds.includes(fault) !== true) continue;
    const operations = underFaults();
    const outcomes = await suffer(context, fault, operations);
    for (const [i, outcome] of outcomes.entries()) {
      const [operation] = operations[i]!;
      if (outcome.status === "rejected")
        checkOperation(outcome.reason, `${side}.${operation}`, `${operation} (${fault})`);
    }
  }
  for (const [what, operate, operation] of refused) {
    const outcome = await outcomeOf(operate());
    if (outcome.status === "rejected") checkOperation(outcome.reason, `${side}.${operation}`, what);
    else fail(`${what}: gave ${show(outcome.value)}, and it should be refused`);
  }
}

/** Fails unless operations on a service that can't be reached keep what their client or connection said. */
export async function errorsHaveCauses(
  context: CaseContext,
  operations: readonly Operation[],
): Promise<void> {
  const outcomes = await suffer(context, "unreachable", operations);
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === "fulfilled" || !isRemoteLogError(outcome.reason)) continue;
    const { cause, code } = outcome.reason;
    check(
      cause !== undefined && cause !== null,
      `${operations[i]![0]} (unreachable): ${code} has no cause, and whoever looks for the reason finds none`,
    );
  }
}
