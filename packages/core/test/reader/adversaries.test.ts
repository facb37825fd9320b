import { sample } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import {
  ForkError,
  isRemoteLogError,
  memoryReaderStore,
  openReader,
  type Reader,
  type SyncResult,
  verifyForkEvidence,
} from "../../src/index.ts";
import {
  type Adversary,
  adversary,
  type Branch,
  behaviours,
  FORK_AT,
  Histories,
  LATER,
  type Shown,
  type State,
} from "./adversaries.ts";
import { collect } from "./read-whole.ts";
import { contents } from "./written-log.ts";

// One to three remotes, each with one of the behaviours; two rounds, with or without a restart of the reader between them; and
// a third in which an honest remote joins, with all of the newest state. What may be delivered, and what must be told, follows
// from what was shown alone.

let histories: Histories;
const written: Record<Branch, readonly Uint8Array[]> = {
  x: contents(LATER),
  y: contents(LATER, " elsewhere", FORK_AT),
};

beforeAll(async () => {
  histories = await Histories.write();
});

const names = Object.keys(behaviours);
const casts: string[][] = [
  ...names.map((one) => [one]),
  ...names.flatMap((one) => names.map((two) => [one, two])),
  ...names.flatMap((one, i) =>
    names.slice(i).flatMap((two, j) => names.slice(i + j).map((three) => [three, one, two])),
  ),
];
// Of three remotes every other cast is restarted: all of both takes too long.
const scenarios = casts.flatMap((cast, i) =>
  [false, true]
    .filter((restart) => cast.length < 3 || restart === (i % 2 === 0))
    .map((restart) => ({ cast, restart })),
);

const contradict = (a: State, b: State): boolean =>
  a.branch !== b.branch && a.size > FORK_AT && b.size > FORK_AT;

/** What is known of a reader in the course of a scenario. */
class Course {
  readonly what: string;
  /** What was delivered, by place. */
  readonly delivered = new Map<number, string>();
  /** The branch of what was delivered beyond the fork. */
  branch: Branch | undefined;
  /** The most entries that were delivered. */
  most = 0;
  /** Every state that was shown. */
  readonly shown: State[] = [];
  frozen = false;

  constructor(what: string) {
    this.what = what;
  }

  async round(reader: Reader, remotes: readonly Adversary[], setBack: ReadonlySet<Adversary>): Promise<void> {
    const present = remotes.flatMap((remote) => remote.shows() ?? []);
    this.shown.push(...present);
    const earlier = this.branch === undefined ? undefined : { branch: this.branch, size: this.most };
    let result: SyncResult | undefined;
    let failure: unknown;
    try {
      result = await reader.sync();
    } catch (error) {
      failure = error;
    }
    const { entries, error } = await collect(reader.from(0));
    for (const thrown of [failure, error]) {
      expect(thrown === undefined || isRemoteLogError(thrown), `${this.what}: ${thrown}`).toBe(true);
    }
    for (const { sequence, content } of entries) this.#deliver(sequence, content);
    if (failure instanceof ForkError) {
      await this.#rightlyFrozen(failure);
      expect(entries, this.what).toEqual([]);
      return;
    }
    expect(this.frozen, `${this.what}: what was frozen is read again`).toBe(false);
    this.#noticed(present, earlier);
    if (result !== undefined) this.#told(result, remotes, earlier?.size ?? 0);
    const honest = remotes.flatMap((remote) => (setBack.has(remote) ? [] : (remote.shows() ?? [])));
    this.#notLockedOut(honest, earlier, entries.length);
  }

