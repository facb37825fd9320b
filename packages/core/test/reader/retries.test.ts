// One-shot reads go through failures that pass: with waits, within a budget, and from another remote first.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  DeniedError,
  openReader,
  type Reader,
  type ReaderOptions,
  type Remote,
  type RemoteLogError,
  type Retry,
  TimeoutError,
  UnreachableError,
} from "../../src/index.ts";
import { collect, expectEntries, take } from "./read-whole.ts";
import { type ScriptedStorage, scriptedRemote } from "./scripted-remote.ts";
import { contents, writeLog } from "./written-log.ts";

const log = await writeLog(contents(60), { publishAt: [40] });

// No test waits: what is counted is what is sent.
beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

const context = { operation: "storage.get" };
const busy = (): RemoteLogError => new UnreachableError("429", { ...context, reason: "busy" });
const late = (): RemoteLogError => new TimeoutError("No answer.", context);

type Scripted = ReturnType<typeof scriptedRemote>;

async function open(
  remotes: readonly Remote[],
  options: Partial<ReaderOptions> = {},
): Promise<{ reader: Reader; retries: Retry[] }> {
  const retries: Retry[] = [];
  const onRetry = (retry: Retry): void => void retries.push(retry);
  return { reader: await openReader({ logId: log.logId, remotes, onRetry, ...options }), retries };
}

/** Lets the first reads of each address fail. */
function failFirst(storage: ScriptedStorage, count: number, failure: () => unknown): void {
  const seen = new Map<string, number>();
  storage.before = (address) => {
    const before = seen.get(`${address}`) ?? 0;
    seen.set(`${address}`, before + 1);
    if (before < count) throw failure();
    return undefined;
  };
}

/** Lets the first resolves fail, each with the next of some failures. */
function failNames({ names }: Scripted, failures: readonly unknown[]): void {
  const rest = [...failures];
  const resolve = names.resolve.bind(names);
  names.resolve = async (...args) => {
    if (rest.length > 0) {
      names.asked.push({});
      throw rest.shift();
    }
    return resolve(...args);
  };
}

async function expectWhole(reader: Reader): Promise<void> {
  const { entries, error } = await collect(reader.from(0));
  expect(error).toBeUndefined();
  expectEntries(entries, log.entries);
  expect(entries).toHaveLength(60);
}

const reads: Readonly<Record<string, (reader: Reader) => Promise<void>>> = {
  from: expectWhole,
  follow: async (reader) =>
    expectEntries(await take(reader.follow({ cursor: "c", live: false }), 60), log.entries),
  latest: async (reader) => expectEntries(await reader.latest(60), log.entries),
  entry: async (reader) => expectEntries([await reader.entry(1)], log.entries, 1),
  inclusionProof: async (reader) => {
    expect((await reader.inclusionProof(1)).path.length).toBeGreaterThan(0);
  },
  consistencyProof: async (reader) => {
    expect((await reader.consistencyProof(17)).path.length).toBeGreaterThan(0);
  },
};

test.each(Object.entries(reads))(
  "%s goes through failures that pass, of the name and of each read",
  async (_, read) => {
    for (const fault of [busy, late]) {
      const remote = scriptedRemote(log.contents, log.head);
      failNames(remote, [fault(), fault()]);
      failFirst(remote.storage, 1, fault);
      const { reader, retries } = await open([remote]);
      await read(reader);
      expect(remote.names.asked).toHaveLength(3);
      // Each object failed once, and was read again.
      const distinct = new Set(remote.storage.reads).size;
      expect(retries).toHaveLength(2 + distinct);
    }
  },
);

test("what does not pass fails at once; what lasts fails after the retries, with the service's last failure", async () => {
  const remote = scriptedRemote(log.contents, log.head);
  const failures: RemoteLogError[] = [];
  remote.storage.before = () => {
    const error = busy();
    failures.push(error);
    throw error;
  };
  const { reader, retries } = await open([remote], { retries: 3 });
  await reader.sync();
  const error = await failure(reader.entry(1));
  expect(failures).toHaveLength(4);
  expect(error).toBe(failures[3]);
  expect(retries.map(({ tries }) => tries)).toEqual([1, 2, 3]);
  expect(retries.map(({ error }) => error)).toEqual(failures.slice(0, 3));

  const denied = new DeniedError("403", context);
  remote.storage.before = () => Promise.reject(denied);
  const before = remote.storage.reads.length;
  await expect(reader.entry(1)).rejects.toBe(denied);
  expect(remote.storage.reads.length - before).toBe(1);
  failNames(remote, [denied]);
  await expect(reader.sync()).rejects.toBe(denied);
});

