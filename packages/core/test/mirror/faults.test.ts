import { getEventListeners } from "node:events";
import { memoryStorage } from "@remote-log/memory";
import { failure, runs } from "@remote-log/test-kit";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import {
  isRemoteLogError,
  type MissingEntries,
  type Retry,
  rawSha256,
  type StorageBackend,
  UnreachableError,
} from "../../src/index.ts";
import { flipped, Sampler } from "../reader/damage.ts";
import { forge, type Kind, kindsOf } from "../reader/forger.ts";
import { readWhole } from "../reader/read-whole.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { expectWhole, logAt, makeTarget, mirrorFrom, readableOn, type Target } from "./target.ts";

const kinds: readonly Kind[] = ["page", "node", "content"];
let log: WrittenLog;

beforeAll(async () => {
  log = await writeLog(contents(200), { settings: foldingCuts });
});

/** Asserts that a reader of the target gets every entry as the writer wrote it, and fails at those that were told. */
async function expectRest(
  target: Target,
  written: WrittenLog,
  missing: readonly MissingEntries[],
): Promise<void> {
  const readable = await readableOn(target.remote, written);
  const told = written.entries.map((_, i) => !missing.some(({ from, to }) => from <= i && i < to));
  expect(written.entries.map((_, i) => readable.has(i))).toEqual(told);
}

/** Asserts that nothing is in the target but objects of the log, and no name. */
function expectNothingWrong(target: Target): void {
  for (const [text, bytes] of target.contents) expect(bytes).toEqual(log.contents.get(text));
  expect(target.table.values.size).toBe(0);
}

test("a mirror that dies at any of its writes leaves the name at what is whole, and the next run completes it", async () => {
  const short = await writeLog(contents(50), { settings: foldingCuts, publishAt: [20] });
  const begun = makeTarget();
  const { head } = await mirrorFrom(logAt(short, 20), begun);
  const whole = makeTarget({ like: begun });
  await mirrorFrom(short, whole, { known: head });
  const writes = whole.acknowledged.length;
  expect(writes).toBeGreaterThan(20);
  for (let after = 0; after < writes; after++) {
    for (const arrives of [false, true]) {
      let left = after;
      const target = makeTarget({
        like: begun,
        around: async (call, proceed) => {
          if (call.kind !== "put" && call.kind !== "update") return proceed();
          if (left-- > 0) return proceed();
          // The process dies before the request arrives, or before its answer does.
          if (arrives) await proceed();
          throw new UnreachableError("The power is gone.", { operation: "test" });
        },
      });
      await expect(mirrorFrom(short, target, { known: head })).rejects.toBeInstanceOf(UnreachableError);
      const shown = target.table.values.get(short.logId)!.content;
      const moved = Buffer.compare(shown, short.head) === 0;
      expect(moved).toBe(arrives && after === writes - 1);
      await expectWhole(target, moved ? short : logAt(short, 20));
      left = Number.POSITIVE_INFINITY;
      await mirrorFrom(short, target, { known: head });
      await expectWhole(target, short);
    }
  }
});

test.each(kinds)(
  "a flipped byte in any %s of the source never gets to the target, and all else does",
  async (kind) => {
    const sampler = new Sampler();
    const addresses = [...kindsOf(log)].filter(([, other]) => other === kind).map(([text]) => text);
    for (const address of sampler.sample(addresses, runs(6, 20))) {
      const bytes = log.contents.get(address)!;
      const wrong = flipped(bytes, sampler.below(bytes.length), 1 << sampler.below(8));
      const target = makeTarget();
      const lie = { ...log, contents: new Map(log.contents).set(address, wrong) };
      const { missing, missingEntries } = await mirrorFrom(lie, target);
      expect(missingEntries, `seed ${sampler.seed}`).toBeGreaterThan(0);
      for (const { error } of missing) expect(error).toMatchObject({ code: "ERR_INTEGRITY" });
      for (const [text, bytes] of target.contents) expect(bytes).toEqual(log.contents.get(text));
      expect(target.contents.has(address)).toBe(false);
      await expectRest(target, log, missing);
    }
  },
);

