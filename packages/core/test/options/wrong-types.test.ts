// Every option of every entry point with every wrong type: refused at once, with what is wrong and what is expected.

import { memoryNames, memoryRemote, memoryStorage } from "@remote-log/memory";
import { failure, wrongTypeProblems } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";
import {
  databaseReaderStore,
  deriveKeys,
  formatLink,
  generateSeed,
  loadOrCreateSeed,
  memoryReaderStore,
  mirrorLog,
  openReader,
  openWriter,
  parseLink,
  type Reader,
  type Receipt,
  type Writer,
} from "../../src/index.ts";

const seed = generateSeed();
const remote = memoryRemote();

async function openBoth(): Promise<{ writer: Writer; reader: Reader; receipt: Receipt }> {
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new MemoryLevel(),
    remotes: [memoryRemote()],
  });
  onTestFinished(() => writer.close());
  const receipt = await writer.append(new Uint8Array(1));
  const reader = await openReader({ logId: writer.logId, remotes: [remote] });
  return { writer, reader, receipt };
}

test("openWriter", async () => {
  const open = async (options: Parameters<typeof openWriter>[0]): Promise<void> => {
    await (await openWriter(options)).close();
  };
  expect(
    await wrongTypeProblems(
      open,
      { seed, journal: new MemoryLevel() },
      {
        seed: "",
        journal: "",
        witness: "",
        remotes: "",
        settings: "object|promise",
        leastCapacity: "",
        logId: "string",
        forRecovery: "boolean",
        publish: "",
        largestEmbedded: "",
        largestContent: "",
        requestMilliseconds: "",
      },
    ),
  ).toEqual([]);
  const settings = { identifiers: "", visibility: "", leafSize: "", fanOut: "" };
  const openWith = (given: object) => open({ seed, journal: new MemoryLevel(), settings: given });
  const problems = await wrongTypeProblems(openWith, {}, settings);
  expect(problems.filter((problem) => !problem.includes("as options"))).toEqual([]);
});

test("openReader", async () => {
  const sound = { logId: "0".repeat(64), remotes: [remote] };
  expect(
    await wrongTypeProblems(openReader, sound, {
      logId: "string",
      remotes: "",
      store: "",
      floor: "",
      limits: "object|promise",
      pollMilliseconds: "number",
      retries: "",
      onRetry: "function",
      onSync: "function",
      onStatus: "function",
    }),
  ).toEqual([]);
  const withFloor = (floor: never) => openReader({ ...sound, floor });
  const ofFloor = await wrongTypeProblems(withFloor, { size: 1 }, { size: "", root: "" });
  expect(ofFloor.filter((problem) => !problem.includes("as options"))).toEqual([]);
  const limits = { headBytes: "", pageBytes: "", contentBytes: "", collectedBytes: "", concurrency: "" };
  const withLimits = ((given: never) => openReader({ ...sound, limits: given })) as typeof openReader;
  const times = { requestMilliseconds: "", patienceMilliseconds: "" };
  const ofLimits = await wrongTypeProblems(withLimits, {}, { ...limits, ...times });
  expect(ofLimits.filter((problem) => !problem.includes("as options"))).toEqual([]);
});

test("a remote, of openReader and of openWriter", async () => {
  const logId = "0".repeat(64);
  const types = { label: "string", storage: "", names: "", name: "string" };
  const forReader = (one: never) => openReader({ logId, remotes: [one] });
  const forWriter = (one: never) =>
    openWriter({ settings: { visibility: "public" }, seed, journal: new MemoryLevel(), remotes: [one] });
  for (const open of [forReader, forWriter]) {
    const problems = await wrongTypeProblems(open, { ...remote }, types);
    expect(problems.filter((problem) => !problem.includes("as options"))).toEqual([]);
    for (const one of ["wr0ng", 4.5, null, [1], () => undefined, Promise.resolve(remote)]) {
      await expect(open(one as never)).rejects.toMatchObject({
        code: "ERR_INVALID_INPUT",
        message: expect.stringContaining("remotes[0]"),
      });
    }
  }
});

test("mirrorLog", async () => {
  const { reader } = await openBoth();
  expect(
    await wrongTypeProblems(
      mirrorLog,
      { reader, to: memoryRemote() },
      {
        reader: "",
        to: "",
        known: "",
        missing: "",
        resume: "boolean",
        storeHead: "boolean",
        retries: "",
        concurrency: "",
        onProgress: "function",
        signal: "",
      },
    ),
  ).toEqual([]);
  const to = { storage: memoryStorage(), names: memoryNames() };
  const onto = ((target: never) => mirrorLog({ reader, to: target })) as typeof mirrorLog;
  const types = { storage: "", names: "", name: "string", label: "string" };
  const problems = await wrongTypeProblems(onto, to, types);
  expect(problems.filter((problem) => !problem.includes("as options"))).toEqual([]);
});

