// Readers by name, from the writer's device to theirs: granted, shut out, and back again.

import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { beforeAll, expect, test } from "vitest";
import {
  generateSeed,
  memoryReaderStore,
  mirrorLog,
  openReader,
  openWriter,
  type Reader,
  type ReadKey,
  type Remote,
  type Writer,
  type WriterOptions,
} from "../../src/index.ts";
import { manifestKey } from "../../src/journal/keys.ts";
import { generateIdentity, ReaderIdentity, recipientOf } from "../../src/keyring/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array): string => new TextDecoder().decode(content);

const people = new Map<string, { readonly identity: string; readonly recipient: string }>();

beforeAll(async () => {
  for (const name of ["bob", "carol", "dave"]) {
    const identity = await generateIdentity();
    people.set(name, { identity, recipient: await recipientOf(identity) });
  }
});

const recipient = (name: string): string => people.get(name)!.recipient;

function newWriter(remote: Remote, more: Partial<WriterOptions> = {}): Promise<Writer> {
  return openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel(),
    remotes: [remote],
    publish: "manual",
    ...more,
  });
}

function readerOf(writer: Writer, remote: Remote, who: string | ReadKey): Promise<Reader> {
  const access =
    typeof who === "string" ? { identity: new ReaderIdentity(people.get(who)!.identity) } : { key: who };
  return openReader({ logId: writer.logId, remotes: [remote], store: memoryReaderStore(), ...access });
}

/** The entries that somebody reads from some number on, and how it ends. */
async function seen(writer: Writer, remote: Remote, who: string | ReadKey, from = 0): Promise<string[]> {
  const reader = await readerOf(writer, remote, who);
  const found: string[] = [];
  try {
    for await (const { content } of reader.from(from)) found.push(text(content));
  } catch (error) {
    const { code, reason } = error as { code: string; reason?: string };
    found.push(`${code} ${reason ?? ""}`.trim());
  }
  await reader.close();
  return found;
}

test("a reader by name needs no key: with history all of it, without what comes after", async () => {
  const remote = memoryRemote();
  const writer = await newWriter(remote);
  await writer.append(bytes("one"));
  expect(await writer.grant([recipient("bob")], { withHistory: true })).toBe(true);
  expect(await writer.grant([recipient("bob")])).toBe(false);
  await writer.append(bytes("two"));
  await writer.grant([recipient("carol")]);
  await writer.append(bytes("three"));
  await writer.publish();
  expect(await seen(writer, remote, "bob")).toEqual(["one", "two", "three"]);
  expect(await seen(writer, remote, "carol", 2)).toEqual(["three"]);
  expect(await seen(writer, remote, "carol")).toEqual(["ERR_NO_KEY not-granted"]);
  expect(await seen(writer, remote, "dave")).toEqual(["ERR_NO_KEY not-granted"]);
  expect(writer.readers).toEqual([
    { recipient: recipient("bob"), withHistory: true, from: 0 },
    { recipient: recipient("carol"), withHistory: false, from: 2 },
  ]);
  await writer.close();
});

test("a reader who was shut out reads nothing new, and keeps the old; so does a link", async () => {
  const remote = memoryRemote();
  const writer = await newWriter(remote);
  const link = writer.readKey!;
  await writer.grant([recipient("bob"), recipient("carol")], { withHistory: true });
  await writer.append(bytes("one"));
  await writer.publish();
  expect(await seen(writer, remote, "bob")).toEqual(["one"]);
  await writer.revoke([recipient("bob")]);
  await writer.append(bytes("two"));
  await writer.publish();
  expect(await seen(writer, remote, "bob")).toEqual(["one", "ERR_NO_KEY not-granted"]);
  expect(await seen(writer, remote, "carol")).toEqual(["one", "two"]);
  expect(await seen(writer, remote, link)).toEqual(["one", "ERR_NO_KEY other-epoch"]);
  expect(await seen(writer, remote, writer.readKey!)).toEqual(["one", "two"]);
  // And back again: what came between stays closed.
  await writer.grant([recipient("bob")]);
  await writer.append(bytes("three"));
  await writer.publish();
  expect(await seen(writer, remote, "bob", 2)).toEqual(["three"]);
  expect(await seen(writer, remote, "bob")).toEqual(["one", "ERR_NO_KEY not-granted"]);
  const between = await readerOf(writer, remote, "bob");
  expect(await failure(between.entry(1))).toMatchObject({ code: "ERR_NO_KEY", reason: "not-granted" });
  expect(text((await between.latest(1))[0]!.content)).toBe("three");
  await between.close();
  await writer.close();
});

