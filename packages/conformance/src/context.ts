// What a case is given: instances in a namespace of its own, contents and names, and ways to wait.

import type { CompareAndSet, NameResolver, StorageBackend } from "@remote-log/core";
import { Activity } from "./activity.ts";
import { check, fail, show } from "./assert.ts";
import type { CaseContext, Requirement } from "./case.ts";
import type { ConformanceFixture, FaultControl, FilledLimits, Opened } from "./fixture.ts";
import { whyNot } from "./requirements.ts";

/** How long the suite waits between two looks at a storage or name system that may lag behind, in milliseconds. */
const POLL_MS = 50;
/** How many turns of the event loop, each a little longer, a listener may take to be removed: half a second. */
const LISTENER_TURNS = 32;

/** What ends a case as skipped. */
export class SkipCase extends Error {
  override readonly name = "SkipCase";
}

/**
 * The limits of a fixture, with their defaults.
 *
 * @param timeoutMs - how long one case may take, if a run sets it for every fixture
 */
export function limitsOf(fixture: ConformanceFixture, timeoutMs?: number): FilledLimits {
  const { settleMs = 5_000, largestProbe = 16 * 1024 * 1024 + 1, ...limits } = fixture.limits ?? {};
  return { settleMs, largestProbe, timeoutMs: timeoutMs ?? limits.timeoutMs ?? 60_000 };
}

/** What a case is run with. */
interface CaseSettings {
  /** Aborted when the case is over. */
  readonly signal: AbortSignal;
  readonly seed: number;
  readonly limits: FilledLimits;
}

/** The instances that one case works with, and the namespace that they are in. */
export class CaseRun implements CaseContext {
  readonly limits: FilledLimits;
  readonly seed: number;
  readonly #fixture: ConformanceFixture;
  readonly #namespace: string;
  readonly #signal: AbortSignal;
  readonly #instances: Opened[] = [];
  /** What the case asked of the adapter, and what it waits for just now. */
  readonly activity: Activity = new Activity();
  #made = 0;

  /** Made by {@link CaseRun.open} alone. */
  private constructor(
    fixture: ConformanceFixture,
    namespace: string,
    { signal, seed, limits }: CaseSettings,
  ) {
    this.limits = limits;
    this.seed = seed;
    this.#fixture = fixture;
    this.#namespace = namespace;
    this.#signal = signal;
  }

  /** Opens the instances for one case in a new namespace. */
  static async open(fixture: ConformanceFixture, id: string, settings: CaseSettings): Promise<CaseRun> {
    const random = crypto.getRandomValues(new Uint32Array(3));
    const namespace = [id.toLowerCase(), ...random].join("-");
    const run = new CaseRun(fixture, namespace, settings);
    run.#instances.push(await run.#opens("create"));
    return run;
  }

