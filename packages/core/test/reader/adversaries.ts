// Remotes that lie in every way that a remote can, over two histories that one key signed.

import {
  generateSeed,
  NotFoundError,
  type Remote,
  type ResolveOptions,
  UnreachableError,
} from "../../src/index.ts";
import { kindsOf } from "./forger.ts";
import { ScriptedNames, ScriptedStorage } from "./scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "./written-log.ts";

/** The history that is honest, and the one that contradicts it. */
export type Branch = "x" | "y";

/** A state of one of the histories. */
export interface State {
  readonly branch: Branch;
  readonly size: number;
}

/** What a remote shows in a round, and what it gives of it. */
export interface Shown extends State {
  /**
   * - `"whole"`: every object of this state
   * - `"no-nodes"`: pages and contents alone
   * - `"no-contents"`: index nodes alone
   * - `"nothing"`: none; the storage does not answer
   */
  readonly gives: "whole" | "no-nodes" | "no-contents" | "nothing";
  /** Whether it changes each buffer after it returned it. */
  readonly mutates?: boolean;
}

/** How a remote behaves: what it shows in each round, the last for ever; `"down"` if it does not answer. */
export type Behaviour = readonly (Shown | "down")[];

/** From this entry on the two histories differ. */
export const FORK_AT = 9;
const SMALL = 12;
const USUAL = 20;
const BEHIND_BY_ONE = 22;
const LARGE = 23;
/** The size of the state that an honest remote shows in the end. */
export const LATER = 26;
const SIZES = [SMALL, USUAL, BEHIND_BY_ONE, LARGE, LATER];

const shown = (branch: Branch, size: number, gives: Shown["gives"] = "whole"): Shown => ({
  branch,
  size,
  gives,
});

/** Every way to behave. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
  whole: [shown("x", USUAL)],
  behind: [shown("x", SMALL)],
  "one behind the largest": [shown("x", BEHIND_BY_ONE)],
  ahead: [shown("x", LARGE)],
  "withholds nodes": [shown("x", USUAL, "no-nodes")],
  "withholds contents": [shown("x", USUAL, "no-contents")],
  "withholds all of a newer state": [shown("x", LARGE, "nothing")],
  "withholds all of an older state": [shown("x", SMALL, "nothing")],
  "forked, smaller": [shown("y", SMALL)],
  "forked, equal": [shown("y", USUAL)],
  "forked, larger": [shown("y", LARGE)],
  "forked, smaller, withheld": [shown("y", SMALL, "nothing")],
  "forked, larger, withheld": [shown("y", LARGE, "nothing")],
  "vanishes after the head": [shown("x", LARGE, "nothing"), "down"],
  "vanishes after a forked head": [shown("y", LARGE, "nothing"), "down"],
  "vanishes after the nodes": [shown("x", LARGE, "no-contents"), "down"],
  "joins late": ["down", shown("x", SMALL)],
  "joins late, forked": ["down", shown("y", SMALL)],
  grows: [shown("x", SMALL), shown("x", USUAL)],
  "is set back": [shown("x", USUAL), shown("x", SMALL)],
  "turns to the other history": [shown("x", USUAL), shown("y", LARGE)],
  "turns to a withheld one": [shown("x", SMALL), shown("y", USUAL, "nothing")],
  "changes its buffers": [{ ...shown("x", USUAL), mutates: true }],
};

/** The two histories, written at each size. */
export class Histories {
  readonly logId: string;
  readonly #logs: ReadonlyMap<string, WrittenLog>;
  readonly #given = new Map<string, ReadonlyMap<string, Uint8Array>>();

  private constructor(logs: ReadonlyMap<string, WrittenLog>) {
    this.#logs = logs;
    this.logId = this.at({ branch: "x", size: SMALL }).logId;
  }

  /** Writes them. */
  static async write(): Promise<Histories> {
    const seed = generateSeed();
    const settings = { leafSize: 2, fanOut: 2 };
    const logs = new Map<string, WrittenLog>();
    for (const branch of ["x", "y"] as const) {
      for (const size of SIZES) {
        const entries = contents(size, branch === "y" ? " elsewhere" : "", FORK_AT);
        logs.set(`${branch}${size}`, await writeLog(entries, { seed, settings }));
      }
    }
    return new Histories(logs);
  }

  /** One state, alone: a remote that shows it has nothing of a larger one. */
  at({ branch, size }: State): WrittenLog {
    return this.#logs.get(`${branch}${size}`)!;
  }

  /** The objects that a remote gives. */
  given(state: Shown): ReadonlyMap<string, Uint8Array> {
    const key = `${state.branch}${state.size} ${state.gives}`;
    const given = this.#given.get(key) ?? this.#objects(state);
    this.#given.set(key, given);
    return given;
  }

  #objects(state: Shown): ReadonlyMap<string, Uint8Array> {
    const log = this.at(state);
    const kinds = kindsOf(log);
    return new Map(
      [...log.contents].filter(([address]) => {
        if (state.gives === "no-nodes") return kinds.get(address) !== "node";
        if (state.gives === "no-contents") return kinds.get(address) === "node";
        return state.gives === "whole";
      }),
    );
  }
}

/** A remote that behaves as it is told, round by round. */
export interface Adversary extends Remote {
  /** What it shows now; `undefined` while it is down. */
  readonly shows: () => Shown | undefined;
  /** Begins the next round. */
  readonly nextRound: () => void;
}

/** Makes a remote that behaves so. */
export function adversary(histories: Histories, behaviour: Behaviour, label: string): Adversary {
  const names = new ScriptedNames(undefined, false);
  const storage = new ScriptedStorage(new Map());
  const lent: Uint8Array[] = [];
  let round = -1;
  const now = (): Shown | undefined => {
    const turn = behaviour[Math.min(round, behaviour.length - 1)]!;
    return turn === "down" ? undefined : turn;
  };
  const down = (): UnreachableError => new UnreachableError("It is down.", { operation: "remote.reach" });
  const spoil = (): void => {
    for (const bytes of lent.splice(0)) bytes.fill(0x2a);
  };
  const lend = (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    if (now()?.mutates !== true) return copy;
    lent.push(copy);
    setImmediate(spoil);
    return copy;
  };
  storage.before = async (address) => {
    const state = now();
    if (state === undefined || state.gives === "nothing") throw down();
    const bytes = histories.given(state).get(address.toString());
    if (bytes === undefined)
      throw new NotFoundError(`Nothing is at ${address}.`, { operation: "storage.get" });
    return lend(bytes);
  };
  names.resolve = async (_name: string, options?: ResolveOptions) => {
    const state = now();
    if (state === undefined) throw down();
    const revision = `${state.branch}${state.size}`;
    if (options?.known === revision) return { status: "unchanged", revision };
    return { status: "found", content: lend(histories.at(state).head), revision };
  };
  const nextRound = (): void => {
    round++;
  };
  return { label, names, storage, shows: now, nextRound };
}
