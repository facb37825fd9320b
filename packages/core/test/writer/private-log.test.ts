// A private log from the writer to its readers: who can read it, who can check and copy it, and what storage sees.

import { inspect } from "node:util";
import { findLeaks } from "@remote-log/conformance/leaks";
import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import {
  formatLink,
  type GenesisSettings,
  memoryReaderStore,
  mirrorLog,
  openReader,
  openWriter,
  parseLink,
  ReadKey,
  type Remote,
  type Writer,
} from "../../src/index.ts";
import { text, textOf } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { recorded } from "./recorded-remote.ts";

const seed = new Uint8Array(32).fill(3);
const settings = { visibility: "private", leafSize: 4 } as const;
const noKey = (reason: string): unknown => expect.objectContaining({ code: "ERR_NO_KEY", reason });

/** The same remote, and how many contents it was asked for. */
function countingGets(remote: Remote): { readonly remote: Remote; readonly gets: () => number } {
  let gets = 0;
  const get: Remote["storage"]["get"] = (address, options) => {
    gets++;
    return remote.storage.get(address, options);
  };
  return { remote: { ...remote, storage: { ...remote.storage, get } }, gets: () => gets };
}

async function write(
  remotes: readonly Remote[],
  contents: readonly Uint8Array[],
  more: Partial<GenesisSettings> = {},
): Promise<Writer> {
  const writer = await openWriter({
    seed,
    journal: new PowerCutDatabase(),
    remotes,
    settings: { ...settings, ...more },
    leastCapacity: 1,
    publish: "manual",
  });
  await writer.appendAll(contents);
  await writer.publish();
  return writer;
}

const entries = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => text(`secret diary, page ${i}: ${"dear ".repeat(i * 40)}`));

const asSecret = (bytes: Uint8Array, i: number) => ({ name: `secret ${i}`, bytes });
const asTrace = (bytes: Uint8Array, i: number) => ({ name: `what was sent, ${i}`, bytes });

async function readAll(remote: Remote, options: { logId: string; key?: ReadKey; withoutKey?: "sealed" }) {
  const reader = await openReader({ remotes: [remote], ...options });
  try {
    const read = [];
    for await (const entry of reader.from(0)) read.push(entry);
    return read;
  } finally {
    await reader.close();
  }
}

test("whoever has the link reads it; the ids are those of the contents, for the writer and for readers", async () => {
  const { remote } = recorded();
  const contents = entries(30);
  const writer = await write([remote], contents);
  const link = formatLink({
    logId: writer.logId,
    remotes: ["x:y"],
    ...(writer.readKey && { key: writer.readKey }),
  });
  await writer.close();

  const { logId, key } = parseLink(link);
  const read = await readAll(remote, { logId, ...(key && { key }) });
  expect(read.map(({ content }) => textOf(content))).toEqual(contents.map(textOf));
  expect(read.map(({ id }) => id)).toEqual(contents.map(sha256));
});

test("the id in a receipt, and the writer's own entries, are those of the contents", async () => {
  const writer = await write([], []);
  const receipt = await writer.append(text("hello"));
  expect(receipt.id).toEqual(sha256(text("hello")));
  const own = [];
  for await (const entry of writer.entries()) own.push(entry);
  expect(own).toEqual([{ sequence: 0, id: receipt.id, content: text("hello") }]);
  await writer.close();
});

test("without the key, or with another, entries are ERR_NO_KEY before anything is read; the rest works", async () => {
  const { remote } = recorded();
  const writer = await write([remote], entries(30));
  const { remote: counted, gets } = countingGets(remote);
  const { logId } = writer;
  const reader = await openReader({ logId, remotes: [counted] });
  await expect(reader.latest(20)).rejects.toThrow(noKey("no-key"));
  await expect(reader.entry(3)).rejects.toThrow(noKey("no-key"));
  await expect(reader.from(0).next()).rejects.toThrow(noKey("no-key"));
  expect(gets()).toBe(0);
  expect(reader.size).toBe(30);
  expect((await reader.inclusionProof(7)).path.length).toBeGreaterThan(0);
  expect((await reader.consistencyProof(9)).path.length).toBeGreaterThan(0);
  await reader.close();

  for (const key of [new ReadKey(new Uint8Array(32)), new ReadKey(seed)]) {
    await expect(readAll(remote, { logId, key })).rejects.toThrow(noKey("wrong-key"));
  }
  await writer.close();
});

test("another key is noticed at the first remote that answers, and no other is asked", async () => {
  const [a, b] = ["a", "b"].map((label): Remote => ({ ...recorded().remote, label }));
  // Each content is an object of its own, so that every remote that is asked gets a request.
  const writer = await write([a!, b!], [new Uint8Array(3000)]);
  const counted = [a!, b!].map(countingGets);
  const remotes = counted.map(({ remote }) => remote);
  const reader = await openReader({ logId: writer.logId, remotes, key: new ReadKey(new Uint8Array(32)) });
  await reader.sync();
  await expect(reader.entry(0)).rejects.toThrow(noKey("wrong-key"));
  expect(counted.reduce((sum, { gets }) => sum + gets(), 0)).toBe(1);
  await reader.close();
  await writer.close();
});

