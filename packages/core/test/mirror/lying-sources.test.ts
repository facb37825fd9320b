import { runs, sample } from "@remote-log/test-kit";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Address, type MirrorResult, NotFoundError, type Remote, UnreachableError } from "../../src/index.ts";
import type { Pair } from "../../src/log/pair.ts";
import { flipped } from "../reader/damage.ts";
import { kindsOf } from "../reader/forger.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { rewritten } from "./rewritten-log.ts";
import { logAt, makeTarget, mirrorFrom, readableOn, type Target } from "./target.ts";

// Nobody waits for retries: what is counted is what is asked.
beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

const SIZE = 90;
const OLDER = 52;

/** Makes a source that is fresh: what it does may depend on what it was asked before. */
type MakeSource = (label: string) => Remote;

let log: WrittenLog;
const sources = new Map<string, MakeSource>();
const targets = new Map<string, Target>();

function removed({ localHash, contentHash }: Pair): Pair {
  return { localHash, contentHash, place: { kind: "removed" } };
}

// The kind of address that Swarm has: these sources do not accept it.
function elsewhere({ localHash, contentHash }: Pair): Pair {
  return {
    localHash,
    contentHash,
    place: { kind: "pointer", address: Address.create(0xfa, 0x1b, contentHash) },
  };
}

// The content is nowhere at this address.
function dangling({ localHash, contentHash }: Pair): Pair {
  return {
    localHash,
    contentHash,
    place: { kind: "pointer", address: Address.create(0x55, 0x12, contentHash) },
  };
}

function without(
  kind: "page" | "node" | "content",
  keep: (at: number, count: number) => boolean,
): MakeSource {
  const texts = [...kindsOf(log)].filter(([, other]) => other === kind).map(([text]) => text);
  const objects = new Map(log.contents);
  for (const [at, text] of texts.entries()) if (!keep(at, texts.length)) objects.delete(text);
  return (label) => scriptedRemote(objects, log.head, { label });
}

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { settings: foldingCuts, publishAt: [OLDER] });
  const changes: Record<string, (pair: Pair, sequence: number) => Pair> = {
    "strips every entry": removed,
    "strips every second entry": (pair, i) => (i % 2 === 0 ? removed(pair) : pair),
    "strips the older half": (pair, i) => (i < SIZE / 2 ? removed(pair) : pair),
    "strips the newer half": (pair, i) => (i >= SIZE / 2 ? removed(pair) : pair),
    "points at another kind of storage": elsewhere,
    "points at nothing in every third entry": (pair, i) => (i % 3 === 0 ? dangling(pair) : pair),
  };
  for (const [name, change] of Object.entries(changes)) {
    const { contents: objects, head } = await rewritten(log, change);
    sources.set(name, (label) => scriptedRemote(objects, head, { label }));
  }
  sources.set("is honest", (label) => scriptedRemote(log.contents, log.head, { label }));
  sources.set("is behind", (label) => scriptedRemote(log.contents, log.heads.get(OLDER), { label }));
  sources.set(
    "lacks the older pages",
    without("page", (at, count) => at >= count / 2),
  );
  sources.set(
    "lacks the newer pages",
    without("page", (at, count) => at < count / 2),
  );
  sources.set(
    "lacks every third page",
    without("page", (at) => at % 3 !== 0),
  );
  sources.set(
    "lacks the contents",
    without("content", () => false),
  );
  sources.set(
    "withholds its newest node",
    without("node", (at, count) => at < count - 1),
  );
  sources.set("flips a byte from the second read of an object on", (label) => {
    const remote = scriptedRemote(log.contents, log.head, { label });
    const read = new Set<string>();
    remote.storage.before = async (address) => {
      if (read.has(`${address}`)) return flipped(log.contents.get(`${address}`)!, 5, 1);
      read.add(`${address}`);
      return undefined;
    };
    return remote;
  });
  sources.set("turns bad halfway", (label) => {
    const remote = scriptedRemote(log.contents, log.head, { label });
    let reads = 0;
    remote.storage.before = async () => {
      if (++reads > 30) throw new UnreachableError("It is off.", { operation: "storage.get" });
      return undefined;
    };
    return remote;
  });

  const whole = makeTarget();
  await mirrorFrom(log, whole);
  const older = makeTarget();
  await mirrorFrom(logAt(log, OLDER), older);
  const gaps = makeTarget();
  await mirrorFrom(log, gaps, { from: [sources.get("strips every second entry")!("stripping")] });
  for (const [name, target] of Object.entries({ empty: makeTarget(), older, whole, gaps }))
    targets.set(name, target);
});

