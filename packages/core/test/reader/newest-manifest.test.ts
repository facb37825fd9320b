// Which manifest a reader takes, keeps and tells of: across remotes, restarts, and readers that share a store.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import {
  type ForkError,
  memoryReaderStore,
  openReader,
  type Reader,
  type ReaderStore,
  verifyForkEvidence,
} from "../../src/index.ts";
import { ManifestLog, type ShownPlace } from "./manifest-log.ts";

/** Step by step: 3 entries; 1 version; 1 more; 4 more and an entry; 1 more; an entry. */
let log: ManifestLog;
/** The same log, with other versions from the third step on. */
let fork: ManifestLog;
const versions = [0, 1, 2, 6, 7, 7] as const;

beforeAll(async () => {
  const steps = [
    { entries: 3 },
    { versions: 1 },
    { versions: 1 },
    { entries: 1, versions: 4 },
    { versions: 1 },
    { entries: 1 },
  ];
  log = await ManifestLog.write(steps);
  fork = await ManifestLog.write(
    steps.map((step, i) =>
      i >= 2 && step.versions ? { ...step, say: { remotes: Uint8Array.of(i) } } : step,
    ),
  );
});

const readerOf = (places: readonly ShownPlace[], store: ReaderStore = memoryReaderStore()): Promise<Reader> =>
  openReader({ logId: log.logId, remotes: places.map(({ remote }) => remote), store, retries: 0 });

const versionOf = (reader: Reader): number => reader.manifest?.version ?? 0;

async function contentsOf(reader: Reader): Promise<number> {
  let count = 0;
  for await (const _ of reader.from(0)) count++;
  return count;
}

test("each state costs as many requests as before, and versions that were missed one read", async () => {
  const place = log.place("one", 0);
  const reader = await readerOf([place]);
  for (const [step, reads] of [0, 0, 0, 1, 0, 0].entries()) {
    place.show(step);
    await reader.sync();
    expect(versionOf(reader)).toBe(versions[step]);
    expect(place.asked()).toEqual([1, reads]);
    // Nothing is new.
    await reader.sync();
    expect(place.asked()).toEqual([1, 0]);
  }
  const fresh = await readerOf([place]);
  await fresh.sync();
  expect([versionOf(fresh), ...place.asked()]).toEqual([7, 1, 0]);
});

test("the newest entries come from one remote and the newest manifest from another", async () => {
  const [ahead, behind] = [log.place("ahead", 5), log.place("behind", 4)];
  const other = log.place("manifest", 4);
  const reader = await readerOf([log.place("entries", 3), other]);
  await reader.sync();
  expect([reader.size, versionOf(reader)]).toEqual([4, 7]);
  const both = await readerOf([behind, ahead]);
  await both.sync();
  expect([both.size, versionOf(both)]).toEqual([5, 7]);
});

test("a mirror that lags behind is compared once", async () => {
  const [one, mirror] = [log.place("one", 4), log.place("mirror", 2, true)];
  const reader = await readerOf([one, mirror]);
  await reader.sync();
  expect(one.asked()[1] + mirror.asked()[1]).toBe(1);
  for (let i = 0; i < 3; i++) {
    await reader.sync();
    expect([one.asked(), mirror.asked()]).toEqual([
      [1, 0],
      [1, 0],
    ]);
  }
  mirror.show(3);
  await reader.sync();
  expect(one.asked()[1] + mirror.asked()[1]).toBe(0);
  expect(versionOf(reader)).toBe(7);
});

test("versions that are two apart are compared once, in whatever order they are shown", async () => {
  const other = await ManifestLog.write([{ entries: 1, versions: 1 }, { versions: 2 }]);
  for (const steps of [
    [0, 1],
    [1, 0],
  ]) {
    const places = steps.map((step) => other.place(`${step}`, step, true));
    const remotes = places.map(({ remote }) => remote);
    const reader = await openReader({ logId: other.logId, remotes, retries: 0 });
    await reader.sync();
    expect(versionOf(reader)).toBe(3);
    expect(places.reduce((sum, place) => sum + place.asked()[1], 0)).toBe(1);
  }
});

test("a name that promises not to lag and shows an older manifest was set back, also to the next run", async () => {
  const place = log.place("one", 4);
  const store = memoryReaderStore();
  const reader = await readerOf([place], store);
  await reader.sync();
  // As many entries, and an older manifest.
  place.show(3);
  for (const one of [reader, await readerOf([place], store)]) {
    const error = await failure(one.sync());
    expect(error).toMatchObject({ code: "ERR_ROLLBACK", operation: "reader.sync" });
    expect(error.message).toContain("version 6");
    expect(error.message).toContain("version 7");
    expect(versionOf(one)).toBe(7);
    // And so it stays.
    expect(await failure(one.sync())).toMatchObject({ code: "ERR_ROLLBACK" });
    expect(await failure(contentsOf(one))).toMatchObject({ code: "ERR_ROLLBACK" });
  }
  place.show(4);
  expect(await reader.sync()).toMatchObject({ size: 4 });
});