test("a name that lasts to fail is asked as often as the retries say, and without any once", async () => {
  for (const retries of [0, 4]) {
    const remote = scriptedRemote(log.contents);
    remote.names.fail(busy());
    const { reader } = await open([remote], { retries });
    await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_UNREACHABLE", reason: "busy" });
    expect(remote.names.asked).toHaveLength(retries + 1);
  }
});

test("what its client has repeated is repeated less often", async () => {
  const remote = scriptedRemote(log.contents);
  remote.names.fail(new UnreachableError("503", { ...context, retry: "exhausted" }));
  const { reader } = await open([remote], { retries: 6 });
  await expect(reader.sync()).rejects.toMatchObject({ retry: "exhausted" });
  expect(remote.names.asked).toHaveLength(3);
});

test("the wait is not shorter than the service asks for, and is told before it begins", async () => {
  const remote = scriptedRemote(log.contents, log.head);
  failNames(remote, [new UnreachableError("429", { ...context, retryAfterMilliseconds: 30 })]);
  const { reader, retries } = await open([remote]);
  const begun = performance.now();
  await reader.sync();
  expect(performance.now() - begun).toBeGreaterThanOrEqual(29);
  expect(retries).toMatchObject([{ tries: 1, milliseconds: 30 }]);
});

test("a remote that answers comes before a wait for one that does not, in the middle of a stream too", async () => {
  const [broken, sound] = [
    scriptedRemote(log.contents, log.head, { label: "broken" }),
    scriptedRemote(log.contents, log.head, { label: "sound" }),
  ];
  let served = 0;
  broken.storage.before = () => {
    if (served++ >= 3) throw busy();
    return undefined;
  };
  const { reader, retries } = await open([broken, sound]);
  await expectWhole(reader);
  expect(served).toBeGreaterThan(3);
  expect(retries).toEqual([]);

  // Of the name the same: whoever shows the state decides.
  failNames(broken, [busy()]);
  await reader.sync();
  expect(retries).toEqual([]);
});

test("if no remote answers, they are waited for; a mirror that lags behind does not end the wait", async () => {
  const [first, second] = [
    scriptedRemote(log.contents, log.head, { label: "1" }),
    scriptedRemote(log.contents, log.head, { label: "2" }),
  ];
  for (const { storage } of [first, second]) failFirst(storage, 3, busy);
  const { reader, retries } = await open([first, second]);
  await expectWhole(reader);
  expect(retries.length).toBeGreaterThan(0);

  const [main, mirror] = [
    scriptedRemote(log.contents, log.head, { label: "main" }),
    scriptedRemote(log.contents, log.heads.get(40), { label: "mirror", readYourWrites: false }),
  ];
  const later = await open([main, mirror]);
  await later.reader.sync();
  failNames(main, [busy(), busy()]);
  expect(await later.reader.sync()).toMatchObject({ size: 60 });
  expect(later.retries).toHaveLength(2);
});

test("an outage ends the reads of all after a number of retries, however many are under way", async () => {
  const remote = scriptedRemote(log.contents, log.head);
  const { reader } = await open([remote], { limits: { concurrency: 1 } });
  await reader.sync();
  remote.storage.before = () => Promise.reject(busy());
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => reader.entry(i)));
  for (const result of results) expect(result).toMatchObject({ reason: { reason: "busy" } });
  // Eight retries for each read at once, however many objects are asked for.
  const distinct = new Set(remote.storage.reads).size;
  expect(distinct).toBeGreaterThan(2);
  expect(remote.storage.reads).toHaveLength(distinct + 8);
});

test("a live stream continues after what its client has repeated in vain", async () => {
  const remote = scriptedRemote(log.contents, log.head);
  failNames(remote, [new UnreachableError("503", { ...context, retry: "exhausted" })]);
  const { reader, retries } = await open([remote], { pollMilliseconds: 1 });
  expectEntries(await take(reader.from(0, { live: true }), 60), log.entries);
  // It polls, and needs no retries of its own.
  expect(retries).toEqual([]);
});

test("a number of retries that is none is refused", async () => {
  const remotes = [scriptedRemote(log.contents)];
  for (const retries of [-1, 0.5, Number.NaN]) {
    await expect(open(remotes, { retries })).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
});