test("the calls of a writer, of a receipt and of a reader", async () => {
  const { writer, reader, receipt } = await openBoth();
  const one = new Uint8Array(1);
  const first = (stream: AsyncIterator<unknown>): Promise<unknown> => stream.next();
  const stages = { signal: "", remotes: "" };
  const calls: readonly (readonly [(options: never) => unknown, Record<string, string>, object?])[] = [
    [(options) => writer.append(one, options), { signal: "" }],
    [(options) => writer.appendAll([one], options), { signal: "" }],
    [(options) => writer.publish(options), { signal: "", whole: "boolean", othersMilliseconds: "number" }],
    [(options) => first(writer.watch(options)), { signal: "" }],
    [(options) => writer.compare(options), { signal: "" }],
    [
      (options) => writer.repair(options),
      { signal: "", remote: "string", reads: "boolean", onProgress: "function" },
    ],
    [(options) => writer.recover(options), { signal: "", acceptLoss: "boolean" }],
    [(options) => receipt.stored(options), stages],
    [(options) => receipt.published(options), stages],
    [(options) => receipt.confirmed(options), stages],
    [(options) => reader.sync(options), { signal: "" }],
    [(options) => reader.latest(1, options), { signal: "" }],
    [(options) => reader.entry(0, options), { signal: "" }],
    [(options) => reader.inclusionProof(0, options), { signal: "" }],
    [(options) => reader.consistencyProof(0, options), { signal: "" }],
    [(options) => reader.acknowledge("c", 0, options), { signal: "" }],
    [(options) => first(reader.from(0, options)), { signal: "", live: "boolean" }],
    [
      (options) => first(reader.follow(options)),
      { signal: "", live: "boolean", cursor: "string" },
      { cursor: "c" },
    ],
  ];
  for (const [call, types, sound = {}] of calls) {
    expect(await wrongTypeProblems(call, { ...sound }, types), String(call)).toEqual([]);
  }
  for (const sequence of ["0", null, [0], -1, 0.5, Symbol("0"), {}]) {
    for (const call of [
      () => reader.latest(sequence as never),
      () => reader.entry(sequence as never),
      () => reader.inclusionProof(sequence as never),
      () => first(reader.from(sequence as never)),
      () => reader.acknowledge("c", sequence as never),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
    }
  }
  for (const cursor of [undefined, null, 1, ["c"]]) {
    await expect(reader.acknowledge(cursor as never, 0)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  for (const label of [undefined, null, 1, ["a"]]) {
    await expect(writer.forgetRemote(label as never)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  await expect(writer.appendAll(one as never)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test("stores, seeds and links", async () => {
  const inTurn = (call: (value: never) => unknown) => async (value: unknown) => call(value as never);
  for (const call of [databaseReaderStore, parseLink, deriveKeys, loadOrCreateSeed]) {
    for (const value of ["wr0ng", 4.5, null, [1], () => undefined, {}, undefined]) {
      const error = await failure(inTurn(call)(value));
      expect(error.code, `${call.name}(${String(value)})`).toBe("ERR_INVALID_INPUT");
    }
  }
  const store = async (options: never) => memoryReaderStore(options);
  expect(await wrongTypeProblems(store, {}, { values: "" })).toEqual([]);
  const link = { logId: "0".repeat(64), remotes: [] };
  const format = async (given: never) => formatLink(given);
  expect(await wrongTypeProblems(format, link, { logId: "string", remotes: "", floor: "" })).toEqual([]);
});

test("what is expected is told with how to get it, and a missing await is recognised", async () => {
  const messages = [
    [
      { seed, journal: "path" },
      /`journal` of openWriter must be .*ClassicLevel.*BrowserLevel.*, not a string\.$/,
    ],
    [{ seed: "0".repeat(64), journal: new MemoryLevel() }, /`seed` of openWriter must be .*loadOrCreateSeed/],
    [{ journal: new MemoryLevel() }, /`seed` of openWriter must be .*, not undefined\.$/],
    [{ seed, journal: Promise.resolve() }, /not a Promise: put `await` before the call that returned it\.$/],
  ] as const;
  for (const [options, message] of messages) {
    await expect(openWriter(options as never)).rejects.toThrow(message);
  }
});