test("of remotes that show an older manifest the one is named whose name was set back", async () => {
  const [behind, back] = [log.place("behind", 3), log.place("back", 4)];
  const reader = await readerOf([behind, back]);
  await reader.sync();
  back.show(3);
  const error = await failure(reader.sync());
  expect(error).toMatchObject({ code: "ERR_ROLLBACK", message: expect.stringMatching(/^back shows/) });
});

test("a remote that never showed more lags: its entries are delivered before that is told", async () => {
  const store = memoryReaderStore();
  const reader = await readerOf([log.place("one", 4)], store);
  await reader.sync();
  for (const mirror of [log.place("mirror", 3), log.place("one", 3, true)]) {
    // Under a revision that no reader knows.
    mirror.show(3);
    const later = await readerOf([mirror], store);
    expect(versionOf(later)).toBe(7);
    expect(await failure(later.sync())).toMatchObject({ code: "ERR_STALE" });
    const sequences: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const { sequence } of later.from(0)) sequences.push(sequence);
    };
    expect(await failure(reading())).toMatchObject({ code: "ERR_STALE" });
    expect(sequences).toEqual([0, 1, 2, 3]);
    expect(versionOf(later)).toBe(7);
  }
});

test("a log whose manifest is gone from every remote lags, or was set back", async () => {
  const place = log.place("one", 1);
  const store = memoryReaderStore();
  await (await readerOf([place], store)).sync();
  place.show(0);
  const again = await readerOf([place], store);
  expect(await failure(again.sync())).toMatchObject({ code: "ERR_ROLLBACK" });
  const mirror = await readerOf([log.place("mirror", 0)], store);
  expect(await failure(mirror.sync())).toMatchObject({ code: "ERR_STALE" });
  expect(versionOf(mirror)).toBe(1);
});

test("a manifest that nobody proves is not used, and the entries beside it are read", async () => {
  for (const how of ["withholdLeaves", "forgeLeaves"] as const) {
    const place = log.place("one", 2);
    const reader = await readerOf([place]);
    await reader.sync();
    place.show(5);
    place[how]();
    await reader.sync();
    expect([reader.size, versionOf(reader)]).toEqual([5, 2]);
    expect(await contentsOf(reader)).toBe(5);
    // Whoever else has them proves it.
    const mirror = log.place("mirror", 3);
    const [both] = [await readerOf([place, mirror])];
    await both.sync();
    expect(versionOf(both)).toBe(7);
    for (const [address, content] of mirror.contents) place.contents.set(address, content);
    await reader.sync();
    expect(versionOf(reader)).toBe(7);
  }
});

test("leaf hashes come from any remote, whichever shows the manifest", async () => {
  const [one, mirror] = [log.place("one", 2), log.place("mirror", 2)];
  const reader = await readerOf([one, mirror]);
  await reader.sync();
  one.show(5);
  one.withholdLeaves();
  await reader.sync();
  expect(versionOf(reader)).toBe(7);
});

async function expectFork(error: ForkError): Promise<void> {
  expect(error).toMatchObject({ code: "ERR_FORK" });
  expect(await verifyForkEvidence(error.evidence)).toMatchObject({ logId: log.logId, of: "manifest" });
}

test.each([
  ["of one number", 2, 2],
  ["of which one does not extend the other", 2, 3],
  ["of which one does not extend the version before it", 3, 4],
])("two states %s are a fork, with proof, to this run and to the next", async (_, before, after) => {
  const place = log.place("one", before);
  const store = memoryReaderStore();
  const reader = await readerOf([place], store);
  await reader.sync();
  place.showFork(fork, after);
  const error = await failure<ForkError>(reader.sync());
  await expectFork(error);
  expect(await failure(contentsOf(reader))).toMatchObject({ code: "ERR_FORK" });
  place.show(after);
  expect(await failure(reader.sync())).toMatchObject({ code: "ERR_FORK" });
  await expectFork(await failure<ForkError>(readerOf([place], store)));
});

