// Operations under a fault: how they are started, how it is known that they met it, and how they have to end.

import { isRemoteLogError, type OperationOptions } from "@remote-log/core";
import { ConformanceFailure, check, checkError, fail, outcomeOf, rejectsWith, show } from "../assert.ts";
import type { CaseContext } from "../case.ts";
import type { Fault } from "../fixture.ts";

/** How long an operation may take to end after its signal has fired: far more than any should need, on a busy machine too. */
const PROMPT_MS = 5_000;
/** How long a request may take to be sent, if requests are counted; and how long it is given if not. */
const SENT_MS = 500;
const SENT_UNCOUNTED_MS = 40;
/** How long a request may take to meet a fault, if the fault control tells. The limit is for hangs alone. */
const MET_MS = 10_000;

/** The reason of every signal that fires here. */
export const reason: Error = new Error("gave up");

/** One operation of an adapter under a fault, with a name for messages. */
export type Operation = readonly [what: string, operate: (options?: OperationOptions) => Promise<unknown>];

/** Whether a piece of work has to send a request while a fault lasts, or may send none. */
type Meets = "meets it" | "may meet none";

/**
 * Does a piece of work while a fault lasts. Fails if nothing met the fault, as far as that can be told: a case that
 * meets no fault shows nothing.
 *
 * @param meets - whether the work may send no request, as a watch does that waits to be told
 */
export async function during<T>(
  context: Pick<CaseContext, "faults" | "opened">,
  fault: Fault,
  work: () => Promise<T>,
  meets: Meets = "meets it",
): Promise<T> {
  const { faults } = context;
  const count = meetings(context);
  const before = count?.() ?? 0;
  await faults.begin(fault);
  let value: T;
  try {
    value = await work();
  } finally {
    await faults.end();
  }
  const met = count === undefined || count() > before;
  check(
    met || meets === "may meet none",
    `no request met the fault "${fault}": the fixture did not bring it about, or the adapter asked nobody`,
  );
  return value;
}

/** Counts the requests that met a fault, or those that were sent if the fault control does not tell. */
function meetings({
  faults,
  opened: { requests },
}: Pick<CaseContext, "faults" | "opened">): (() => number) | undefined {
  return faults.met === undefined ? requests : () => faults.met!();
}

/**
 * Fails unless each of the operations, while a fault lasts, is refused with a code. They run at once: an adapter may
 * try each of them several times before it gives up.
 */
export async function refused(
  context: CaseContext,
  fault: Fault,
  code: string,
  operations: readonly Operation[],
): Promise<void> {
  await during(context, fault, async () => {
    await Promise.all(
      operations.map(([what, operate]) => rejectsWith(operate(), code, `${what} (${fault})`)),
    );
  });
}

/**
 * Fails unless each of the operations, while a fault lasts that leaves it without an answer, ends with the reason of
 * its signal soon after that has fired.
 *
 * @param mayEnd - whether an operation may have what it needs all the same
 * @param meets - whether an operation may send no request
 */
export async function aborted(
  context: CaseContext,
  fault: Fault,
  operations: readonly Operation[],
  mayEnd: (what: string) => boolean = () => false,
  meets: Meets = "meets it",
): Promise<void> {
  for (const [what, operate] of operations) {
    const work = async (): Promise<void> => {
      const controller = new AbortController();
      const begin = meets === "meets it" ? startUnderFault : start;
      const { ending } = await begin(context, () => operate({ signal: controller.signal }));
      controller.abort(reason);
      const outcome = await promptly(ending, `${what} (${fault})`);
      if (outcome.status === "rejected") checkReason(outcome.reason, `${what} (${fault})`);
      else check(mayEnd(what), `${what} (${fault}): gave ${show(outcome.value)} without an answer`);
    };
    await during(context, fault, work, meets);
  }
}

/** Fails if an operation that is denied sends more requests than one that is allowed. */
export async function notAskedAgain(context: CaseContext, operations: readonly Operation[]): Promise<void> {
  const { requests = () => context.skip("the fixture does not count requests") } = context.opened;
  const count = async (operate: Operation[1]): Promise<number> => {
    const before = requests();
    await outcomeOf(operate());
    return requests() - before;
  };
  for (const [what, operate] of operations) {
    const allowed = await count(operate);
    const denied = await during(context, "denied", () => count(operate));
    check(denied <= allowed, `${what}: ${denied} requests if denied, ${allowed} if allowed`);
  }
}

/** Has operations meet a fault, all at once, and tells how they ended; those that get no whole answer are aborted. */
export async function suffer(
  context: CaseContext,
  fault: Fault,
  operations: readonly Operation[],
): Promise<PromiseSettledResult<unknown>[]> {
  return during(context, fault, async () => {
    const controller = new AbortController();
    const { ending } = await startUnderFault(context, () =>
      Promise.allSettled(operations.map(([, operate]) => operate({ signal: controller.signal }))),
    );
    if (fault === "silent" || fault === "dripping" || fault.startsWith("endless")) controller.abort(reason);
    const outcome = await ending;
    return outcome.status === "fulfilled" ? outcome.value : [];
  });
}

/** An operation that is under way. Its end is in an object, so as not to wait for it. */
interface Started<T> {
  readonly ending: Promise<PromiseSettledResult<T>>;
}

/** Starts an operation, and waits until a request of it is under way. */
export function start<T>(
  { opened: { requests } }: Pick<CaseContext, "opened">,
  operate: () => Promise<T>,
): Promise<Started<T>> {
  return startUntilMore(requests, requests === undefined ? SENT_UNCOUNTED_MS : SENT_MS, operate);
}

/**
 * Starts an operation while a fault lasts, and waits until a request of it has met the fault. If the fault control does
 * not tell, it waits until one is under way.
 */
export function startUnderFault<T>(
  context: Pick<CaseContext, "opened" | "faults">,
  operate: () => Promise<T>,
): Promise<Started<T>> {
  if (context.faults.met === undefined) return start(context, operate);
  return startUntilMore(meetings(context), MET_MS, operate);
}

async function startUntilMore<T>(
  count: (() => number) | undefined,
  milliseconds: number,
  operate: () => Promise<T>,
): Promise<Started<T>> {
  const before = count?.() ?? 0;
  const until = performance.now() + milliseconds;
  const ending = outcomeOf(operate());
  let over = false;
  void ending.then(() => {
    over = true;
  });
  while (!over && performance.now() < until && (count?.() ?? 0) <= before) await turn();
  return { ending };
}

/** Lets timers, connections and whatever else waits in the event loop have its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** Fails unless a value is an error of the project that has one of the given codes and names its operation. */
export function checkOneOf(error: unknown, codes: readonly string[], what: string): void {
  const code = isRemoteLogError(error) && codes.includes(error.code) ? error.code : codes.join(" or ");
  checkError(error, code, what);
}

/** Fails unless an operation was ended by the signal of {@link aborted} and {@link suffer}. */
export function checkReason(actual: unknown, what: string): void {
  if (actual !== reason)
    fail(`${what}: rejected with ${show(actual)}, not with the reason of the signal`, actual);
}

/** Waits for what has to come soon. */
export async function promptly<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new ConformanceFailure(`${what}: not over ${PROMPT_MS} ms after its signal has fired`));
    }, PROMPT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
