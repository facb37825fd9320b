// Test set: mixed
import { deriveKeys, generateSeed, memoryReaderStore, openReader, openWriter } from "@remote-log/core";
import { serverOrSkip } from "@remote-log/servers";
import { swarmRemote, swarmRemoteFromUri } from "@remote-log/swarm";
import { failure, randomBytes } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { beeOfFile } from "./bee-for-tests.ts";

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const { skip } = await serverOrSkip("bee", { smoke: true });

describe.skipIf(skip)("a remote on a Bee node", async () => {
  if (skip) return;
  const bee = await beeOfFile({ nodes: 2 });
  const stamp = await bee.buyBatch();
  const elsewhere = bee.nodes[1]!;
  const keyed = () => ({ bee: bee.url, stamp, nameKey: deriveKeys(generateSeed()).swarm });

  test("takes a log that readers get from another node, by the owner or by the feed", async () => {
    const seed = generateSeed();
    const remote = swarmRemote({ bee: bee.url, stamp, nameKey: deriveKeys(seed).swarm });
    const journal = new MemoryLevel<Uint8Array, Uint8Array>();
    const settings = { visibility: "public" } as const;
    const writer = await openWriter({
      seed,
      journal,
      remotes: [remote],
      publish: "manual",
      settings,
    });
    for (let i = 0; i < 20; i++) await writer.append(new TextEncoder().encode(`entry ${i}`));
    await writer.publish();
    const feed = remote.names.nameOf(writer.logId).text;
    expect(feed.startsWith(`${remote.owner}/`)).toBe(true);
    for (const uri of [`bee+${elsewhere}?owner=${remote.owner}`, `swarm://${feed}?gateway=${elsewhere}`]) {
      const remotes = [swarmRemoteFromUri(uri)];
      const reader = await openReader({ logId: writer.logId, remotes, store: memoryReaderStore() });
      expect((await reader.latest(1)).map(({ content }) => text(content))).toEqual(["entry 19"]);
      await reader.close();
    }
    await writer.close();
  });

  test("has its newest head where any Swarm tool finds it", async () => {
    const { names, owner } = swarmRemote(keyed());
    const { text: feed } = names.nameOf("log");
    const first = await names.update("log", randomBytes(100), { expected: null });
    const head = randomBytes(6000);
    await names.update("log", head, { expected: first });
    const response = await fetch(`${elsewhere}/feeds/${feed}`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(head);
    expect(feed.slice(0, 40)).toBe(owner);
  });

  test("is written from a URI, with the key as an option", async () => {
    const { nameKey } = keyed();
    const uri = `bee+${bee.url}?stamp=${stamp}&upload=deferred`;
    const { storage, names, owner } = swarmRemoteFromUri(uri, { nameKey });
    const address = await storage.put(randomBytes(5000));
    expect(await swarmRemote({ bee: elsewhere, owner }).storage.has(address)).toBe(true);
    const revision = await names.update("log", randomBytes(10), { expected: null });
    expect(await names.resolve("log", { known: revision })).toEqual({ status: "unchanged", revision });
  });

  test("a mutable batch is taken where the URI allows it", async () => {
    const mutable = await bee.buyBatch({ immutable: false });
    const { nameKey } = keyed();
    const uri = `bee+${bee.url}?stamp=${mutable}`;
    const refused = swarmRemoteFromUri(uri, { nameKey }).storage.put(randomBytes(10));
    expect(await failure(refused)).toMatchObject({ code: "ERR_INVALID_INPUT" });
    await swarmRemoteFromUri(`${uri}&mutable=allow`, { nameKey }).storage.put(randomBytes(10));
  });

  test("tells how its batch is", async () => {
    const health = await swarmRemote(keyed()).health();
    expect(health).toMatchObject({ stamp, usable: true, immutable: true, depth: 20, warnings: [] });
  });

  test("is called by the address of its node where nothing else is said", () => {
    expect(swarmRemote(keyed()).label).toBe(`bee+${bee.url}`);
    expect(swarmRemote({ ...keyed(), bee: { url: `${bee.url}/` } }).label).toBe(`bee+${bee.url}`);
    expect(swarmRemote({ ...keyed(), label: "home" }).label).toBe("home");
  });

  test("can be read by who knows the owner, and not be written without the key", async () => {
    const writer = swarmRemote(keyed());
    const reader = swarmRemote({ bee: bee.url, stamp, owner: writer.owner });
    expect(await reader.names.resolve("log")).toEqual({ status: "absent" });
    const content = randomBytes(100);
    const revision = await writer.names.update("log", content, { expected: null });
    expect(await reader.names.resolve("log")).toEqual({ status: "found", content, revision });
    const updating = reader.names.update("log", content, { expected: revision });
    expect(await failure(updating)).toMatchObject({ code: "ERR_DENIED" });
  });

  test("can be read without a batch, and not be written", async () => {
    const { stamp: _none, ...key } = keyed();
    const remote = swarmRemote(key);
    const { storage, names } = remote;
    const unsupported = { code: "ERR_UNSUPPORTED" };
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject(unsupported);
    expect(await failure(names.update("log", randomBytes(10), { expected: null }))).toMatchObject(
      unsupported,
    );
    expect(await failure(remote.health())).toMatchObject(unsupported);
    expect(await names.resolve("log")).toEqual({ status: "absent" });
  });

  test("closes its halves by themselves", async () => {
    const { storage, names } = swarmRemote(keyed());
    await storage.close();
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject({ code: "ERR_CLOSED" });
    await names.update("log", randomBytes(10), { expected: null });
    await names.close();
    expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_CLOSED" });
  });
});

test("the owner follows from the key, from the owner or from the name, which have to be of one another", () => {
  const bee = "http://127.0.0.1:1633";
  const nameKey = deriveKeys(generateSeed()).swarm;
  const { owner } = swarmRemote({ bee, nameKey });
  const topic = "c3".repeat(32);
  const name = `${owner}/${topic}`;
  expect(swarmRemote({ bee, owner: `0x${owner.toUpperCase()}` }).owner).toBe(owner);
  expect(swarmRemote({ bee, name })).toMatchObject({ owner, name });
  expect(swarmRemote({ bee, nameKey, name, owner })).toMatchObject({ owner, name });
  expect(swarmRemote({ bee, nameKey, name: "my log" })).toMatchObject({ owner, name: "my log" });
  const other = swarmRemote({ bee, nameKey: deriveKeys(generateSeed()).swarm }).owner;
  const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT" });
  for (const options of [
    {},
    { name: "my log" },
    { owner: "alice" },
    { nameKey: new Uint8Array(31) },
    { nameKey: new Uint8Array(32) },
    { nameKey, owner: other },
    { nameKey, name: `${other}/${topic}` },
    { owner, name: `${other}/${topic}` },
  ]) {
    expect(() => swarmRemote({ bee, ...options })).toThrow(refused);
  }
});