test("two remotes that contradict each other are a fork, also if neither can be compared with what is kept", async () => {
  for (const [step, other] of [
    [4, 4],
    [3, 4],
    [4, 3],
  ] as const) {
    const [one, two] = [log.place("one", 2), log.place("two", 2)];
    const reader = await readerOf([one, two]);
    await reader.sync();
    one.show(step);
    two.showFork(fork, other);
    for (const place of [one, two]) place.withholdLeaves();
    const error = await failure<ForkError>(reader.sync());
    expect(error.code).toBe("ERR_FORK");
    await expectFork(error);
  }
});

test("readers of one store never use manifests that contradict each other", async () => {
  const store = memoryReaderStore();
  const [one, two] = [log.place("one", 2), log.place("two", 2)];
  two.showFork(fork, 2);
  const [first, second] = [await readerOf([one], store), await readerOf([two], store)];
  const results = await Promise.allSettled([first.sync(), second.sync()]);
  const refused = results.find(({ status }) => status === "rejected") as PromiseRejectedResult;
  await expectFork(refused.reason as ForkError);
  for (const reader of [first, second])
    expect(await failure(reader.sync())).toMatchObject({ code: "ERR_FORK" });
});

test("what another reader of the store kept binds this one", async () => {
  const store = memoryReaderStore();
  const [one, two] = [log.place("one", 2), log.place("two", 2)];
  const [first, second] = [await readerOf([one], store), await readerOf([two], store)];
  await second.sync();
  one.show(4);
  await first.sync();
  expect(await failure(second.sync())).toMatchObject({ code: "ERR_STALE" });
  expect(versionOf(second)).toBe(7);
  two.show(3);
  expect(await failure(second.sync())).toMatchObject({ code: "ERR_STALE" });
  two.show(4);
  await second.sync();
});

test("of two readers that advance one store at once both end with the newest", async () => {
  const store = memoryReaderStore();
  const readers = await Promise.all(
    [2, 4, 3, 5].map((step) => readerOf([log.place(`${step}`, step)], store)),
  );
  await Promise.allSettled(readers.map((reader) => reader.sync()));
  const next = await readerOf([log.place("last", 5)], store);
  await next.sync();
  expect(versionOf(next)).toBe(7);
});

test.each(["nonsense", "null", "[]", "{}", '"text"', "7"])(
  "a store whose record says %s is damaged",
  async (record) => {
    const store = memoryReaderStore();
    await (await readerOf([log.place("one", 2)], store)).sync();
    const key = `${log.logId}/manifest`;
    await store.put(key, new TextEncoder().encode(record));
    expect(await failure(readerOf([log.place("one", 2)], store))).toMatchObject({
      code: "ERR_JOURNAL_CORRUPT",
    });
  },
);

test("a store that was damaged in any part of its record is refused, and never believed", async () => {
  const store = memoryReaderStore();
  await (await readerOf([log.place("one", 4)], store)).sync();
  const key = `${log.logId}/manifest`;
  const record = JSON.parse(new TextDecoder().decode(await store.get(key))) as Record<string, unknown>;
  expect(Object.keys(record).sort()).toEqual([
    "bytes",
    "genesis",
    "label",
    "leaves",
    "note",
    "objects",
    "peaks",
  ]);
  const wrong: Record<string, readonly unknown[]> = {
    genesis: ["", "00", undefined],
    bytes: ["", "0801", undefined],
    note: ["", undefined],
    peaks: [[], ["00"], undefined],
    leaves: ["nowhere"],
    objects: [undefined, [{}], [{ hash: "00", address: "nowhere" }]],
  };
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) {
      await store.put(key, new TextEncoder().encode(JSON.stringify({ ...record, [field]: value })));
      expect(await failure(readerOf([log.place("one", 4)], store)), field).toMatchObject({
        code: "ERR_JOURNAL_CORRUPT",
      });
    }
  }
  // What an earlier version kept names no remote.
  const { label: _, ...earlier } = record;
  await store.put(key, new TextEncoder().encode(JSON.stringify(earlier)));
  const before = log.place("one", 4);
  before.show(3);
  const reader = await readerOf([before], store);
  expect(versionOf(reader)).toBe(7);
  expect(await failure(reader.sync())).toMatchObject({ code: "ERR_STALE" });
});

test("a store whose compareAndSet compares wrongly is told", async () => {
  const store = memoryReaderStore();
  const wrong: ReaderStore = {
    ...store,
    get: (key, options) => store.get(key, options),
    put: (key, value) => store.put(key, value),
    compareAndSet: async (key, expected, value) =>
      key.endsWith("/manifest") ? false : store.compareAndSet(key, expected, value),
  };
  const reader = await readerOf([log.place("one", 2)], wrong);
  expect(await failure(reader.sync())).toMatchObject({ code: "ERR_JOURNAL" });
});