test.each(kinds)(
  "a %s in the place of another never gets to the target, however well its address fits",
  async (kind) => {
    const sampler = new Sampler();
    const addresses = [...kindsOf(log)].filter(([, other]) => other === kind).map(([text]) => text);
    for (const address of sampler.sample(addresses.slice(1), runs(4, 12))) {
      const wrong = log.contents.get(addresses[0]!)!;
      for (const merkle of [false, true]) {
        const lie = await forge(log, address, new Uint8Array([...wrong, 0xfa, 0x7f, 0x00]), { merkle });
        const target = makeTarget();
        const from = { ...log, head: lie.head, contents: new Map(lie.contents) };
        if (merkle) {
          const error = await failure(mirrorFrom(from, target));
          expect(isRemoteLogError(error), `${String(error)}, seed ${sampler.seed}`).toBe(true);
          expectNothingWrong(target);
          continue;
        }
        const { missing, missingEntries } = await mirrorFrom(from, target);
        expect(missingEntries, `seed ${sampler.seed}`).toBeGreaterThan(0);
        await expectRest(target, log, missing);
      }
    }
  },
);

test("what no source has is told as not found, and all else is copied", async () => {
  const sampler = new Sampler();
  for (const [address] of sampler.sample([...kindsOf(log)], runs(4, 12))) {
    const objects = new Map(log.contents);
    objects.delete(address);
    const target = makeTarget();
    const { missing, missingEntries } = await mirrorFrom({ ...log, contents: objects }, target);
    expect(missingEntries, `seed ${sampler.seed}`).toBeGreaterThan(0);
    for (const { error } of missing) expect(error).toMatchObject({ code: "ERR_NOT_FOUND" });
    for (const [text, bytes] of target.contents) expect(bytes).toEqual(log.contents.get(text));
    await expectRest(target, log, missing);
  }
});

test("where one source lacks an object, another that shows the same state gives it", async () => {
  const objects = new Map(log.contents);
  objects.delete([...kindsOf(log).keys()].at(-1)!);
  const from = [
    scriptedRemote(objects, log.head, { label: "lacking" }),
    scriptedRemote(log.contents, log.head, { label: "whole" }),
  ];
  const target = makeTarget();
  expect(await mirrorFrom(log, target, { from })).toMatchObject({ name: "updated", entries: 200 });
  await expectWhole(target, log);
});

test("where the target fails, no other source is tried", async () => {
  const target = makeTarget({
    around: async ({ kind }, proceed) => {
      if (kind === "put") throw new UnreachableError("It is off.", { operation: "storage.put" });
      return proceed();
    },
  });
  const second = scriptedRemote(log.contents, log.head, { label: "second" });
  const from = [scriptedRemote(log.contents, log.head), second];
  await expect(mirrorFrom(log, target, { from })).rejects.toMatchObject({ message: "It is off." });
  expect(second.storage.reads).toEqual([]);
});

test("a storage with addresses of another kind is refused before anything is read or stored", async () => {
  const inner = memoryStorage();
  const storage: StorageBackend = {
    ...inner,
    capabilities: { ...inner.capabilities, hashTypes: [{ ...rawSha256, name: "other", codec: 0x70 }] },
  };
  const source = scriptedRemote(log.contents, log.head);
  const error = await failure(mirrorFrom(log, makeTarget(), { from: [source], to: { storage } }));
  expect(error).toMatchObject({ code: "ERR_UNSUPPORTED" });
  expect(source.storage.reads).toEqual([]);
});

test("a storage that answers a put with another address is not believed, and nothing is named", async () => {
  const other = memoryStorage();
  const target = makeTarget({
    around: async (call, proceed) =>
      call.kind === "put" ? ((await other.put(new Uint8Array(call.content!.length))) as never) : proceed(),
  });
  await expect(mirrorFrom(log, target)).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
  expect(target.table.values.size).toBe(0);
});

test("an abort ends it with the signal's reason, and nothing continues afterwards", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let underWay = 0;
  const target = makeTarget({
    around: async (call, proceed) => {
      underWay++;
      if (call.kind === "put" && target.acknowledged.length >= 20) controller.abort(reason);
      try {
        return await proceed();
      } finally {
        underWay--;
      }
    },
  });
  expect(await failure(mirrorFrom(log, target, { signal: controller.signal }))).toBe(reason);
  expect(underWay).toBe(0);
  const after = target.acknowledged.length;
  await new Promise((go) => setImmediate(go));
  expect(target.acknowledged).toHaveLength(after);
  expectNothingWrong(target);
});