const readable = (remote: Remote): Promise<Set<number>> => readableOn(remote, log);

/** What a source can show: an object that it has shown once counts, whatever it says later. */
async function showable(name: string): Promise<Set<number>> {
  if (name.startsWith("flips")) return readable(sources.get("is honest")!(name));
  return readable(sources.get(name)!(name));
}

const cases = (names: readonly string[]): { from: string[]; to: string }[] =>
  ["empty", "older", "whole", "gaps"].flatMap((to) => [
    ...names.map((one) => ({ from: [one], to })),
    ...names.flatMap((one) => names.filter((two) => two !== one).map((two) => ({ from: [one, two], to }))),
    ...names.map((one, i) => ({
      from: [one, names[(i + 3) % names.length]!, names[(i + 7) % names.length]!],
      to,
    })),
  ]);

test("whatever sources lie, the target reads all that it could, and all that any source can show; the rest is told", async () => {
  const names = [...sources.keys()];
  const shows = new Map<string, Set<number>>();
  for (const name of names) shows.set(name, await showable(name));
  let refusals = 0;
  const chosen = sample("lying sources", cases(names), runs(8, 60), {
    all: process.env["EXHAUSTIVE"] === "1",
  });
  for (const { from, to } of chosen) {
    const what = `${from.join(" + ")} → ${to}`;
    if (from.every((name) => name === "is behind")) continue;
    const target = makeTarget({ like: targets.get(to)! });
    const before = await readable(target.remote);
    let result: MirrorResult | undefined;
    let error: unknown;
    try {
      result = await mirrorFrom(log, target, { from: from.map((name) => sources.get(name)!(name)) });
    } catch (cause) {
      error = cause;
    }
    const after = await readable(target.remote);
    // A source that is behind has objects at the same addresses; one that turns bad has shown what it has shown.
    const promised = from.flatMap((name) => (name === "turns bad halfway" ? [] : [...shows.get(name)!]));
    for (const i of before) expect(after.has(i), `${what}: entry ${i} was lost`).toBe(true);
    if (result === undefined) {
      // The target would have lost entries, or gained none; or no source shows how its state and theirs relate.
      refusals++;
      expect(error, what).toBeInstanceOf(Error);
      const hides = from.every((name) => /withholds|turns bad|behind|lacks|flips/.test(name));
      expect(hides || promised.every((i) => before.has(i)), `${what}: ${String(error)}`).toBe(true);
      continue;
    }
    for (const i of promised) expect(after.has(i), `${what}: entry ${i} was not copied`).toBe(true);
    const missing = result.missing.flatMap(({ from: first, to: end }) =>
      Array.from({ length: end - first }, (_, i) => first + i),
    );
    expect(missing, what).toEqual(log.entries.map((_, i) => i).filter((i) => !after.has(i)));
    expect(result.missingEntries, what).toBe(missing.length);
    expect(result.entries, what).toBe(SIZE - missing.length);
  }
  expect(refusals).toBeLessThan(chosen.length / 4);
});

