// The newest state of a log whose key was replaced: what a former key signed gives way, and what the reader knows of it goes with it.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { type ForkEvidence, memoryReaderStore, type ReaderStore, type Remote } from "../../src/index.ts";
import { generationOf } from "../../src/log/head.ts";
import { Contacts } from "../../src/reader/contacts.ts";
import { NewestState } from "../../src/reader/newest-state.ts";
import { ReaderMemory } from "../../src/reader/reader-memory.ts";
import { compareHeads } from "../../src/tree/compare-heads.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { rotatedLog, type Signed, treeOf } from "../tree/rotated-log.ts";
import { deliver, down, sizes, sync, watched } from "./branched-states.ts";
import { ScriptedNames } from "./scripted-remote.ts";

let all: Signed[];
let logId: string;

beforeAll(async () => {
  all = await rotatedLog();
  logId = all[0]!.head.genesis.logId;
});

/** The state of a number of keys whose last entry this is. */
const state = (last: string, keys: number): Signed =>
  all.find((one) => one.keys.length === keys && one.entries.at(-1) === last)!;

type Shown = Remote & { readonly names: ScriptedNames };

function remoteOf(one: Signed, label = "a"): Shown {
  return { label, storage: one.remote.storage, names: new ScriptedNames(one.head.bytes) };
}

/** From now on the remote shows another state. */
function show(remote: Shown, one: Signed): void {
  Object.assign(remote, { storage: one.remote.storage });
  remote.names.show(one.head.bytes);
}

interface Kept {
  readonly newest: Signed;
  readonly delivered?: Signed;
  readonly seen?: Signed;
}

async function keep(store: ReaderStore, { newest, delivered, seen }: Kept): Promise<void> {
  const memory = new ReaderMemory(store, logId);
  await memory.saveStates(await memory.load(), {
    newest: { head: newest.head, label: "gone", revision: "kept" },
    delivered: delivered?.head,
    seen: seen && { head: seen.head, label: "seer" },
  });
}

async function open(
  remotes: readonly Remote[],
  store: ReaderStore = memoryReaderStore(),
): Promise<NewestState> {
  const { signal: closing } = new AbortController();
  const newest = new NewestState({
    ...{ logId, remotes, retries: 0, limits: defaultLimits, closing, contacts: new Contacts(remotes) },
    memory: new ReaderMemory(store, logId),
  });
  await newest.load();
  return newest;
}

const thief = (): Signed => state("thief 7", 0);

test.each([
  ["the owner's", "owner 3", true],
  ["the thief's", "thief 5", false],
])(
  "a state of a former key gives way, and %s entries that were delivered count as before: %s",
  async (_, last, stays) => {
    const store = memoryReaderStore();
    await keep(store, { newest: thief(), delivered: state(last, 0) });
    const newest = await open([remoteOf(all.at(-1)!)], store);
    await sync(newest);
    expect([sizes(newest.views), newest.epoch]).toEqual([[12], 1]);
    expect([newest.mayDeliver(3, 1), newest.mayDeliver(3, 0), newest.mayDeliver(4, 1)]).toEqual([
      stays,
      false,
      false,
    ]);
    const { states } = await new ReaderMemory(store, logId).load();
    expect(states?.delivered?.checkpoint.size).toBe(stays ? 4 : undefined);
    expect(newest.former.evidence).toHaveLength(1);
  },
);

test("what a thief showed is seen no more; a larger state that nobody proves stays seen", async () => {
  const own = state("owner 5", 1);
  for (const [seen, expected] of [
    [thief(), undefined],
    [all.at(-1)!, { size: 12, label: "seer" }],
  ] as const) {
    const store = memoryReaderStore();
    await keep(store, { newest: expected === undefined ? state("owner 3", 0) : thief(), seen });
    const newest = await open([remoteOf(own)], store);
    await sync(newest);
    expect([sizes(newest.views), newest.seen]).toEqual([[6], expected]);
  }
});

test("if nobody shows a state of the later key that another reader knows, what was delivered of the log is left", async () => {
  for (const [delivered, left] of [
    [state("owner 3", 0), [4]],
    [thief(), []],
    [undefined, []],
  ] as const) {
    const store = memoryReaderStore();
    await keep(store, { newest: thief(), ...(delivered && { delivered }) });
    const newest = await open([remoteOf(thief())], store);
    await keep(store, { newest: all.at(-1)! });
    expect(await failure(sync(newest))).toMatchObject({ code: "ERR_SUPERSEDED" });
    expect([sizes(newest.views), newest.epoch]).toEqual([left, 1]);
  }
});

test("the newest state stays if the former key signed only what was seen beside it", async () => {
  const store = memoryReaderStore();
  await keep(store, { newest: all.at(-2)!, seen: thief() });
  const other = remoteOf(all.at(-2)!);
  const newest = await open([other], store);
  other.names.fail(down());
  expect(await failure(sync(newest))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect([sizes(newest.views), newest.seen]).toEqual([[11], undefined]);
});

test("what remotes showed before does not count against them: none of it was set back", async () => {
  const [one, two] = [remoteOf(thief(), "a"), remoteOf(thief(), "b")];
  const newest = await open([one, two]);
  await sync(newest);
  await deliver(newest);
  show(one, state("owner 5", 1));
  await sync(newest);
  expect([sizes(newest.views), newest.epoch]).toEqual([[6], 1]);
  // The other still shows the thief's, and is asked for all of it.
  show(one, state("owner 7", 1));
  await sync(newest);
  expect(two.names.asked.map(({ known }) => known)).toEqual([undefined, "1", undefined]);
  show(two, state("owner 6", 1));
  await sync(newest);
  expect([sizes(newest.views), sizes(newest.behind)]).toEqual([[8], [7]]);
});

test("the same state by the word of a later key is news, once", async () => {
  const store = watched(memoryReaderStore());
  const remote = remoteOf(state("owner 5", 0));
  const newest = await open([remote], store);
  await sync(newest);
  show(remote, state("owner 5", 1));
  const before = store.writes;
  await sync(newest);
  const { states } = await new ReaderMemory(store, logId).load();
  expect([states!.newest.head, newest.views[0]!.head].map(generationOf)).toEqual([1, 1]);
  const { writes } = store;
  expect(writes).toBeGreaterThan(before);
  await sync(newest);
  expect(store.writes).toBe(writes);
});

test("of two remotes with one state, the one that knows the later key is believed, whichever comes first", async () => {
  for (const keys of [
    [0, 1],
    [1, 0],
  ]) {
    const store = memoryReaderStore();
    await sync(
      await open(
        keys.map((count, i) => remoteOf(state("owner 5", count), `${i}`)),
        store,
      ),
    );
    const { states } = await new ReaderMemory(store, logId).load();
    expect(generationOf(states!.newest.head)).toBe(1);
  }
});

test("a later key ends a fork, also if another remote fails meanwhile", async () => {
  const relation = await compareHeads(treeOf(state("owner 5", 0)), treeOf(state("thief 5", 0)));
  const store = memoryReaderStore();
  await new ReaderMemory(store, logId).saveFork((relation as { evidence: ForkEvidence }).evidence);
  const [failing, remote] = [remoteOf(all.at(-1)!, "a"), remoteOf(all.at(-1)!, "b")];
  failing.names.fail(down());
  const newest = await open([failing, remote], store);
  expect(() => newest.throwIfForked()).toThrow(expect.objectContaining({ code: "ERR_FORK" }));
  await sync(newest);
  newest.throwIfForked();
  expect(sizes(newest.views)).toEqual([12]);
});
