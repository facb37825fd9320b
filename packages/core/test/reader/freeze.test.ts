// A log that forked stays frozen: for this reader, for all that share its store, and until a later key says which side is the log.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { ForkError, type ForkEvidence, memoryReaderStore, type Remote } from "../../src/index.ts";
import { Freeze } from "../../src/reader/freeze.ts";
import { ReaderMemory } from "../../src/reader/reader-memory.ts";
import { compareHeads } from "../../src/tree/compare-heads.ts";
import { rotatedLog, type Signed, treeOf } from "../tree/rotated-log.ts";
import { down, fork as forGood, headOf, logId as otherLog, watched, writeStates } from "./branched-states.ts";

let states: Signed[];
let logId: string;
/** The proof that one key of a log with a recovery key signed two histories. */
let mayEnd: ForkEvidence;

beforeAll(async () => {
  await writeStates();
  states = await rotatedLog();
  logId = states[0]!.head.genesis.logId;
  const [one, other] = ["owner 5", "thief 5"].map(
    (last) => states.find(({ entries }) => entries.at(-1) === last)!,
  );
  const relation = await compareHeads(treeOf(one!), treeOf(other!));
  mayEnd = (relation as { evidence: ForkEvidence }).evidence;
});

const headWith = (keys: number) => states.findLast((one) => one.keys.length === keys)!.head;

/** A freeze of a reader whose store can be told to refuse writes. */
function reader(of = logId) {
  let refuses = false;
  const inner = memoryReaderStore();
  const store = watched(inner, () => (refuses ? Promise.reject(down()) : undefined));
  const memory = new ReaderMemory(store, of);
  const refuse = (): void => {
    refuses = true;
  };
  const later = (): ReaderMemory => new ReaderMemory(inner, of);
  return { freeze: new Freeze(memory, of), memory, later, refuse };
}

/** What a call throws. */
function thrown(call: () => void): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("a log that nobody found to be forked is not frozen", async () => {
  const { freeze, memory } = reader();
  const saved = await memory.load();
  freeze.load(saved);
  freeze.throwIfFrozen();
  freeze.throwIfForGood();
  freeze.throwIfSaved(saved);
  await freeze.check({});
  await freeze.endBy([headWith(2)], saved);
  expect(freeze.isFrozen).toBe(false);
});

test("what an earlier run found freezes the log: for good, unless it has a recovery key", async () => {
  for (const [evidence, of, stays] of [
    [forGood, otherLog, true],
    [mayEnd, logId, false],
  ] as const) {
    const { freeze, memory } = reader(of);
    await memory.saveFork(evidence);
    const loading = thrown(() => freeze.load(memory.latest));
    expect(loading !== undefined).toBe(stays);
    expect(freeze.isFrozen).toBe(true);
    const error = thrown(() => freeze.throwIfFrozen());
    expect(error).toBeInstanceOf(ForkError);
    expect(error).toMatchObject({ evidence, message: expect.stringContaining(`key of log ${of} `) });
    expect((error as Error).message).toContain("(seen on an earlier run)");
    expect(thrown(() => freeze.throwIfForGood())).toBe(stays ? error : undefined);
    expect(await failure(freeze.check({}))).toBe(error);
  }
});

test("a fork is kept, and told with the remote that showed it", async () => {
  for (const [remote, whose] of [
    [{ label: "one" } as Remote, "one"],
    [undefined, "an earlier run"],
  ] as const) {
    const { freeze, later } = reader();
    const error = await failure(freeze.onFork(remote, mayEnd));
    expect(error).toMatchObject({ code: "ERR_FORK", evidence: mayEnd });
    expect(error.message).toContain(`(seen on ${whose})`);
    expect(thrown(() => freeze.throwIfFrozen())).toBe(error);
    expect((await later().load()).fork).toEqual(mayEnd);
  }
});

test("a fork that another reader of the store finds freezes this one", async () => {
  const { freeze, later } = reader();
  await freeze.check({});
  await later().saveFork(mayEnd);
  const error = await failure(freeze.check({}));
  expect(error.message).toContain("another reader with the same store");
  expect(thrown(() => freeze.throwIfFrozen())).toBe(error);
  expect(await failure(freeze.check({}))).toBe(error);
});

test("a later key ends a fork, also one that the store could not keep; the key that signed both sides does not", async () => {
  for (const isKept of [true, false]) {
    const { freeze, memory, later, refuse } = reader();
    const before = await memory.load();
    if (!isKept) refuse();
    const error = await failure(freeze.onFork(undefined, mayEnd));
    expect(error.message.includes("two histories")).toBe(isKept);
    const saved = isKept ? await memory.load() : before;
    for (const heads of [[], [headWith(0)]]) {
      expect(await failure(freeze.endBy(heads, saved))).toMatchObject({ code: "ERR_FORK", evidence: mayEnd });
      expect(freeze.isFrozen).toBe(true);
    }
    if (!isKept) continue;
    await freeze.endBy([headWith(0), headWith(1)], saved);
    freeze.throwIfFrozen();
    const kept = await later().load();
    expect([freeze.isFrozen, kept.fork, kept.former]).toEqual([
      false,
      undefined,
      [{ generation: 0, evidence: mayEnd }],
    ]);
  }
  // Found by another run alone, and ended by this one at once.
  const { freeze, memory, later } = reader();
  await later().saveFork(mayEnd);
  expect(await failure(freeze.endBy([headWith(0)], await memory.load()))).toMatchObject({
    message: expect.stringContaining("another reader with the same store"),
  });
  await freeze.endBy([headWith(1)], await memory.load());
  expect(freeze.isFrozen).toBe(false);
  // Found here, and not in the store any more.
  const alone = reader();
  await failure(alone.freeze.onFork(undefined, mayEnd));
  await alone.freeze.endBy([headWith(1)], { former: [], record: {}, bytes: undefined });
  expect(alone.freeze.isFrozen).toBe(false);
});

test("without a recovery key no head ends a fork", async () => {
  const { freeze, memory } = reader(otherLog);
  await failure(freeze.onFork(undefined, forGood));
  expect(await failure(freeze.endBy([headOf("x45")], await memory.load()))).toMatchObject({
    code: "ERR_FORK",
    evidence: forGood,
  });
});