  #deliver(sequence: number, content: Uint8Array): void {
    const text = new TextDecoder().decode(content);
    expect(this.delivered.get(sequence) ?? text, `${this.what}: entry ${sequence}`).toBe(text);
    this.delivered.set(sequence, text);
    const from = (["x", "y"] as const).filter(
      (branch) => Buffer.compare(written[branch][sequence]!, content) === 0,
    );
    expect(from, `${this.what}: entry ${sequence}`).not.toEqual([]);
    if (from.length === 1) {
      expect(this.branch ?? from[0], `${this.what}: entry ${sequence}`).toBe(from[0]);
      this.branch = from[0];
    }
    this.most = Math.max(this.most, sequence + 1);
  }

  async #rightlyFrozen(error: ForkError): Promise<void> {
    expect(await verifyForkEvidence(error.evidence), this.what).toMatchObject({ logId: histories.logId });
    expect(
      this.shown.some((a) => this.shown.some((b) => contradict(a, b))),
      `${this.what}: wrongly accused`,
    ).toBe(true);
    this.frozen = true;
  }

  // Two states contradict each other, and the larger one is shown whole.
  #noticed(present: readonly Shown[], earlier: State | undefined): void {
    const whole = present.filter(({ gives }) => gives === "whole");
    for (const one of whole) {
      for (const other of [...present, ...(earlier ? [earlier] : [])]) {
        const seen = contradict(one, other) && one.size >= other.size;
        expect(
          seen,
          `${this.what}: the fork of ${one.branch}${one.size} and ${other.branch}${other.size}`,
        ).toBe(false);
      }
    }
  }

  #told({ size, remotes, seen }: SyncResult, all: readonly Adversary[], before: number): void {
    const present = all.flatMap((remote) => remote.shows() ?? []);
    expect(size, `${this.what}: less than was delivered, as the newest`).toBeGreaterThanOrEqual(before);
    const largest = Math.max(...present.map((one) => one.size));
    if (largest > size) expect(seen?.size, `${this.what}: what was seen`).toBeGreaterThanOrEqual(largest);
    const placed = remotes.filter(({ status }) => status === "newest" || status === "behind");
    expect(placed.length, `${this.what}: the newest is on none`).toBeGreaterThan(0);
    for (const report of remotes) {
      if (report.size === undefined) continue;
      if (report.size > size) expect(report, this.what).toMatchObject({ status: "unverified" });
      if (report.status === "newest") expect(report.size, this.what).toBe(size);
      if (report.status === "unverified") expect(report.error, this.what).toBeDefined();
    }
    const states = placed.map(({ label }) => all.find((remote) => remote.label === label)!.shows()!);
    const forked = states.some((a) => states.some((b) => contradict(a, b)));
    expect(forked, `${this.what}: a forked state is said to be behind`).toBe(false);
  }

  // What an honest remote has is delivered, unless more was delivered before, or something of the other history.
  #notLockedOut(honest: readonly Shown[], earlier: State | undefined, delivered: number): void {
    for (const branch of ["x", "y"] as const) {
      if (earlier !== undefined && earlier.branch !== branch) continue;
      const sizes = honest
        .filter((one) => one.gives === "whole" && one.branch === branch)
        .map(({ size }) => size);
      const most = Math.max(0, ...sizes);
      if ((earlier?.size ?? 0) > most) continue;
      expect(delivered, `${this.what}: what is there is not delivered`).toBeGreaterThanOrEqual(most);
    }
  }
}

/** Plays one scenario. */
async function play(cast: readonly string[], restart: boolean): Promise<void> {
  const course = new Course(`${cast.join(" + ")}${restart ? ", restarted" : ""}`);
  const store = memoryReaderStore();
  const remotes = cast.map((name, i) => adversary(histories, behaviours[name]!, `remote ${i}`));
  const { logId } = histories;
  const later = adversary(histories, [{ branch: "x", size: LATER, gives: "whole" }], "later");
  let reader: Reader | undefined;
  try {
    for (const round of [1, 2, 3]) {
      const all = round === 3 ? [...remotes, later] : remotes;
      for (const remote of all) remote.nextRound();
      if (reader === undefined || restart || round === 3) {
        await reader?.close();
        reader = await openReader({ logId, remotes: all, store, retries: 0 });
      }
      const setBack = new Set(round === 1 ? [] : remotes.filter((_, i) => cast[i] === "is set back"));
      await course.round(reader, all, setBack);
    }
  } catch (error) {
    // A frozen log can't be opened again.
    if (!(error instanceof ForkError) || !course.frozen) throw error;
  } finally {
    await reader?.close();
  }
}

const chosen = sample("adversaries", scenarios, 120);

test(`of ${chosen.length} casts of remotes none has a wrong entry delivered, a fork passed over, or an honest remote shut out`, async () => {
  const failures: string[] = [];
  for (const { cast, restart } of chosen) {
    await play(cast, restart).catch((error: unknown) => failures.push(String(error)));
  }
  expect(failures.slice(0, 20), `${failures.length} casts failed`).toEqual([]);
});
