// How long a journal is waited for, on a clock that the test moves: by what is written, at the end, and over a device's sleep.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BatchOperation, KeyValueDatabase } from "../../src/journal/database.ts";
import { viewEncoding } from "../../src/journal/database.ts";
import { CLOSING, OPENING, Patience, patientDatabase, patientWitness } from "../../src/journal/patience.ts";
import type { JournalWitness } from "../../src/journal/witness.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

const silent = <T>(): Promise<T> => new Promise<T>(() => undefined);
const waiting = { what: "look", advice: "Look again." };

/** How long a call is waited for, in milliseconds; and how it ends. */
async function patienceFor(call: Promise<unknown>): Promise<{ took: number; error: Error }> {
  const begun = Date.now();
  let error: Error | undefined;
  call.catch((cause: unknown) => {
    error = cause as Error;
  });
  // A timer ends within its millisecond.
  await vi.advanceTimersByTimeAsync(0);
  for (let steps = 0; error === undefined && vi.getTimerCount() > 0 && steps < 9; steps++)
    await vi.advanceTimersToNextTimerAsync();
  if (error === undefined) throw new Error("nothing ended the wait");
  return { took: Date.now() - begun, error };
}

test.each([0, 0.5, -1, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY])(
  "%d milliseconds are no time that timers can wait",
  (milliseconds) => {
    expect(() => new Patience(milliseconds)).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_INPUT",
        operation: "writer.open",
        message: expect.stringContaining("from 1 to 2147483647"),
      }),
    );
  },
);

test.each([
  [undefined, 60_000],
  [1, 1],
  [2 ** 31 - 1, 2 ** 31 - 1],
])("a journal that may take %s milliseconds is waited for as long as that", async (given, milliseconds) => {
  const { took, error } = await patienceFor(new Patience(given).wait(silent, waiting));
  expect(took).toBe(milliseconds);
  expect(error).toMatchObject({ code: "ERR_JOURNAL", operation: "journal.access", reason: "no-answer" });
  expect(error.message).toBe(`The journal did not look within ${milliseconds} ms. Look again.`);
});

test("an answer, or a failure, is passed on, and no timer is left", async () => {
  const patience = new Patience(100);
  expect(await patience.wait(async () => 7, waiting)).toBe(7);
  const broken = new Error("broken");
  expect(await failure(patience.wait(() => Promise.reject(broken), waiting))).toBe(broken);
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
  // It gave an answer: whatever comes next is asked.
  expect(await patience.wait(async () => 8, waiting)).toBe(8);
});

test("a write gets a millisecond more for each 32 bytes", async () => {
  for (const [bytes, milliseconds] of [
    [0, 1000],
    [3200, 1100],
  ] as const)
    expect((await patienceFor(new Patience(1000).wait(silent, { ...waiting, bytes }))).took).toBe(
      milliseconds,
    );
  const written: BatchOperation[] = [
    { type: "put", key: new Uint8Array(32), value: new Uint8Array(64) },
    { type: "del", key: new Uint8Array(32) },
  ];
  const database = patientDatabase({ batch: silent } as unknown as KeyValueDatabase, new Patience(1000));
  const { took, error } = await patienceFor(database.batch(written, { ...viewEncoding, sync: true }));
  expect(took).toBe(1004);
  expect(error.message).toContain("did not write within 1004 ms");
});

test("once it gave no answer everything fails at once, and its end is waited for five seconds at most", async () => {
  for (const [usual, last] of [
    [60_000, 5_000],
    [1000, 1000],
  ] as const) {
    const patience = new Patience(usual);
    const call = vi.fn<() => Promise<never>>(silent);
    const { error } = await patienceFor(patience.wait(call, waiting));
    expect(await failure(patience.wait(call, waiting))).toBe(error);
    expect(call).toHaveBeenCalledTimes(1);
    for (let i = 0; i < 2; i++) {
      const closing = await patienceFor(patience.wait(call, CLOSING));
      expect([closing.took, closing.error.message.includes(`close within ${last} ms`)]).toEqual([last, true]);
    }
    // The first is what is told.
    expect(await failure(patience.wait(call, waiting))).toBe(error);
    expect(await patience.wait(async () => "closed", CLOSING)).toBe("closed");
  }
  // A journal that always answered has its usual time to close.
  expect((await patienceFor(new Patience(60_000).wait(silent, CLOSING))).took).toBe(60_000);
});

