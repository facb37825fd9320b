// What a reader keeps in its store: the record, who may replace it, and what that costs.

import { beforeAll, expect, test } from "vitest";
import { ForkError, memoryReaderStore, openReader, type Reader, type ReaderStore } from "../../src/index.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "./two-branches.ts";

let written: TwoBranches;

beforeAll(async () => {
  written = await writeTwoBranches();
});

const bytesOf = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The calls of a store, in order. */
function recorded(store: ReaderStore): { readonly store: ReaderStore; readonly calls: string[] } {
  const calls: string[] = [];
  const nameOf = (key: string): string => key.slice(key.indexOf("/") + 1);
  return {
    calls,
    store: {
      get: (key, options) => {
        calls.push(`get ${nameOf(key)}`);
        return store.get(key, options);
      },
      put: (key, value, options) => {
        calls.push(`put ${nameOf(key)}`);
        return store.put(key, value, options);
      },
      compareAndSet: async (key, expected, value, options) => {
        const isSet = await store.compareAndSet(key, expected, value, options);
        calls.push(`${isSet ? "set" : "lost"} ${nameOf(key)}`);
        return isSet;
      },
    },
  };
}

async function openAt(store: ReaderStore, size: number): Promise<{ reader: Reader } & ReturnType<typeof at>> {
  const remote = at(size);
  const reader = await openReader({ logId: written.log.logId, remotes: [remote], store });
  return Object.assign(remote, { reader });
}

const at = (size: number) => scriptedRemote(written.objects, written.log.heads.get(size));

/** The record of the log. */
async function recordIn(store: ReaderStore, logId = written.log.logId): Promise<Record<string, unknown>> {
  const bytes = await store.get(`${logId}/mark`);
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

test("a record of an earlier version is read, and fields of a later one are kept", async () => {
  const store = memoryReaderStore();
  const head = written.log.heads.get(40)!;
  const earlier = { head: hexOf(head), label: "scripted", revision: "1" };
  await store.put(`${written.log.logId}/mark`, bytesOf({ ...earlier, later: { of: "a later version" } }));
  const { reader, names } = await openAt(store, 40);
  expect(reader.size).toBe(40);
  await reader.sync();
  expect(names.asked[0]).toMatchObject({ known: "1" });
  names.show(written.log.heads.get(50)!);
  expect((await reader.sync()).size).toBe(50);
  expect(await recordIn(store)).toMatchObject({
    head: hexOf(written.log.heads.get(50)!),
    label: "scripted",
    revision: "2",
    later: { of: "a later version" },
  });
  names.show(written.branch.heads.get(50)!);
  await expect(reader.sync()).rejects.toBeInstanceOf(ForkError);
  expect(await recordIn(store)).toMatchObject({ later: { of: "a later version" }, fork: { path: [] } });
});

/** The record of a log after a fork was found. */
async function forkedRecord(branches: TwoBranches): Promise<{ readonly fork: { readonly smaller: string } }> {
  const { log, branch, objects } = branches;
  const [store, remote] = [memoryReaderStore(), scriptedRemote(objects, log.heads.get(40))];
  const reader = await openReader({ logId: log.logId, remotes: [remote], store });
  await reader.sync();
  remote.names.show(branch.heads.get(50)!);
  await expect(reader.sync()).rejects.toBeInstanceOf(ForkError);
  return (await recordIn(store, log.logId)) as { fork: { smaller: string } };
}

test("a proof of a fork that an earlier version saved freezes the log, if it is one, and of this log", async () => {
  const { fork, ...mark } = await forkedRecord(written);
  const { fork: anothers } = await forkedRecord(await writeTwoBranches());
  for (const [saved, expected] of [
    [fork, { code: "ERR_FORK" }],
    [{ ...fork, larger: fork.smaller, path: [] }, { code: "ERR_JOURNAL_CORRUPT" }],
    [anothers, { code: "ERR_JOURNAL_CORRUPT" }],
  ] as const) {
    for (const key of ["fork", "mark"]) {
      const store = memoryReaderStore();
      await store.put(`${written.log.logId}/mark`, bytesOf(key === "mark" ? { ...mark, fork: saved } : mark));
      if (key === "fork") await store.put(`${written.log.logId}/fork`, bytesOf(saved));
      await expect(openAt(store, 40), key).rejects.toMatchObject(expected);
    }
  }
});

test("a catch-up looks at the store once a request and once a stretch, and writes once before it delivers", async () => {
  const { store, calls } = recorded(memoryReaderStore());
  const { reader, names } = await openAt(store, 40);
  expect(calls.splice(0)).toEqual(["get mark", "get fork"]);
  expect((await reader.latest(40)).length).toBe(40);
  // The time at which the state came is noted beside it.
  const arrival = ["get arrivals", "get arrivals/0", "set arrivals/0"];
  expect(calls.splice(0)).toEqual(["get mark", "set mark", ...arrival, "set mark", "get mark"]);
  await reader.sync();
  expect(calls.splice(0)).toEqual(["get mark"]);
  names.show(written.log.heads.get(70)!);
  await reader.sync();
  expect(calls.splice(0)).toEqual(["get mark", "set mark", "set arrivals/0"]);
});

test("of 20 readers of one store that are shown different sizes at once, none sets another back", async () => {
  const { store, calls } = recorded(memoryReaderStore());
  const sizes = Array.from({ length: 20 }, (_, i) => 30 + ((i * 7) % 41));
  const opened = await Promise.all(sizes.map((size) => openAt(store, size)));
  calls.length = 0;
  const outcomes = await Promise.allSettled(opened.map(({ reader }) => reader.sync()));
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === "fulfilled") expect(outcome.value.size).toBe(sizes[i]);
    else expect(outcome.reason).toMatchObject({ code: "ERR_STALE" });
  }
  const largest = Math.max(...sizes);
  expect(outcomes[sizes.indexOf(largest)]!.status).toBe("fulfilled");
  expect((await openAt(store, largest)).reader.size).toBe(largest);
  // Each of the others was overtaken once at most by each of those that came before it.
  expect(calls.filter((call) => call === "set mark").length).toBeLessThanOrEqual(20);
});

test("a store that can't compare and set is refused, and so is one that does it wrongly", async () => {
  const lacking = { ...memoryReaderStore(), compareAndSet: undefined } as unknown as ReaderStore;
  await expect(openAt(lacking, 40)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  const refusing: ReaderStore = { ...memoryReaderStore(), compareAndSet: async () => false };
  const { reader } = await openAt(refusing, 40);
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_JOURNAL" });
});

test("what a store can't save is not delivered", async () => {
  const failure = new Error("no room");
  const full: ReaderStore = { ...memoryReaderStore(), compareAndSet: () => Promise.reject(failure) };
  const { reader } = await openAt(full, 40);
  await expect(reader.latest(1)).rejects.toBe(failure);
  expect(reader.size).toBe(0);
});