  /** Has the fixture open instances. What comes when the case is over already is closed at once. */
  async #opens(by: "create" | "reopen"): Promise<Opened> {
    const options = { namespace: this.#namespace, signal: this.#signal };
    const opened = await this.#fixture[by]?.(options);
    if (opened?.storage === undefined && opened?.names === undefined) {
      return fail(`The fixture's ${by} opened neither a storage nor names.`);
    }
    for (const side of ["storage", "names"] as const) checkDeclares(opened[side], side, by);
    if (this.#signal.aborted) {
      await closeAll([opened]);
      fail(`The fixture's ${by} was over only after the case.`);
    }
    return this.activity.watched(opened, await this.#probed(opened, by));
  }

  /** What the service says of compare-and-set, if only it can tell. */
  async #probed({ names }: Opened, by: "create" | "reopen"): Promise<CompareAndSet | undefined> {
    if (names === undefined) return undefined;
    const isProbed = names.capabilities.compareAndSet === "probed";
    const canProbe = names.probeCompareAndSet !== undefined;
    check(
      isProbed === canProbe,
      `The fixture's ${by}: names have${canProbe ? "" : " no"} probeCompareAndSet, and compareAndSet is ` +
        `${show(names.capabilities.compareAndSet)}. It is there if and only if that is "probed".`,
    );
    return isProbed ? names.probeCompareAndSet!({ signal: this.#signal }) : undefined;
  }

  get storage(): StorageBackend {
    return this.#first.storage ?? fail("The fixture opened no storage.");
  }

  get names(): NameResolver {
    return this.#first.names ?? fail("The fixture opened no name resolver.");
  }

  get opened(): Opened {
    return this.#first;
  }

  get faults(): FaultControl {
    return this.#first.faults ?? fail("The fixture brings about no faults.");
  }

  get #first(): Opened {
    return this.#instances[0] ?? fail("The fixture opened nothing.");
  }

  /** Why a case with these requirements does not apply here. Undefined if it does. */
  whyNot(requires: readonly Requirement[]): string | undefined {
    return whyNot(requires, this.#first, this.#fixture);
  }

  readonly reopen = async (): Promise<Required<Pick<Opened, "storage" | "names">>> => {
    check(this.#fixture.reopen !== undefined, "The fixture has no reopen.");
    const opened = await this.#opens("reopen");
    this.#instances.push(opened);
    return {
      get storage() {
        return opened.storage ?? fail("The fixture reopened no storage.");
      },
      get names() {
        return opened.names ?? fail("The fixture reopened no name resolver.");
      },
    };
  };

  readonly content = (size: number): Uint8Array => {
    const bytes = new Uint8Array(size);
    let state = hash(`${this.#namespace}/${this.#made++}`);
    for (let i = 0; i < size; i++) {
      state = step(state);
      bytes[i] = state >>> 24;
    }
    // Never as a page in HTML begins: an adapter over HTTP takes that for the answer of somebody else, and is right.
    if (size > 1) bytes[0] = bytes[0]! | 0x40;
    return bytes;
  };

  readonly name = (): string => {
    let state = hash(`${this.#namespace}/${this.#made++}`);
    let text = "";
    while (text.length < 64) {
      state = step(state);
      text += state.toString(16).padStart(8, "0");
    }
    return text;
  };

  readonly settled = async <T>(side: "storage" | "names", attempt: () => Promise<T>): Promise<T> => {
    const promised = this[side].capabilities.readYourWrites;
    const end = performance.now() + (promised ? 0 : this.limits.settleMs);
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (performance.now() >= end || this.#signal.aborted) throw error;
      }
      await new Promise<void>((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    }
  };

  readonly withoutRequests = async <T>(operation: () => Promise<T>): Promise<T> => {
    const before = this.#first.requests?.();
    const value = await operation();
    const after = this.#first.requests?.();
    check(before === after, `${Number(after) - Number(before)} requests were sent, and there should be none`);
    return value;
  };

  readonly skip = (reason: string): never => {
    throw new SkipCase(reason);
  };

  /**
   * Fails if an iterator of the adapter that is over has left a listener on its signal. What the adapter still has to
   * do after `return` is given a moment.
   */
  async leavesNoListeners(): Promise<void> {
    for (let turn = 0; this.activity.leftListeners() !== undefined && turn < LISTENER_TURNS; turn++) {
      await new Promise((resolve) => {
        setTimeout(resolve, turn);
      });
    }
    const left = this.activity.leftListeners();
    if (left !== undefined) fail(left.message, left);
  }

  /** Ends the faults of every instance, so that nothing continues under one that its case did not live to end. */
  async endFaults(): Promise<void> {
    await Promise.allSettled(this.#instances.map(async ({ faults }) => faults?.end()));
  }

  /** Closes every instance, even if one of them fails to close; then it rejects with the reason of the first. */
  async close(): Promise<void> {
    await closeAll(this.#instances);
  }
}

/** Fails if a half that was opened does not even have the form of one. */
function checkDeclares(half: unknown, side: "storage" | "names", by: string): void {
  if (half === undefined) return;
  const isObject = typeof half === "object" && half !== null;
  check(isObject, `The fixture's ${by}: ${side} is ${show(half)}, not an object.`);
  const { capabilities } = half as { readonly capabilities?: unknown };
  const declares = typeof capabilities === "object" && capabilities !== null;
  check(declares, `The fixture's ${by}: ${side} declares no capabilities.`);
}

async function closeAll(instances: readonly Opened[]): Promise<void> {
  const closing = instances
    .flatMap(({ storage, names }) => [storage, names])
    .map(async (part) => part?.close?.());
  for (const outcome of await Promise.allSettled(closing)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

/** FNV-1a, to make a seed from a text. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return state || 1;
}

/** Xorshift: cheap, and no content repeats itself within what a case makes. */
function step(state: number): number {
  let next = state;
  next ^= next << 13;
  next ^= next >>> 17;
  next ^= next << 5;
  return next >>> 0;
}
