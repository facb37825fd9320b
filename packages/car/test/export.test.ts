// A log in one file: whole, a part, what is new; and back.

import { CarReader } from "@ipld/car";
import { type Address, addressOf, formatLink, mirrorLog, openReader, rawSha256 } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { describe, expect, test } from "vitest";
import { type CarInput, carRemote, exportCar, logsInCar, memoryCar } from "../src/index.ts";
import { carLog, contentsOf, entriesOf, exported } from "./car-log.ts";

const SIZE = 100;
const log = await carLog(SIZE);
const whole = await exported(log);

/** Reads a file and nothing else. */
async function readFile(file: CarInput, from = 0, logId = log.logId): Promise<Uint8Array[]> {
  const reader = await openReader({ logId, remotes: [carRemote({ file })], retries: 0 });
  try {
    return await entriesOf(reader, from);
  } finally {
    await reader.close();
  }
}

describe("a whole log", () => {
  test("is read from the file alone, from wherever it comes", async () => {
    expect(whole.result).toMatchObject({ size: SIZE, missingEntries: 0, fileBytes: whole.file.length });
    expect(await readFile(whole.file)).toEqual(contentsOf(0, SIZE));
    expect(await readFile(new Blob([new Uint8Array(whole.file)]), 90)).toEqual(contentsOf(90, SIZE));
    const pieces = async function* () {
      for (let at = 0; at < whole.file.length; at += 1_000) yield whole.file.subarray(at, at + 1_000);
    };
    expect(await readFile(pieces(), 99)).toEqual(contentsOf(99, SIZE));
  });

  test("is what another library for CAR files reads: one root, and every block has its hash", async () => {
    const car = await CarReader.fromBytes(whole.file);
    expect((await car.getRoots()).map(String)).toEqual([`${whole.result.root}`]);
    let blocks = 0;
    for await (const { cid, bytes } of car.blocks()) {
      blocks++;
      expect(`${await addressOf(bytes, rawSha256)}`).toBe(`${cid}`);
    }
    expect(blocks).toBe(whole.result.blocks);
  });

  test("has every block once, and no more than the head leads to", async () => {
    const seen = new Set<string>();
    for await (const address of carRemote({ file: whole.file }).storage.list!()) seen.add(`${address}`);
    const held: string[] = [];
    for await (const address of log.remote.storage.list!()) held.push(`${address}`);
    expect(seen.size).toBe(whole.result.blocks);
    // The head is no object of the remote: its name holds it.
    const further = [...seen].filter((address) => !held.includes(address));
    expect(further).toEqual([`${whole.result.root}`]);
  });

  test("goes back to a remote, which then has all of it", async () => {
    const to = memoryRemote({ label: "again" });
    const reader = await openReader({ logId: log.logId, remotes: [carRemote({ file: whole.file })] });
    expect(await mirrorLog({ reader, to })).toMatchObject({ missingEntries: 0, name: "updated" });
    await reader.close();
    const again = await openReader({ logId: log.logId, remotes: [to] });
    expect(await entriesOf(again)).toEqual(contentsOf(0, SIZE));
    await again.close();
  });

  test("says which log it is, and is no other", async () => {
    expect(await logsInCar(whole.file)).toEqual([log.logId]);
    const error = await failure(readFile(whole.file, 0, "0".repeat(64)));
    expect(error).toMatchObject({ code: "ERR_NOT_FOUND" });
  });

  test("that has no entries has a file with its head alone", async () => {
    const empty = await carLog(0);
    const { file, result } = await exported(empty);
    expect(result).toMatchObject({ size: 0, blocks: 1 });
    expect(await readFile(file)).toEqual([]);
    await empty.writer.close();
  });
});

test("a private log stays sealed in the file, and only the key opens it", async () => {
  const secret = await carLog(20, { visibility: "private" });
  const { file } = await exported(secret);
  const plain = contentsOf(4, 5)[0]!;
  expect(Buffer.from(file).includes(Buffer.from(plain.subarray(0, 20)))).toBe(false);
  const link = formatLink({ logId: secret.logId, remotes: [], key: secret.writer.readKey! });
  const readKey = Buffer.from(link.slice(link.indexOf("#") + 1), "base64url").subarray(0, 32);
  expect(Buffer.from(file).includes(readKey)).toBe(false);
  expect(await failure(readFile(file, 0, secret.logId))).toMatchObject({ code: "ERR_NO_KEY" });
  const key = secret.writer.readKey!;
  const reader = await openReader({ logId: secret.logId, key, remotes: [carRemote({ file })] });
  expect(await entriesOf(reader)).toEqual(contentsOf(0, 20));
  await reader.close();
  await secret.writer.close();
});