test("a source that strips entries takes nothing from a target, and another source that has them is asked", async () => {
  const stripping = sources.get("strips every entry")!;
  const target = makeTarget({ like: targets.get("whole")! });
  expect(await mirrorFrom(log, target, { from: [stripping("a")] })).toMatchObject({
    missing: [],
    entries: SIZE,
  });
  expect((await readable(target.remote)).size).toBe(SIZE);
  const empty = makeTarget();
  const both = [stripping("a"), sources.get("is honest")!("b")];
  expect(await mirrorFrom(log, empty, { from: both })).toMatchObject({ missing: [], name: "updated" });
  expect((await readable(empty.remote)).size).toBe(SIZE);
});

test("what was missing is got as soon as a source shows it, and nothing else is read or stored", async () => {
  const target = makeTarget();
  const { head, missing } = await mirrorFrom(log, target, {
    from: [sources.get("lacks every third page")!("a")],
  });
  target.acknowledged.length = 0;
  const source = scriptedRemote(log.contents, log.head);
  const repaired = await mirrorFrom(log, target, { from: [source], known: head, missing });
  expect(repaired.missing).toEqual([]);
  const pages = [...kindsOf(log).values()].filter((kind) => kind === "page").length;
  expect(repaired.pages).toBe(Math.ceil(pages / 3));
  expect((await readable(target.remote)).size).toBe(SIZE);
});

test("what the target has from a mirroring that did not finish is neither read nor stored again", async () => {
  let puts = 0;
  const stopped = makeTarget({
    around: async (call, proceed) => {
      if (call.kind === "put" && ++puts > 40)
        throw new UnreachableError("It is off.", { operation: "storage.put" });
      return proceed();
    },
  });
  await expect(mirrorFrom(log, stopped)).rejects.toMatchObject({ code: "ERR_UNREACHABLE" });
  const target = makeTarget({ like: stopped });
  const source = scriptedRemote(log.contents, log.head);
  const stored = new Set(target.contents.keys());
  const result = await mirrorFrom(log, target, { from: [source], resume: true });
  expect(result).toMatchObject({ missing: [], name: "updated" });
  for (const text of target.acknowledged) expect(stored.has(text)).toBe(false);
  const kinds = kindsOf(log);
  for (const text of source.storage.reads)
    if (kinds.get(text) !== "node") expect(stored.has(text)).toBe(false);
  expect((await readable(target.remote)).size).toBe(SIZE);
});

test("a source and a target that fail now and then cost a few requests more, and no entry", async () => {
  const source = scriptedRemote(log.contents, log.head);
  let requests = 0;
  const falters = (): void => {
    if (++requests % 25 === 0) throw new UnreachableError("It is busy.", { operation: "test" });
  };
  source.storage.before = async () => {
    falters();
    return undefined;
  };
  const target = makeTarget({
    around: async (call, proceed) => {
      if (call.kind === "put") falters();
      return proceed();
    },
  });
  const result = await mirrorFrom(log, target, { from: [source], retries: 2 });
  expect(result).toMatchObject({ missing: [], name: "updated" });
  expect(source.storage.reads.length).toBeLessThan(1.2 * kindsOf(log).size);
});

test("a source that is down is not asked for every object again and again", async () => {
  const source = scriptedRemote(log.contents, log.head);
  source.storage.before = async () => {
    throw new UnreachableError("It is off.", { operation: "storage.get" });
  };
  const target = makeTarget({ like: targets.get("older")! });
  await expect(mirrorFrom(log, target, { from: [source] })).rejects.toMatchObject({
    code: "ERR_UNREACHABLE",
  });
  expect(source.storage.reads.length).toBeLessThan(60);
  expect((await readable(target.remote)).size).toBe(OLDER);
  source.storage.before = async () => {
    throw new NotFoundError("It is gone.", { operation: "storage.get" });
  };
  // The head itself has entries.
  const { entries, missing } = await mirrorFrom(log, makeTarget(), { from: [source] });
  expect(entries).toBe(SIZE - missing[0]!.to);
  expect(missing).toMatchObject([{ from: 0, error: { code: "ERR_NOT_FOUND" } }]);
});
