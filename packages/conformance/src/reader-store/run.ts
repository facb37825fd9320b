// Runs the cases for readers' stores: one of them, or all.

import { ConformanceFailure, check, outcomeOf, show } from "../assert.ts";
import type { CaseResult } from "../run.ts";
import { CaseTimeout } from "../time-out.ts";
import { breaksRun } from "../verdict.ts";
import type { ReaderStoreCase, ReaderStoreContext } from "./case.ts";
import { readerStoreCases } from "./cases/index.ts";
import { checkStoreFixture, type OpenedReaderStore, type ReaderStoreFixture, TIMEOUT_MS } from "./fixture.ts";

/** What is to be run. */
export interface ReaderStoreRunOptions {
  /** Ids of the cases to run, or what they begin with: `["STORE-CAS"]`. Default: all of them. */
  readonly only?: readonly string[] | undefined;
}

/** The results of all cases for a store. */
export interface ReaderStoreReport {
  /** Name of the store. */
  readonly store: string;
  /** Whether nothing failed that is not known to fail. */
  readonly expected: boolean;
  /** One result a case, in the order of the suite. */
  readonly results: readonly CaseResult[];
}

/**
 * Checks a reader's store against the contract of `ReaderStore`, one case after the other. It needs no test runner, and runs in
 * browsers and workers too. The fixture is not disposed of: that is left to the caller.
 *
 * @throws ConformanceFailure if the fixture is none, or if `only` names no case; whatever a store does wrong is a result and no
 * exception
 *
 * @example
 * ```ts
 * import { checkReaderStore, formatResult } from "@remote-log/conformance";
 * import { memoryReaderStore } from "@remote-log/core";
 *
 * const report = await checkReaderStore({ name: "memory", create: async () => ({ store: memoryReaderStore() }) });
 * for (const result of report.results) console.log(formatResult(result));
 * if (!report.expected) throw new Error("The store does not keep what readers need.");
 * ```
 */
export async function checkReaderStore(
  fixture: ReaderStoreFixture,
  options: ReaderStoreRunOptions = {},
): Promise<ReaderStoreReport> {
  const results: CaseResult[] = [];
  for (const one of chosenStoreCases(fixture, options)) results.push(await runReaderStoreCase(fixture, one));
  return { store: fixture.name, expected: !results.some(breaksRun), results };
}

/**
 * The cases to run.
 *
 * @throws ConformanceFailure if the fixture is none, or if `only` names no case
 */
export function chosenStoreCases(
  fixture: ReaderStoreFixture,
  { only }: ReaderStoreRunOptions,
): readonly ReaderStoreCase[] {
  const ids = readerStoreCases.map(({ id }) => id);
  checkStoreFixture(fixture, ids);
  for (const start of only ?? []) {
    const found = start !== "" && ids.some((id) => id.startsWith(start));
    check(found, `There is no case whose id begins with ${JSON.stringify(start)}.`);
  }
  return readerStoreCases.filter(
    ({ id }) => only === undefined || only.some((start) => id.startsWith(start)),
  );
}

/** Runs one case on a new store. It never rejects. */
export async function runReaderStoreCase(
  fixture: ReaderStoreFixture,
  one: ReaderStoreCase,
): Promise<CaseResult> {
  const { id, level, title } = one;
  const started = performance.now();
  const { skipped, error } = await attempt(fixture, one);
  const durationMs = performance.now() - started;
  const result = { id, level, title, durationMs, openMs: 0, closeMs: 0 };
  if (skipped !== undefined) return { ...result, status: "skipped", reason: skipped };
  const known = fixture.known?.find((entry) => entry.id === id);
  if (error === undefined) {
    if (known === undefined) return { ...result, status: "passed", reason: "" };
    const reason = "It is listed among the known failures, and it passes: remove it from the list.";
    return { ...result, status: "failed", reason, error: new ConformanceFailure(reason) };
  }
  if (known !== undefined) return { ...result, status: "known", reason: known.reason, error };
  const timedOut = error instanceof CaseTimeout ? { timedOut: error.waitedFor } : {};
  const reason = error instanceof Error ? error.message : show(error);
  return { ...result, status: "failed", reason, error, ...timedOut };
}

let runs = 0;

async function attempt(
  fixture: ReaderStoreFixture,
  one: ReaderStoreCase,
): Promise<{ readonly skipped?: string; readonly error?: unknown }> {
  const { timeoutMs = TIMEOUT_MS } = fixture;
  const over = new AbortController();
  const random = crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36);
  const options = { namespace: `store-${++runs}-${random}`, signal: over.signal };
  const open = new Set<OpenedReaderStore>();
  const opens = async (opening: Promise<OpenedReaderStore>): Promise<OpenedReaderStore> => {
    const opened = await opening;
    open.add(opened);
    return opened;
  };
  const closeAll = async (): Promise<void> => {
    const closing = [...open].map(async (opened) => opened.close?.());
    open.clear();
    for (const outcome of await Promise.allSettled(closing)) {
      if (outcome.status === "rejected") throw outcome.reason;
    }
  };
  let skipped: string | undefined;
  const work = async (): Promise<void> => {
    const opened = await opens(fixture.create(options));
    skipped = whyNot(one, fixture, opened);
    if (skipped !== undefined) return;
    const context: ReaderStoreContext = {
      opened,
      store: opened.store,
      canReopen: fixture.reopen !== undefined,
      reopen: () => opens(fixture.reopen!(options)),
      closeAll,
      crash: async (crashing) => {
        open.delete(crashing);
        await crashing.crash!();
      },
    };
    await one.run(context);
  };
  const worked = await outcomeOf(within(timeoutMs, "the store", work()));
  const closed = await outcomeOf(within(timeoutMs, "the end of an instance", closeAll()));
  over.abort();
  const failed = [worked, closed].find(({ status }) => status === "rejected") as
    | PromiseRejectedResult
    | undefined;
  if (failed !== undefined)
    return {
      error: (failed.reason as unknown) ?? new ConformanceFailure("The store rejected with nothing."),
    };
  return skipped === undefined ? {} : { skipped };
}

function whyNot(
  { requires }: ReaderStoreCase,
  fixture: ReaderStoreFixture,
  opened: OpenedReaderStore,
): string | undefined {
  const lacking = requires.find((one) => (one === "reopen" ? fixture[one] : opened[one]) === undefined);
  return lacking && `the fixture gives no \`${lacking}\``;
}

async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new CaseTimeout(`It was not over after ${timeoutMs} ms: waiting for ${what}.`, [what]));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
