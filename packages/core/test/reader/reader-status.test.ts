// What a reader says of itself: "no news", "offline" and "no such log" are three things.

import { beforeAll, expect, test, vi } from "vitest";
import {
  DeniedError,
  IntegrityError,
  memoryReaderStore,
  openReader,
  type ReaderStatus,
  UnreachableError,
} from "../../src/index.ts";
import { Contacts } from "../../src/reader/contacts.ts";
import { StatusKeeper } from "../../src/reader/reader-status.ts";
import { collect, take } from "./read-whole.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "./two-branches.ts";
import type { WrittenLog } from "./written-log.ts";

let written: TwoBranches;
let log: WrittenLog;

beforeAll(async () => {
  written = await writeTwoBranches();
  ({ log } = written);
});

const unreachable = (): UnreachableError =>
  new UnreachableError("No answer.", { operation: "names.resolve" });
const remoteAt = (size: number, label = "a"): ReturnType<typeof scriptedRemote> =>
  scriptedRemote(written.objects, log.heads.get(size), { label });

/** Waits until something is so; the test's own limit ends the wait. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("before the first sync nothing is known, besides the size that a store kept", async () => {
  const store = memoryReaderStore();
  const options = { logId: log.logId, remotes: [remoteAt(40)], store };
  const first = await openReader(options);
  const nothing = { size: 0, newestSize: 0, caughtUp: false, remotes: [{ label: "a", connected: false }] };
  expect(first.status()).toEqual(nothing);
  await first.sync();
  const next = await openReader(options);
  expect(next.status()).toEqual({ ...nothing, size: 40, newestSize: 40 });
});

test("no news: caught up, and answered at the last poll", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000 });
  try {
    const reader = await openReader({ logId: log.logId, remotes: [remoteAt(40)] });
    await reader.sync();
    vi.setSystemTime(7_000);
    await reader.sync();
    const contact = { label: "a", connected: true, answeredAt: 7_000, status: "newest", size: 40 };
    expect(reader.status()).toEqual({ size: 40, newestSize: 40, caughtUp: true, remotes: [contact] });
  } finally {
    vi.useRealTimers();
  }
});

test("offline from the start: failing since the first try, and back once a remote answers", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000 });
  try {
    const remote = remoteAt(40);
    remote.names.fail(unreachable());
    const reader = await openReader({ logId: log.logId, remotes: [remote], retries: 0 });
    await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_UNREACHABLE" });
    vi.setSystemTime(5_000);
    await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_UNREACHABLE" });
    const failing = { error: expect.any(UnreachableError), failingSince: 1_000 };
    expect(reader.status()).toEqual({
      size: 0,
      newestSize: 0,
      caughtUp: false,
      ...failing,
      remotes: [{ label: "a", connected: false, status: "failed", ...failing }],
    });
    remote.names.show(log.heads.get(40)!);
    await reader.sync();
    expect(reader.status()).toEqual({
      size: 40,
      newestSize: 40,
      caughtUp: true,
      remotes: [{ label: "a", connected: true, answeredAt: 5_000, status: "newest", size: 40 }],
    });
  } finally {
    vi.useRealTimers();
  }
});

test("a wrong log id: the remote answers, and has nothing under the name", async () => {
  const remote = scriptedRemote(written.objects, undefined, { label: "a" });
  const reader = await openReader({ logId: log.logId, remotes: [remote] });
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(reader.status()).toMatchObject({
    size: 0,
    caughtUp: false,
    error: { code: "ERR_NOT_FOUND" },
    failingSince: expect.any(Number),
    remotes: [{ connected: true, status: "absent", answeredAt: expect.any(Number) }],
  });
  expect(reader.status().remotes[0]).not.toHaveProperty("error");
});

test("a remote that refuses, or shows what is not this log, has answered", async () => {
  const remote = remoteAt(40);
  const reader = await openReader({ logId: log.logId, remotes: [remote] });
  for (const error of [
    new DeniedError("No.", { operation: "names.resolve" }),
    new IntegrityError("Wrong.", { operation: "names.resolve" }),
  ]) {
    remote.names.fail(error);
    await expect(reader.sync()).rejects.toBe(error);
    expect(reader.status()).toMatchObject({ error, remotes: [{ connected: true, status: "failed", error }] });
  }
});

test("one of two remotes fails: caught up by the other, and the one is named", async () => {
  const [down, up] = [remoteAt(40, "down"), remoteAt(60, "up")];
  down.names.fail(unreachable());
  const reader = await openReader({ logId: log.logId, remotes: [down, up] });
  await reader.sync();
  const status = reader.status();
  expect(status).toMatchObject({ size: 60, caughtUp: true });
  expect(status).not.toHaveProperty("error");
  expect(status.remotes).toMatchObject([
    { label: "down", connected: false, failingSince: expect.any(Number), error: { code: "ERR_UNREACHABLE" } },
    { label: "up", connected: true, status: "newest", size: 60 },
  ]);
  expect(status.remotes[1]).not.toHaveProperty("failingSince");
});

test("a storage that gives nothing is told although the name answers, until a read succeeds", async () => {
  const [broken, sound] = [remoteAt(60, "broken"), remoteAt(60, "sound")];
  broken.storage.before = () => Promise.reject(unreachable());
  const reader = await openReader({ logId: log.logId, remotes: [broken, sound], retries: 0 });
  expect((await collect(reader.from(0))).entries.length).toBe(60);
  await reader.sync();
  const [contact, other] = reader.status().remotes;
  expect(contact).toMatchObject({ connected: false, status: "newest", error: { code: "ERR_UNREACHABLE" } });
  expect(other).not.toHaveProperty("error");
  broken.storage.before = () => undefined;
  sound.storage.before = () => Promise.reject(unreachable());
  await reader.entry(0);
  expect(reader.status().remotes).toMatchObject([{ connected: true }, {}]);
  expect(reader.status().remotes[0]).not.toHaveProperty("error");
});

test("a larger state that nobody could place is the newest that is known", async () => {
  const remote = remoteAt(40);
  const reader = await openReader({ logId: log.logId, remotes: [remote], retries: 0 });
  await collect(reader.from(0));
  remote.names.show(log.heads.get(60)!);
  remote.storage.before = () => Promise.reject(unreachable());
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_STALE" });
  expect(reader.status()).toMatchObject({
    size: 40,
    newestSize: 60,
    caughtUp: false,
    remotes: [{ status: "unverified", size: 60 }],
  });
});

test("a live stream: each change is told once, through an outage, until all was delivered", async () => {
  const remote = remoteAt(40);
  const told: ReaderStatus[] = [];
  const reader = await openReader({
    logId: log.logId,
    remotes: [remote],
    pollMilliseconds: 1,
    onStatus: (status) => told.push(status),
  });
  const stream = reader.from(0, { live: true });
  await stream.next();
  expect(told.at(-1)).toMatchObject({ size: 40, caughtUp: false, remotes: [{ connected: true }] });
  const rest = take(stream, 59);
  await until(() => told.at(-1)!.caughtUp);

  remote.names.fail(unreachable());
  await until(() => told.at(-1)!.failingSince !== undefined);
  const [polls, changes] = [remote.names.asked.length, told.length];
  expect(told.at(-1)).toMatchObject({
    size: 40,
    caughtUp: false,
    error: { code: "ERR_UNREACHABLE" },
    remotes: [{ connected: false, failingSince: expect.any(Number), answeredAt: expect.any(Number) }],
  });
  await until(() => remote.names.asked.length > polls + 3);
  expect(told.length).toBe(changes);

  remote.names.show(log.heads.get(60)!);
  expect((await rest).length).toBe(59);
  expect(told.at(-1)).toMatchObject({ size: 60, caughtUp: true, remotes: [{ connected: true, size: 60 }] });
  expect(reader.status()).toEqual(told.at(-1));
  await reader.close();
  expect(reader.status()).toMatchObject({ size: 60 });
});

test("what a caller gave up on says nothing about a remote", async () => {
  const remote = remoteAt(40);
  const reader = await openReader({ logId: log.logId, remotes: [remote] });
  await reader.sync();
  const before = reader.status();
  const controller = new AbortController();
  const reading = reader.sync({ signal: controller.signal });
  controller.abort();
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  const { remotes, ...whole } = reader.status();
  expect({ ...whole, remotes: remotes.map((contact) => ({ ...contact, answeredAt: 0 })) }).toEqual({
    ...before,
    remotes: before.remotes.map((contact) => ({ ...contact, answeredAt: 0 })),
  });
});

test("a log of another writer under the name is told as what is not this log's", async () => {
  const remote = remoteAt(40);
  const reader = await openReader({ logId: "0".repeat(64), remotes: [remote] });
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
  expect(reader.status().remotes).toMatchObject([
    { connected: true, status: "failed", error: { code: "ERR_INTEGRITY" } },
  ]);
});

test("every change is told as it comes: of a remote, of a sync, and of a stream that ends", () => {
  const remote = remoteAt(40);
  const contacts = new Contacts([remote]);
  const newest = { views: [{ size: 40 }], seen: undefined };
  const told: ReaderStatus[] = [];
  const keeper = new StatusKeeper(contacts, newest, (status) => told.push(status));
  contacts.asked(remote, unreachable());
  expect(told.at(-1)).toMatchObject({ remotes: [{ error: { code: "ERR_UNREACHABLE" } }] });
  keeper.failed(unreachable());
  expect(told.at(-1)).toMatchObject({ error: { code: "ERR_UNREACHABLE" }, caughtUp: false });
  keeper.synced();
  expect(told.at(-1)).toMatchObject({ caughtUp: true });
  const place = keeper.begin(7);
  keeper.changed();
  expect(told.at(-1)).toMatchObject({ caughtUp: false });
  keeper.end(place);
  expect(told.at(-1)).toMatchObject({ caughtUp: true });
  expect(told.length).toBe(5);
  keeper.changed();
  expect(told.length).toBe(5);
});

test("a reader is not caught up while a larger state is known, or before a sync", () => {
  const statusOf = (seen: number | undefined, synced = true): ReaderStatus => {
    const sizes = { views: [{ size: 40 }], seen: seen === undefined ? undefined : { size: seen } };
    const keeper = new StatusKeeper(new Contacts([]), sizes, undefined);
    if (synced) keeper.synced();
    return keeper.status;
  };
  expect(statusOf(undefined)).toMatchObject({ size: 40, newestSize: 40, caughtUp: true });
  expect(statusOf(41)).toMatchObject({ size: 40, newestSize: 41, caughtUp: false });
  expect(statusOf(undefined, false)).toMatchObject({ caughtUp: false });
});
