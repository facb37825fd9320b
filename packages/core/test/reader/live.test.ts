import { expect, onTestFinished, test } from "vitest";
import { type Entry, memoryReaderStore, openReader, UnreachableError } from "../../src/index.ts";
import { Sampler } from "./damage.ts";
import { type LiveLog, liveLog } from "./live-log.ts";
import { collect, expectEntries, take } from "./read-whole.ts";
import { contents } from "./written-log.ts";

const written = contents(400);

/** Waits until something is so; the test's own limit ends the wait. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function begin(watch: boolean): Promise<LiveLog> {
  const log = await liveLog({ watch });
  onTestFinished(() => log.writer.close());
  return log;
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

test.each([true, false])(
  "one iterator covers what is there and what comes, in order and each once (watch: %s)",
  async (watch) => {
    const log = await begin(watch);
    await log.grow(30);
    const reader = await openReader({
      logId: log.writer.logId,
      remotes: [log.remote],
      pollMilliseconds: watch ? 60_000 : 5,
    });
    const growing = (async () => {
      for (const count of [1, 1, 5, 40, 3, 16, 64]) {
        await new Promise((resolve) => setTimeout(resolve, 15));
        await log.grow(count);
      }
    })();
    const entries = await take(reader.from(0, { live: true }), 160);
    await growing;
    expectEntries(entries, written);
    expect(entries.length).toBe(160);
    await reader.close();
  },
);

test.each([true, false])(
  "a live stream that is broken out of leaves nothing behind (watch: %s)",
  async (watch) => {
    const log = await begin(watch);
    await log.grow(100);
    const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote], pollMilliseconds: 20 });
    const before = timers();
    for (const count of [1, 3, 50, 100]) {
      await take(reader.from(0, { live: true }), count);
      await until(() => log.open.reads === 0 && log.open.resolves === 0 && log.open.watches === 0);
    }
    expect(timers()).toBeLessThanOrEqual(before);
  },
);

test("breaking out of a stream ends the page reads that nobody waits for any more", async () => {
  const log = await begin(false);
  await log.grow(100);
  const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote] });
  await collect(reader.from(90));
  await reader.entry(0);
  let calls = 0;
  // The first few reads are answered; the others end only with their signal.
  log.before = async (signal) => {
    if (++calls <= 3) return;
    await new Promise((_, reject) => {
      signal!.addEventListener("abort", () => reject(signal!.reason), { once: true });
    });
  };
  const stream = reader.from(84);
  expect((await stream.next()).value?.sequence).toBe(84);
  await until(() => log.open.reads > 0);
  await stream.return(undefined);
  await until(() => log.open.reads === 0);
});

test("a live stream waits through failures that pass", async () => {
  const log = await begin(false);
  const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote], pollMilliseconds: 2 });
  const taking = take(reader.from(0, { live: true }), 60);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await log.grow(20);
  const sampler = new Sampler();
  let failures = 0;
  log.before = async () => {
    if (sampler.below(3) > 0) return;
    failures++;
    throw new UnreachableError("No answer.", { operation: "storage.get" });
  };
  await log.grow(40);
  const entries = await taking;
  expectEntries(entries, written);
  expect(entries.length).toBe(60);
  expect(failures).toBeGreaterThan(0);
});

test("a cursor continues where it was, and delivers each entry once", async () => {
  const log = await begin(true);
  await log.grow(150);
  const store = memoryReaderStore();
  const open = () => openReader({ logId: log.writer.logId, remotes: [log.remote], store });
  const delivered: Entry[] = [];
  for (const count of [1, 10, 64, 65, 7]) {
    const reader = await open();
    const part = await take(reader.follow({ cursor: "c" }), count);
    // The last one of each part was never acknowledged by asking for the next.
    delivered.push(...part.slice(0, -1));
    await reader.close();
  }
  const rest = await collect((await open()).follow({ cursor: "c", live: false }));
  delivered.push(...rest.entries);
  expectEntries(delivered, written);
  expect(delivered.length).toBe(150);
  expect((await collect((await open()).follow({ cursor: "c", live: false }))).entries).toEqual([]);
  expect((await collect((await open()).follow({ cursor: "other", live: false }))).entries.length).toBe(150);
});

test("after a crash a cursor delivers again no more than 64 entries, and leaves none out", async () => {
  const log = await begin(true);
  await log.grow(300);
  for (const crashAfter of [1, 63, 64, 65, 128, 129, 200, 299]) {
    const store = memoryReaderStore();
    const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote], store });
    const stream = reader.follow({ cursor: "c" });
    for (let i = 0; i < crashAfter; i++) await stream.next();
    // The process is gone: the stream is never ended, and what it would have saved then is not in the store.
    const copy = memoryReaderStore();
    for (const key of ["mark", "cursor/c"]) {
      const value = await store.get(`${log.writer.logId}/${key}`);
      if (value !== undefined) await copy.put(`${log.writer.logId}/${key}`, value);
    }
    const next = await openReader({ logId: log.writer.logId, remotes: [log.remote], store: copy });
    const { entries } = await collect(next.follow({ cursor: "c", live: false }));
    const again = crashAfter - entries[0]!.sequence;
    expect(again).toBeGreaterThanOrEqual(0);
    expect(again).toBeLessThanOrEqual(64);
    expectEntries(entries, written, entries[0]!.sequence);
    expect(entries.at(-1)!.sequence).toBe(299);
    await reader.close();
  }
});

test("a cursor's place is saved when the stream has caught up, before anything new comes", async () => {
  const log = await begin(true);
  await log.grow(10);
  const store = memoryReaderStore();
  const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote], store });
  const stream = reader.follow({ cursor: "c" });
  for (let i = 0; i < 10; i++) await stream.next();
  const waiting = stream.next();
  const place = async () => new TextDecoder().decode(await store.get(`${log.writer.logId}/cursor/c`));
  await expect.poll(place).toBe('{"next":10}');
  await log.grow(1);
  expect((await waiting).value?.sequence).toBe(10);
  await stream.return(undefined);
});

test("an abort at any read or resolve rejects with the signal's own reason, and nothing continues", async () => {
  const log = await begin(false);
  await log.grow(250);
  let total = 0;
  log.before = async () => {
    total++;
  };
  const open = () => openReader({ logId: log.writer.logId, remotes: [log.remote], pollMilliseconds: 5 });
  await collect((await open()).from(0));
  expect(total).toBeGreaterThan(30);
  for (let at = 1; at <= total; at++) {
    const reason = new Error(`enough, at ${at}`);
    const given = new AbortController();
    let calls = 0;
    log.before = (signal) => {
      if (++calls !== at) return Promise.resolve();
      setTimeout(() => given.abort(reason), 0);
      // A call that ends only when its signal fires.
      return new Promise((_, reject) => {
        signal!.addEventListener("abort", () => reject(signal!.reason), { once: true });
      });
    };
    const reader = await open();
    const { error, entries } = await collect(reader.from(0, { signal: given.signal }));
    expect(error).toBe(reason);
    expectEntries(entries, written);
    // Index nodes are read for everybody: such a read ends with the reader.
    await reader.close();
    await until(() => log.open.reads === 0 && log.open.resolves === 0);
  }
});

test("an abort between entries, while waiting for news, or before anything, rejects with the signal's reason", async () => {
  const log = await begin(true);
  await log.grow(10);
  const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote] });
  for (const count of [0, 1, 5, 9, 10]) {
    const given = new AbortController();
    const reason = new Error("enough");
    const stream = reader.from(0, { live: true, signal: given.signal });
    for (let i = 0; i < count; i++) await stream.next();
    const next = count === 10 ? stream.next() : undefined;
    given.abort(reason);
    await expect(next ?? stream.next()).rejects.toBe(reason);
    await until(() => log.open.watches === 0);
  }
  const reason = new Error("before anything");
  const signal = AbortSignal.abort(reason);
  await expect(reader.sync({ signal })).rejects.toBe(reason);
  await expect(reader.latest(1, { signal })).rejects.toBe(reason);
  await expect(reader.entry(9, { signal })).rejects.toBe(reason);
  await expect(reader.entry(0, { signal })).rejects.toBe(reason);
});

test("whoever waits for somebody else's sync can give up", async () => {
  const log = await begin(false);
  await log.grow(1);
  const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote] });
  let answer: (() => void) | undefined;
  log.before = () =>
    new Promise<void>((resolve) => {
      answer = resolve;
    });
  const first = reader.sync();
  await until(() => answer !== undefined);
  const given = new AbortController();
  const second = reader.sync({ signal: given.signal });
  const reason = new Error("enough");
  given.abort(reason);
  await expect(second).rejects.toBe(reason);
  answer!();
  expect((await first).size).toBe(1);
});

test("close ends everything that is under way, and nothing begins after it", async () => {
  const log = await begin(true);
  await log.grow(50);
  const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote] });
  await reader.sync();
  const waiting = reader.from(50, { live: true }).next();
  const half = reader.from(0);
  await half.next();
  await until(() => log.open.watches === 1);
  await reader.close();
  await expect(waiting).rejects.toMatchObject({ code: "ERR_CLOSED" });
  await expect(half.next()).rejects.toMatchObject({ code: "ERR_CLOSED" });
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_CLOSED" });
  await expect(reader.entry(49)).rejects.toMatchObject({ code: "ERR_CLOSED" });
  await expect(reader.latest(1)).rejects.toMatchObject({ code: "ERR_CLOSED" });
  await until(() => log.open.reads === 0 && log.open.resolves === 0 && log.open.watches === 0);
  await reader.close();
});

test("many reads at once do not make the runtime warn of a leak of listeners", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  onTestFinished(() => void process.off("warning", note));
  const log = await begin(true);
  await log.grow(400);
  log.before = (signal) => {
    // As an adapter would that passes the signal on.
    signal?.addEventListener("abort", () => undefined);
    return new Promise((resolve) => setTimeout(resolve, 1));
  };
  const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote] });
  await collect(reader.from(0));
  await reader.consistencyProof(257);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(warnings).toEqual([]);
});

test("a break leaves its entry undelivered, unless the body has acknowledged it", async () => {
  const log = await begin(true);
  await log.grow(10);
  const store = memoryReaderStore();
  const reader = await openReader({ logId: log.writer.logId, remotes: [log.remote], store });
  const next = async (): Promise<number> => {
    for await (const { sequence } of reader.follow({ cursor: "c" })) return sequence;
    return -1;
  };
  for await (const { sequence } of reader.follow({ cursor: "c" })) if (sequence === 4) break;
  expect(await next()).toBe(4);
  for await (const { sequence } of reader.follow({ cursor: "c" })) {
    await reader.acknowledge("c", sequence);
    if (sequence === 6) break;
  }
  expect(await next()).toBe(7);
  const failing = async (): Promise<void> => {
    for await (const { sequence } of reader.follow({ cursor: "c" })) {
      if (sequence === 8) throw new Error("the body failed");
    }
  };
  await expect(failing()).rejects.toThrow("the body failed");
  expect(await next()).toBe(8);
});

test("an acknowledged entry never comes again, and a cursor does not go back", async () => {
  const log = await begin(true);
  await log.grow(10);
  const store = memoryReaderStore();
  const open = () => openReader({ logId: log.writer.logId, remotes: [log.remote], store });
  const reader = await open();
  const stream = reader.follow({ cursor: "c" });
  await stream.next();
  // In any order, and before the stream has come to them: the last place is the furthest one.
  await Promise.all([3, 7, 5].map((sequence) => reader.acknowledge("c", sequence)));
  await reader.acknowledge("c", 2);
  await stream.next();
  await stream.return(undefined);
  // A process that ends here has saved it.
  const { entries } = await collect((await open()).follow({ cursor: "c", live: false }));
  expectEntries(entries, written, 8);
  expect(entries.length).toBe(2);
  await reader.close();
  await expect(reader.acknowledge("c", 9)).rejects.toMatchObject({ code: "ERR_CLOSED" });
  await expect((await open()).acknowledge("c", -1)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
});