test("a device that was asleep gives its journal the whole time again", async () => {
  for (const [late, repeats] of [
    [5_000, false],
    [5_001, true],
    [3_600_000, true],
  ] as const) {
    const patience = new Patience(1000);
    let error: Error | undefined;
    patience.wait(silent, waiting).catch((cause: unknown) => {
      error = cause as Error;
    });
    // The timer fires as late as that.
    vi.setSystemTime(Date.now() + late);
    await vi.advanceTimersByTimeAsync(1000);
    expect(error === undefined, `${late}`).toBe(repeats);
    await vi.advanceTimersByTimeAsync(999);
    expect(error === undefined, `${late}`).toBe(repeats);
    await vi.advanceTimersByTimeAsync(1);
    expect(error).toMatchObject({ reason: "no-answer" });
  }
});

/** A database that gives some records, then is silent, ends or fails. */
function iterating(end: () => Promise<IteratorResult<[Uint8Array, Uint8Array], void>>) {
  let left = 2;
  const record: [Uint8Array, Uint8Array] = [new Uint8Array(1), new Uint8Array(1)];
  const returned = vi.fn<() => Promise<IteratorResult<[Uint8Array, Uint8Array], void>>>(async () => ({
    done: true,
    value: undefined,
  }));
  const steps = {
    next: () => (left-- > 0 ? Promise.resolve({ done: false as const, value: record }) : end()),
    return: returned,
  };
  const iterator = () => ({ [Symbol.asyncIterator]: () => steps });
  const database = patientDatabase({ iterator } as unknown as KeyValueDatabase, new Patience(1000));
  return {
    records: database.iterator({ ...viewEncoding, gte: new Uint8Array(0), lt: Uint8Array.of(255) }),
    returned,
  };
}

test("each step of a range is waited for, and one that nobody reads to the end is ended", async () => {
  const whole = iterating(async () => ({ done: true, value: undefined }));
  let count = 0;
  for await (const _ of whole.records) count++;
  expect([count, whole.returned.mock.calls.length]).toEqual([2, 0]);
  const left = iterating(silent);
  for await (const _ of left.records) break;
  expect(left.returned).toHaveBeenCalledTimes(1);
  const mute = iterating(silent);
  mute.returned.mockRejectedValue(new Error("closed"));
  const reading = (async () => {
    for await (const _ of mute.records) count++;
  })();
  const { took, error } = await patienceFor(reading);
  expect([took, count, error.message.includes("did not read within 1000 ms")]).toEqual([1000, 4, true]);
  // It ends by itself when it answers.
  expect(mute.returned).toHaveBeenCalledTimes(1);
});

test("everything that a database is asked has its time; what rewrites its files has none", async () => {
  const compactRange = vi.fn<NonNullable<KeyValueDatabase["compactRange"]>>(async () => undefined);
  const inner = { get: silent, batch: silent, compactRange } as unknown as KeyValueDatabase;
  for (const call of [
    (one: ReturnType<typeof patientDatabase>) => one.get(new Uint8Array(1), viewEncoding),
    (one: ReturnType<typeof patientDatabase>) => one.batch([], { ...viewEncoding, sync: true }),
  ])
    expect((await patienceFor(call(patientDatabase(inner, new Patience(70))))).took).toBe(70);
  expect(patientDatabase(inner, new Patience(70)).compactRange).toBeTypeOf("function");
  expect(patientDatabase({} as KeyValueDatabase, new Patience(70))).not.toHaveProperty("compactRange");
});

test("a witness has the same time, and one that keeps a statement at once is not waited for", async () => {
  const witness = { load: silent, save: silent, close: silent } as unknown as JournalWitness;
  for (const [call, verb] of [
    [(one: JournalWitness) => one.load(), "read its witness"],
    [(one: JournalWitness) => one.save(undefined as never), "write its witness"],
    [(one: JournalWitness) => one.close(), "close"],
  ] as const) {
    const { took, error } = await patienceFor(
      Promise.resolve(call(patientWitness(witness, new Patience(90)))),
    );
    expect([took, error.message.includes(`did not ${verb} within 90 ms`)]).toEqual([90, true]);
  }
  const prompt = { ...witness, save: () => undefined };
  expect(patientWitness(prompt, new Patience(90)).save(undefined as never)).toBeUndefined();
  expect(patientWitness(prompt, new Patience(90))).not.toHaveProperty("prepare");
  const prepare = vi.fn<NonNullable<JournalWitness["prepare"]>>((statement) => statement);
  const prepared = patientWitness({ ...witness, prepare }, new Patience(90));
  expect(prepared.prepare!("it" as never)).toBe("it");
});

test("what is said of a journal that does not open or close says what to do", async () => {
  for (const [what, words] of [
    [OPENING, "did not open"],
    [CLOSING, "did not close"],
  ] as const)
    expect((await patienceFor(new Patience(10).wait(silent, what))).error.message).toContain(words);
});
