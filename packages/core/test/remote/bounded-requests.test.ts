import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test, vi } from "vitest";
import { generateSeed, openReader, openWriter, type Remote } from "../../src/index.ts";
import { ENTRY_COST } from "../../src/tree/entry.ts";

const never = (): Promise<never> => new Promise(() => undefined);

async function published(): Promise<{ remote: Remote; logId: string }> {
  const remote = memoryRemote();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal: new MemoryLevel(),
    remotes: [remote],
  });
  const receipts = await writer.appendAll(Array.from({ length: 40 }, (_, i) => Uint8Array.of(i)));
  await receipts.at(-1)!.confirmed();
  await writer.close();
  return { remote, logId: writer.logId };
}

test("a name that never answers, and ignores the signal, is ERR_TIMEOUT after the time allowed", async () => {
  const { remote, logId } = await published();
  const silent = { ...remote, names: { ...remote.names, resolve: never } };
  const reader = await openReader({ logId, remotes: [silent], limits: { requestMilliseconds: 20 } });
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_TIMEOUT", retry: "safe" });
});

test("a storage that never answers is ERR_TIMEOUT, after what needs no read of it was delivered", async () => {
  const { remote, logId } = await published();
  const silent = { ...remote, storage: { ...remote.storage, get: never } };
  const reader = await openReader({ logId, remotes: [silent], limits: { requestMilliseconds: 20 } });
  expect(await reader.latest(8)).toHaveLength(8);
  await expect(reader.latest(40)).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
});

test("a silent remote does not keep a reader for long from what another one shows", async () => {
  const { remote, logId } = await published();
  const silent = { ...remote, label: "silent", names: { ...remote.names, resolve: never } };
  const reader = await openReader({ logId, remotes: [silent, remote], limits: { patienceMilliseconds: 20 } });
  const { size, remotes } = await reader.sync();
  expect(size).toBe(40);
  expect(remotes.map(({ status }) => status)).toEqual(["failed", "newest"]);
});

test("a storage that never answers a put ends a publish with ERR_TIMEOUT, and the entry is kept", async () => {
  const remote = memoryRemote();
  const silent = { ...remote, storage: { ...remote.storage, put: never } };
  const journal = new MemoryLevel();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal,
    remotes: [silent],
    publish: "manual",
    requestMilliseconds: 20,
  });
  await writer.appendAll(Array.from({ length: 20 }, () => new Uint8Array(8)));
  await expect(writer.publish()).rejects.toMatchObject({ code: "ERR_TIMEOUT" });
  expect(writer.size).toBe(20);
  await writer.close();
});

test("requests that are answered leave no timer behind", async () => {
  const { remote, logId } = await published();
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const reader = await openReader({ logId, remotes: [remote] });
  await reader.latest(40);
  // One that an earlier test left may have run out meanwhile.
  expect(timers()).toBeLessThanOrEqual(before);
});

test("latest collects no more bytes than its limit, and says how to read more", async () => {
  const { remote, logId } = await published();
  // An entry of one byte takes more than that: a great many empty ones must not pass for nothing.
  const collectedBytes = 10 * (ENTRY_COST + 1);
  const reader = await openReader({ logId, remotes: [remote], limits: { collectedBytes } });
  expect(await reader.latest(10)).toHaveLength(10);
  await expect(reader.latest(11)).rejects.toMatchObject({ code: "ERR_TOO_LARGE", limit: collectedBytes });
  const narrow = await openReader({
    logId,
    remotes: [remote],
    limits: { collectedBytes: collectedBytes - 1 },
  });
  await expect(narrow.latest(10)).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
});

test("an update may take as long as its name system says that it needs, unless the writer is told a time", async () => {
  const seconds = 90;
  const publishing = async (told: { readonly requestMilliseconds?: number }): Promise<unknown> => {
    const remote = memoryRemote();
    const { names } = remote;
    let sent = (): void => undefined;
    const sending = new Promise<void>((resolve) => (sent = resolve));
    const slow: Remote = {
      ...remote,
      names: {
        name: names.name,
        capabilities: { ...names.capabilities, updateMilliseconds: (seconds + 1) * 1000 },
        async update(...update) {
          sent();
          await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
          return names.update(...update);
        },
        resolve: names.resolve.bind(names),
      },
    };
    const seed = generateSeed();
    const journal = new MemoryLevel();
    const writer = await openWriter({
      settings: { visibility: "public" },
      seed,
      journal,
      remotes: [slow],
      publish: "manual",
      ...told,
    });
    await writer.append(Uint8Array.of(1));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const abort = new AbortController();
      const outcome = writer.publish({ signal: abort.signal }).then(
        () => "published",
        (error: unknown) => error,
      );
      await sending;
      // Where it is not waited for, the update is settled, and sent again, which takes as long.
      await vi.advanceTimersByTimeAsync(seconds * 1000);
      // What it published it reads back, which takes no timer, and on a busy machine many turns.
      let settled = false;
      void outcome.then(() => (settled = true));
      const turns = told.requestMilliseconds === undefined ? 1_000_000 : 500;
      for (let turn = 0; turn < turns && !settled; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      abort.abort("enough");
      return await outcome;
    } finally {
      vi.useRealTimers();
      await writer.close();
    }
  };
  expect(await publishing({})).toBe("published");
  expect(await publishing({ requestMilliseconds: 60_000 })).toBe("enough");
});
