// Operations whose service answers without end: how they have to end, and how much they may take.

import { check, outcomeOf } from "../assert.ts";
import type { CaseContext } from "../case.ts";
import type { Fault } from "../fixture.ts";
import { checkOneOf, during } from "./under-fault.ts";

/** The faults under which replies never end. */
export type EndlessFault = Extract<Fault, `endless${string}`>;

/**
 * The most that an operation may take of replies that never end, in bytes. It is far more than any should read of what is
 * no content: connections hold megabytes that nobody reads, and an operation may send several requests.
 */
const MOST_BYTES = 48 * 1024 * 1024;

/** The content that is read, in bytes, and the most that is asked for. */
export const READ_BYTES = 1000;

/** One operation of an adapter, and what its end has to be. */
export interface EndlessOperation<T> {
  /** Its name, for messages. */
  readonly what: string;
  readonly operate: () => Promise<T>;
  /** The codes with which it may be refused. */
  readonly codes: readonly string[];
  /** Checks what it gives. Without it, it has to be refused. */
  readonly gives?: (value: T, what: string) => void;
}

/** Makes an operation of a case, so that its type is inferred. */
export function endless<T>(operation: EndlessOperation<T>): EndlessOperation<unknown> {
  return operation as EndlessOperation<unknown>;
}

/**
 * Fails unless each of the operations, while its service answers without end, ends by itself, as it may, and takes no
 * more of the answers than it may. One after the other, so that what each takes can be told.
 */
export async function endsByItself(
  context: CaseContext,
  fault: EndlessFault,
  operations: readonly EndlessOperation<unknown>[],
): Promise<void> {
  const { faults } = context;
  for (const { what, operate, codes, gives } of operations) {
    const name = `${what} (${fault})`;
    const before = faults.sent?.() ?? 0;
    const outcome = await during(context, fault, () => outcomeOf(operate()));
    if (outcome.status === "rejected") checkOneOf(outcome.reason, codes, name);
    else {
      check(gives !== undefined, `${name}: succeeded, and it should be refused`);
      gives(outcome.value, name);
    }
    const taken = (faults.sent?.() ?? 0) - before;
    check(
      taken <= MOST_BYTES,
      `${name}: took ${taken} bytes of answers that never end, more than ${MOST_BYTES}`,
    );
  }
}
