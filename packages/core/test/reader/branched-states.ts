// States of one log and of a branch of it, remotes that show them, and the newest state of a reader that looks at these.

import { type ForkEvidence, memoryReaderStore, type ReaderStore, UnreachableError } from "../../src/index.ts";
import { type VerifiedHead, verifyHead } from "../../src/log/head.ts";
import { Contacts } from "../../src/reader/contacts.ts";
import { NewestState } from "../../src/reader/newest-state.ts";
import { type KeptStates, ReaderMemory } from "../../src/reader/reader-memory.ts";
import type { RemoteReport } from "../../src/reader/remote-report.ts";
import { compareHeads } from "../../src/tree/compare-heads.ts";
import type { Floor } from "../../src/tree/floor.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "./written-log.ts";

// Each state is written on its own, so that a remote that shows it has nothing of a larger one. Branch y is another history
// from entry 5 on. Without its objects, no head of these sizes proves how it relates to another.
const FORK_AT = 5;
const seed = new Uint8Array(32).fill(9);
/** What was written, by the state: its branch and its size. */
export const states = new Map<string, WrittenLog>();
const heads = new Map<string, VerifiedHead>();
/** The log that all of them are states of. */
export let logId: string;
/** Proof that its branches contradict each other. */
export let fork: ForkEvidence;

let writing: Promise<void> | undefined;

/** Writes all states, once for all test files of one process: to be called before the tests. */
export function writeStates(): Promise<void> {
  writing ??= writeAll();
  return writing;
}

async function writeAll(): Promise<void> {
  for (const state of ["x0", "x21", "x33", "x37", "x45", "y33", "y45"]) {
    const size = Number(state.slice(1));
    const log = await writeLog(contents(size, state[0] === "y" ? " elsewhere" : "", FORK_AT), { seed });
    logId = log.logId;
    states.set(state, log);
    heads.set(state, await verifyHead(log.head, logId));
  }
  const relation = await compareHeads(viewOf("x33"), viewOf("y33"));
  fork = (relation as { evidence: ForkEvidence }).evidence;
}

/** A remote as {@link whole} and {@link withheld} make it. */
export type Scripted = ReturnType<typeof scriptedRemote>;
/** One that never fires. */
export const signal: AbortSignal = new AbortController().signal;
/** The verified head of a state. */
export const headOf = (state: string): VerifiedHead => heads.get(state)!;

/** A state, read from a storage that has all of it. */
export function viewOf(state: string): TreeView {
  return new TreeView(headOf(state), whole(state).storage, defaultLimits, signal);
}

/** A remote that shows a state and has all of it. */
export function whole(state: string, label = "a", readYourWrites = true): Scripted {
  return scriptedRemote(states.get(state)!.contents, states.get(state)!.head, { label, readYourWrites });
}

/** A remote that shows the head of a state, and nothing below it. */
export function withheld(state: string, label = "a", readYourWrites = true): Scripted {
  return scriptedRemote(new Map(), states.get(state)!.head, { label, readYourWrites });
}

/** A failure that may pass. */
export const down = (): UnreachableError =>
  new UnreachableError("It is down.", { operation: "names.resolve", retry: "safe" });

/** From now on the remote shows another state, under a revision of its own. */
export function show(remote: Scripted, state: string): void {
  remote.names.show(states.get(state)!.head, `${state} now`);
}

/** What a reader is opened with. */
interface Opening {
  readonly store?: ReaderStore;
  readonly contacts?: Contacts;
  readonly closing?: AbortSignal;
  readonly floor?: Floor;
  readonly retries?: number;
}

/** Opens the newest state of a reader, as a run begins. */
export async function open(remotes: readonly Scripted[], options: Opening = {}): Promise<NewestState> {
  const { store = memoryReaderStore(), contacts = new Contacts(remotes), closing = signal } = options;
  const { floor, retries = 0 } = options;
  const memory = new ReaderMemory(store, logId);
  const newest = new NewestState({
    ...{ logId, remotes, floor, retries, limits: defaultLimits, closing, contacts, memory },
  });
  await newest.load();
  return newest;
}

/** Asks the remotes once. */
export const sync = (newest: NewestState, repeats = false): Promise<RemoteReport[]> =>
  newest.sync(signal, repeats);
/** The sizes of states. */
export const sizes = (views: readonly TreeView[]): number[] => views.map(({ size }) => size);
/** Delivers something of the newest state. */
export const deliver = (newest: NewestState): Promise<void> =>
  newest.deliverFrom(newest.views[0]!, newest.epoch);

/** A store in which earlier runs kept these states. */
export async function keeping(states: {
  readonly newest: string;
  readonly label?: string;
  readonly delivered?: string;
  readonly seen?: string;
}): Promise<ReaderStore> {
  const store = memoryReaderStore();
  const { newest, label = "a", delivered, seen } = states;
  const kept: KeptStates = {
    newest: { head: headOf(newest), label, revision: "kept" },
    delivered: delivered === undefined ? undefined : headOf(delivered),
    seen: seen === undefined ? undefined : { head: headOf(seen), label: "seer" },
  };
  const memory = new ReaderMemory(store, logId);
  await memory.saveStates(await memory.load(), kept);
  return store;
}

/** What a store keeps, as a later run finds it. */
export async function keptIn(store: ReaderStore) {
  const { states: kept } = await new ReaderMemory(store, logId).load();
  return {
    newest: kept && [kept.newest.head.checkpoint.size, kept.newest.label, kept.newest.revision],
    delivered: kept?.delivered?.checkpoint.size,
    seen: kept?.seen && [kept.seen.head.checkpoint.size, kept.seen.label],
  };
}

/** A store that counts its writes, and lets a test do something before each. */
export function watched(inner: ReaderStore, before: (write: number) => unknown = () => undefined) {
  const store = {
    ...inner,
    writes: 0,
    compareAndSet: async (...given: Parameters<ReaderStore["compareAndSet"]>) => {
      await before(++store.writes);
      return inner.compareAndSet(...given);
    },
  };
  return store;
}