test("a reader who follows is told at the entry from which on it may not read", async () => {
  const remote = memoryRemote();
  const writer = await newWriter(remote);
  await writer.grant([recipient("bob")], { withHistory: true });
  await writer.append(bytes("one"));
  await writer.publish();
  const reader = await readerOf(writer, remote, "bob");
  expect(text((await reader.latest(1))[0]!.content)).toBe("one");
  await writer.revoke([recipient("bob")]);
  await writer.append(bytes("two"));
  await writer.publish();
  const error = await failure<Error>(reader.latest(1));
  expect(error).toMatchObject({ code: "ERR_NO_KEY", reason: "not-granted" });
  expect(error.message).toContain("Ask the writer");
  expect(text((await reader.entry(0)).content)).toBe("one");
  await reader.close();
  await writer.close();
});

test("another key, and one of a log that is not published yet, open nothing", async () => {
  const remote = memoryRemote();
  const writer = await newWriter(remote);
  await writer.append(bytes("one"));
  await writer.publish();
  await writer.revoke([]);
  await writer.append(bytes("two"));
  // Newer than what remotes show.
  expect(await seen(writer, remote, writer.readKey!)).toEqual(["ERR_NO_KEY wrong-key"]);
  await writer.publish();
  expect(await seen(writer, remote, writer.readKey!)).toEqual(["one", "two"]);
  const other = await newWriter(memoryRemote());
  expect(await seen(writer, remote, other.readKey!)).toEqual(["ERR_NO_KEY wrong-key"]);
  await other.close();
  await writer.close();
});