describe("a range of entries", () => {
  test.each([
    [0, 10],
    [30, 50],
    [70, 71],
    [90, SIZE],
    [99, SIZE],
  ])("from %i to before %i has these, and is much smaller", async (from, until) => {
    const { file, result } = await exported(log, { from, until });
    expect(result.missingEntries).toBe(0);
    expect(file.length).toBeLessThan(whole.file.length * 0.6);
    const reader = await openReader({ logId: log.logId, remotes: [carRemote({ file })], retries: 0 });
    await reader.sync();
    for (let i = from; i < until; i++)
      expect((await reader.entry(i)).content).toEqual(contentsOf(i, i + 1)[0]);
    await reader.close();
  });

  test("that the log does not have is refused, and nothing is written", async () => {
    for (const range of [
      { from: 5, until: 5 },
      { from: SIZE },
      { until: SIZE + 1 },
      { from: -1 },
      { from: 0.5 },
    ]) {
      let abandoned = 0;
      const reader = await openReader({ logId: log.logId, remotes: [log.remote] });
      const to = { ...memoryCar(), abandon: async () => void abandoned++ };
      expect(await failure(exportCar({ reader, to, ...range }))).toMatchObject({ code: "ERR_INVALID_INPUT" });
      expect(abandoned).toBe(1);
      await reader.close();
    }
  });
});

describe("what is new since an earlier export", () => {
  test("is small, and both files together have everything", async () => {
    const growing = await carLog(90);
    const first = await exported(growing);
    await growing.grow(110);
    const since = carRemote({ file: first.file, label: "first" });
    const { file, result } = await exported(growing, { since });
    expect(result.missingEntries).toBe(0);
    expect(file.length).toBeLessThan(first.file.length * 0.6);
    const remotes = [carRemote({ file, label: "second" }), since];
    const reader = await openReader({ logId: growing.logId, remotes });
    expect(await entriesOf(reader)).toEqual(contentsOf(0, 110));
    await reader.close();

    // A remote that took in the first has everything once it takes in the second.
    const to = memoryRemote({ label: "to" });
    const take = async (car: Uint8Array, known?: Uint8Array): Promise<Uint8Array> => {
      const from = await openReader({ logId: growing.logId, remotes: [carRemote({ file: car })] });
      const { head, missingEntries } = await mirrorLog({ reader: from, to, known });
      expect(missingEntries).toBe(0);
      await from.close();
      return head;
    };
    await take(file, await take(first.file));
    const again = await openReader({ logId: growing.logId, remotes: [to] });
    expect(await entriesOf(again)).toEqual(contentsOf(0, 110));
    await again.close();
    await growing.writer.close();
  });

  test("is the head alone if nothing is new", async () => {
    const { result } = await exported(log, { since: carRemote({ file: whole.file }) });
    expect(result).toMatchObject({ blocks: 1, missingEntries: 0, pages: 0, nodes: 0, contents: 0 });
  });

  test("is refused if the earlier file is of another log, or a range is given besides", async () => {
    const other = await carLog(3, { visibility: "private" });
    const since = carRemote({ file: (await exported(other)).file });
    expect(await failure(exported(log, { since }))).toMatchObject({ code: "ERR_INVALID_INPUT" });
    const own = carRemote({ file: whole.file });
    expect(await failure(exported(log, { since: own, from: 3 }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
    await other.writer.close();
  });
});

test("what no remote shows is told, and the rest is in the file", async () => {
  const lost = await carLog(60);
  const address: Address = await addressOf(contentsOf(9, 10)[0]!, rawSha256);
  await lost.remote.storage.delete!(address);
  const { file, result } = await exported(lost);
  expect(result.missing).toMatchObject([{ from: 9, to: 10, error: { code: "ERR_NOT_FOUND" } }]);
  expect(await readFile(file, 10)).toEqual(contentsOf(10, 60));
  await lost.writer.close();
});

test("a file that can't be written to its end is given up", async () => {
  const reader = await openReader({ logId: log.logId, remotes: [log.remote] });
  const full = new Error("no room");
  let abandoned = 0;
  let written = 0;
  const to = {
    write: async (bytes: Uint8Array) => {
      written += bytes.length;
      if (written > 5_000) throw full;
    },
    finish: async () => undefined,
    abandon: async () => void abandoned++,
  };
  expect(await failure(exportCar({ reader, to }))).toBe(full);
  expect(abandoned).toBe(1);
  await reader.close();
});