test("after a failure what is under way is ended, and nothing begins", async () => {
  let puts = 0;
  let ended = 0;
  const target = makeTarget({
    around: async (call, proceed) => {
      if (call.kind !== "put") return proceed();
      if (++puts === 10) throw new UnreachableError("It is off.", { operation: "storage.put" });
      if (puts < 10) return proceed();
      const { signal } = call;
      return new Promise((_, reject) =>
        signal!.addEventListener("abort", () => {
          ended++;
          reject(signal!.reason as Error);
        }),
      );
    },
  });
  const source = scriptedRemote(log.contents, log.head);
  await expect(mirrorFrom(log, target, { from: [source] })).rejects.toMatchObject({ message: "It is off." });
  expect(ended).toBe(puts - 10);
  const reads = source.storage.reads.length;
  await new Promise((go) => setImmediate(go));
  expect(source.storage.reads).toHaveLength(reads);
});

test("what is not made to be a number of objects is refused", async () => {
  for (const concurrency of [0, 1.5, Number.NaN]) {
    await expect(mirrorFrom(log, makeTarget(), { concurrency })).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
  }
});

test("however many contents the pages point at, as many are under way at once as are allowed", async () => {
  const pointing = await writeLog(contents(300), { settings: {}, largestEmbedded: 0 });
  const source = scriptedRemote(pointing.contents, pointing.head);
  source.storage.before = async () => {
    await new Promise((go) => setImmediate(go));
    return undefined;
  };
  await mirrorFrom(pointing, makeTarget(), { from: [source], concurrency: 3 });
  // Three contents, three pages, one node.
  expect(source.storage.mostInFlight).toBeLessThanOrEqual(7);
});

test("the caller's signal has one listener however many objects are under way, and none afterwards", async () => {
  const pointing = await writeLog(contents(300), { settings: {}, largestEmbedded: 0 });
  const warnings: Error[] = [];
  const warn = (warning: Error): number => warnings.push(warning);
  process.on("warning", warn);
  onTestFinished(() => void process.off("warning", warn));
  const { signal } = new AbortController();
  await mirrorFrom(pointing, makeTarget(), { signal });
  await new Promise((go) => setImmediate(go));
  expect(warnings).toEqual([]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("10,000 entries go through with a few objects under way and in memory, however long the log is", async () => {
  const long = await writeLog(contents(10_000), { settings: {} });
  const source = scriptedRemote(long.contents, long.head);
  let held = 0;
  let mostHeld = 0;
  let underWay = 0;
  let mostUnderWay = 0;
  const total = [...kindsOf(long).keys()].reduce((sum, text) => sum + long.contents.get(text)!.length, 0);
  source.storage.before = async (address) => {
    await new Promise((go) => setImmediate(go));
    held += long.contents.get(address.toString())!.length;
    mostHeld = Math.max(mostHeld, held);
    return undefined;
  };
  const target = makeTarget({
    around: async (call, proceed) => {
      if (call.kind !== "put") return proceed();
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      await new Promise((go) => setImmediate(go));
      const result = await proceed();
      underWay--;
      held -= call.content!.length;
      return result;
    },
  });
  await mirrorFrom(long, target, { from: [source], concurrency: 4 });
  expect(held).toBe(0);
  // Four pages with four contents, and one node of each level.
  expect(mostUnderWay).toBeLessThanOrEqual(8);
  expect(source.storage.mostInFlight).toBeLessThanOrEqual(9);
  expect(mostHeld).toBeLessThan(40_000);
  expect(total).toBeGreaterThan(400_000);
  const { entries } = await readWhole({ logId: long.logId, remotes: [target.remote] });
  expect(entries).toHaveLength(10_000);
});

test("each wait is told: for a source, and for the target", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  const off = (operation: string): UnreachableError => new UnreachableError("It is off.", { operation });
  let [gets, puts, updates] = [0, 0, 0];
  const source = scriptedRemote(log.contents, log.head);
  const get: StorageBackend["get"] = (address, options) =>
    ++gets === 3 ? Promise.reject(off("storage.get")) : source.storage.get(address, options);
  const from = [
    { ...source, storage: Object.assign(Object.create(source.storage) as StorageBackend, { get }) },
  ];
  const target = makeTarget({
    around: ({ kind }, proceed) => {
      if (kind === "put" && ++puts === 2) throw off("storage.put");
      if (kind === "update" && ++updates === 1) throw off("names.update");
      return proceed();
    },
  });
  const waits: string[] = [];
  const onRetry = ({ error, tries }: Retry): void => void waits.push(`${error.operation} ${tries}`);
  await mirrorFrom(log, target, { from, retries: 4, onRetry });
  expect(new Set(waits)).toEqual(new Set(["storage.get 1", "storage.put 1", "names.update 1"]));
  await expectWhole(target, log);
});