test("the key changes by itself after some entries, and after a time", async () => {
  const remote = memoryRemote();
  const journal = new MemoryLevel<string, string>();
  const seed = generateSeed();
  const writer = await newWriter(remote, { seed, journal, rotateKey: { afterEntries: 3 } });
  await writer.grant([recipient("bob")], { withHistory: true });
  for (let i = 0; i < 10; i++) await writer.append(bytes(`${i}`));
  expect(writer.manifest!.epochs.map(({ first }) => first)).toEqual([0, 3, 6, 9]);
  await writer.publish();
  const all = Array.from({ length: 10 }, (_, i) => `${i}`);
  expect(await seen(writer, remote, "bob")).toEqual(all);
  expect(await seen(writer, remote, writer.readKey!)).toEqual(all);
  await writer.close();
  const later = await newWriter(remote, { seed, journal, rotateKey: { afterMilliseconds: 1 } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await later.append(bytes("10"));
  expect(later.manifest!.epochs.map(({ first }) => first)).toEqual([0, 3, 6, 9, 10]);
  expect(later.readers).toHaveLength(1);
  await later.close();
});

test("a mirror has the keyrings, and needs no key for that", async () => {
  const [remote, target] = [memoryRemote({ label: "from" }), memoryRemote({ label: "to" })];
  const writer = await newWriter(remote);
  await writer.grant([recipient("bob")], { withHistory: true });
  await writer.append(bytes("one"));
  await writer.revoke([]);
  await writer.append(bytes("two"));
  await writer.publish();
  const source = await openReader({ logId: writer.logId, remotes: [remote], withoutKey: "sealed" });
  await mirrorLog({ reader: source, to: target });
  expect(await seen(writer, target, "bob")).toEqual(["one", "two"]);
  await source.close();
  await writer.close();
});

test("a writer that comes back from its seed has every key, and no names", async () => {
  const remote = memoryRemote();
  const seed = generateSeed();
  const writer = await newWriter(remote, { seed });
  await writer.append(bytes("one"));
  await writer.grant([recipient("bob"), recipient("carol")], { withHistory: true });
  await writer.revoke([recipient("bob")]);
  await writer.append(bytes("two"));
  await writer.publish();
  const { logId } = writer;
  await writer.close();
  const back = await newWriter(remote, { seed, logId, forRecovery: true, rotateKey: { afterEntries: 1 } });
  expect(await back.recover()).toMatchObject({ recovered: 2 });
  expect(back.readers).toEqual([]);
  await back.append(bytes("three"));
  await back.publish();
  // The key did not change by itself: nobody who is named was shut out unasked.
  expect(await seen(back, remote, "carol")).toEqual(["one", "two", "three"]);
  expect(await seen(back, remote, back.readKey!)).toEqual(["one", "two", "three"]);
  expect(await seen(back, remote, "bob")).toEqual(["one", "ERR_NO_KEY not-granted"]);
  await back.grant([recipient("dave")], { withHistory: true });
  await back.revoke([]);
  await back.append(bytes("four"));
  await back.publish();
  expect(await seen(back, remote, "dave")).toEqual(["one", "two", "three", "four"]);
  expect(await seen(back, remote, "carol")).toEqual(["one", "two", "three", "ERR_NO_KEY not-granted"]);
  await back.close();
});

test("what was appended in epochs of a journal that was restored follows what was published", async () => {
  const remote = memoryRemote();
  const seed = generateSeed();
  const writer = await newWriter(remote, { seed });
  await writer.append(bytes("one"));
  await writer.publish();
  // Two devices continue from here: one publishes, the other is offline, and shuts Bob out meanwhile.
  const journal = new MemoryLevel<string, string>();
  const offline = await newWriter(remote, { seed, journal, logId: writer.logId, forRecovery: true });
  await offline.recover();
  await offline.grant([recipient("bob"), recipient("carol")], { withHistory: true });
  await offline.append(bytes("offline 1"));
  await offline.revoke([recipient("bob")]);
  await offline.append(bytes("offline 2"));
  await writer.grant([recipient("bob")], { withHistory: true });
  await writer.append(bytes("two"));
  await writer.revoke([]);
  await writer.append(bytes("three"));
  await writer.publish();
  await writer.close();
  expect(await offline.recover()).toMatchObject({ recovered: 2, appendedAnew: 2 });
  await offline.append(bytes("four"));
  await offline.publish();
  const all = ["one", "two", "three", "offline 1", "offline 2", "four"];
  expect(await seen(offline, remote, offline.readKey!)).toEqual(all);
  expect(await seen(offline, remote, "carol")).toEqual(all);
  expect((await seen(offline, remote, "bob")).at(-1)).toBe("ERR_NO_KEY not-granted");
  expect(offline.readers.map((one) => one.recipient)).toEqual([recipient("carol")]);
  await offline.close();
  const again = await openWriter({ seed, journal, remotes: [remote] });
  expect(again.size).toBe(6);
  await again.close();
});

test.each([
  ["nothing of epochs", []],
  ["as many", ["revoke"]],
  ["fewer", ["grant"]],
] as const)(
  "epochs that were begun offline begin behind what others show, whose manifest says %s",
  async (_, theirs) => {
    const remote = memoryRemote();
    const seed = generateSeed();
    const writer = await newWriter(remote, { seed });
    await writer.append(bytes("one"));
    await writer.publish();
    const journal = new MemoryLevel<string, string>();
    const offline = await newWriter(remote, { seed, journal, logId: writer.logId, forRecovery: true });
    await offline.recover();
    await offline.revoke([]);
    await offline.append(bytes("offline 1"));
    await offline.revoke([]);
    await offline.append(bytes("offline 2"));
    for (const step of theirs) {
      if (step === "revoke") await writer.revoke([]);
      else await writer.grant([recipient("bob")], { withHistory: true });
    }
    for (const entry of ["two", "three", "four"]) await writer.append(bytes(entry));
    await writer.publish();
    await writer.close();
    await offline.recover();
    await offline.append(bytes("five"));
    await offline.publish();
    const all = ["one", "two", "three", "four", "offline 1", "offline 2", "five"];
    expect(await seen(offline, remote, offline.readKey!)).toEqual(all);
    await offline.close();
    const again = await newWriter(remote, { seed, journal });
    await again.append(bytes("six"));
    await again.publish();
    expect(await seen(again, remote, again.readKey!)).toEqual([...all, "six"]);
    await again.close();
  },
);

test("a journal whose manifest is damaged keeps what was appended since, whatever epoch it is in", async () => {
  const remote = memoryRemote();
  const seed = generateSeed();
  const journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  const writer = await newWriter(remote, { seed, journal });
  await writer.append(bytes("one"));
  await writer.revoke([]);
  await writer.append(bytes("two"));
  await writer.publish();
  await writer.append(bytes("three"));
  const { logId } = writer;
  await writer.close();
  await journal.open();
  const manifest = (await journal.get(manifestKey))!.slice();
  manifest[20]! ^= 1;
  await journal.put(manifestKey, manifest);
  await journal.close();
  expect(await failure(newWriter(remote, { seed, journal }))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const again = await newWriter(remote, { seed, journal, logId, forRecovery: true });
  await again.recover();
  await again.publish();
  expect(again.size).toBe(3);
  expect(await seen(again, remote, again.readKey!)).toEqual(["one", "two", "three"]);
  await again.close();
});

test("public logs have no readers by name, and what can't be used is refused", async () => {
  const open = await newWriter(memoryRemote(), { settings: { visibility: "public" } });
  expect(await failure(open.grant([recipient("bob")]))).toMatchObject({ reason: "public-log" });
  expect(await failure(open.revoke([]))).toMatchObject({ reason: "public-log" });
  expect(open.readers).toEqual([]);
  await open.close();
  const writer = await newWriter(memoryRemote());
  expect(await failure(writer.grant(["bob"]))).toMatchObject({ reason: "recipient" });
  expect(await failure(writer.grant("bob" as never))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(writer.manifest).toBeUndefined();
  await writer.close();
  const options = { seed: generateSeed(), journal: new MemoryLevel() };
  for (const rotateKey of [{ afterEntries: 0 }, { afterMilliseconds: -1 }, { afterEntries: "x" }])
    expect(await failure(openWriter({ ...options, rotateKey: rotateKey as never }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
});