test("whoever has no key can see that everything is there, sealed; a public log is opened all the same", async () => {
  const { remote } = recorded();
  const contents = entries(9);
  const writer = await write([remote], contents);
  const read = await readAll(remote, { logId: writer.logId, withoutKey: "sealed" });
  expect(read).toHaveLength(9);
  for (const [i, { id, content }] of read.entries()) {
    expect(id).not.toEqual(sha256(contents[i]!));
    expect(content.length).toBeGreaterThan(contents[i]!.length);
  }
  await writer.close();

  const open = recorded();
  const other = await write([open.remote], contents, { visibility: "public" });
  const opened = await readAll(open.remote, { logId: other.logId, withoutKey: "sealed" });
  expect(opened.map(({ content }) => content)).toEqual(contents);
  expect(other.readKey).toBeUndefined();
  await other.close();
});

test("a mirror copies it without a key, and its copy is read with it", async () => {
  const { remote } = recorded();
  const contents = entries(30);
  const writer = await write([remote], contents);
  const target = memoryRemote();
  const source = await openReader({ logId: writer.logId, remotes: [remote] });
  const { missing } = await mirrorLog({ reader: source, to: target });
  expect(missing).toEqual([]);
  const read = await readAll(target, { logId: writer.logId, key: writer.readKey! });
  expect(read.map(({ content }) => content)).toEqual(contents);
  await source.close();
  await writer.close();
});

test.each(["padme", "none"] as const)(
  "is recovered from its remote with the seed alone, padding %s",
  async (padding) => {
    const { remote } = recorded();
    const contents = entries(30);
    const writer = await write([remote], contents, { padding });
    const { logId } = writer;
    await writer.close();
    const again = await openWriter({
      seed,
      journal: new PowerCutDatabase(),
      remotes: [remote],
      logId,
      forRecovery: true,
    });
    expect(await again.recover()).toMatchObject({ recovered: 30, size: 30 });
    await again.append(text("after"));
    await again.publish();
    const read = await readAll(remote, { logId, key: again.readKey! });
    expect(read.map(({ content }) => textOf(content))).toEqual([...contents.map(textOf), "after"]);
    await again.close();
  },
);

test("storage sees no 8 bytes of a content, of its identifier, or of a key; of a public log it sees all contents", async () => {
  const { remote, sent } = recorded();
  const contents = entries(40).map((content) => Buffer.concat([Buffer.from("zq-"), content]));
  const writer = await write([remote], contents);
  const secrets = [...contents, ...contents.map(sha256), writer.readKey!.toBytes(), seed].map(asSecret);
  expect(sent.length).toBeGreaterThan(20);
  expect(findLeaks({ secrets, traces: sent.map(asTrace) })).toEqual([]);
  await writer.close();

  const open = recorded();
  const other = await write([open.remote], contents, { visibility: "public" });
  const leaks = findLeaks({ secrets: secrets.slice(3, 4), traces: open.sent.map(asTrace) });
  expect(leaks[0]?.pieces).toBeGreaterThan(10);
  await other.close();
});

test("two logs of one shape leave traces of equal lengths", async () => {
  const traces = [];
  for (const [i, letter] of ["a", "b"].entries()) {
    const { remote, sent } = recorded();
    const writer = await openWriter({
      seed: new Uint8Array(32).fill(100 + i),
      journal: new PowerCutDatabase(),
      remotes: [remote],
      settings,
      leastCapacity: 1,
      publish: "manual",
    });
    // Other contents, of other lengths within what padding hides.
    for (let n = 0; n < 12; n++) {
      await writer.append(text(letter.repeat(1 + ((n * (i + 1)) % 20))));
      await writer.publish();
    }
    await writer.close();
    traces.push(sent.map(({ length }) => length));
  }
  expect(traces[0]).toEqual(traces[1]);
});

test("no object shows its key, however it is printed", async () => {
  const writer = await write([], [text("hello")]);
  const key = writer.readKey!;
  const hex = Buffer.from(key.toBytes()).toString("hex");
  const base64 = Buffer.from(key.toBytes()).toString("base64").slice(0, 20);
  const numbers = [...key.toBytes().subarray(0, 8)].join(", ");
  const reader = await openReader({
    logId: writer.logId,
    remotes: [memoryRemote()],
    key,
    store: memoryReaderStore(),
  });
  const deep = { showHidden: true, getters: true, depth: 20, maxArrayLength: null } as const;
  for (const value of [key, { key }, writer, reader, reader.status(), writer.status()]) {
    for (const shown of [inspect(value, deep), JSON.stringify(value) ?? "", String(value)]) {
      for (const secret of [hex, base64, numbers]) expect(shown).not.toContain(secret);
    }
  }
  expect(() => new ReadKey(new Uint8Array(31))).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
  );
  const copy = key.toBytes();
  copy.fill(0);
  expect(Buffer.from(key.toBytes()).toString("hex")).toBe(hex);
  await reader.close();
  await writer.close();
});

test("the largest content fits when it is sealed, and one more byte is refused by append", async () => {
  const { remote } = recorded();
  const writer = await write([remote], []);
  expect(writer.largestContent).toBe(16 * 2 ** 20 - 17);
  const content = new Uint8Array(writer.largestContent).fill(1);
  await writer.append(content);
  await writer.publish();
  const [entry] = await readAll(remote, { logId: writer.logId, key: writer.readKey! });
  expect(Buffer.compare(entry!.content, content)).toBe(0);
  await expect(writer.append(new Uint8Array(writer.largestContent + 1))).rejects.toThrow(
    expect.objectContaining({ code: "ERR_TOO_LARGE" }),
  );
  await writer.close();
});
