// What is in the database of a node: what an engine makes of values that are damaged, or of a later version, and what it keeps on disk.

import { encodeMvdsMessage, type MvdsMessage } from "@remote-log/core";
import { type Engine, encodePayload, openEngine } from "@remote-log/mvds";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { bodyKey, groupKey, messageKey, recordKey } from "../../src/engine/keys.ts";
import { GROUP, Network, text } from "./network.ts";

const views = { keyEncoding: "view", valueEncoding: "view" } as const;
const ID = new Uint8Array(32).fill(5);
const messageOf = (content: string, more: Partial<MvdsMessage> = {}): MvdsMessage => ({
  groupId: GROUP,
  timestamp: 5n,
  body: text(content),
  parents: [],
  ephemeral: false,
  ...more,
});
const payloadOf = (...messages: MvdsMessage[]): Uint8Array =>
  encodePayload({ acks: [], offers: [], requests: [], messages });

async function openWith(key: Uint8Array, value: Uint8Array): Promise<Engine> {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  await database.put(key, value, views);
  return openEngine({ database, now: () => 1, random: () => 0, onMessage: () => undefined });
}

const asNumber = (field: number): Uint8Array => Uint8Array.of(field * 8, 1);
const asBytes = (field: number): Uint8Array => Uint8Array.of(field * 8 + 2, 0);

test.each<[string, string, Uint8Array]>([
  ["Group", "members", asNumber(1)],
  ["Group", "floor", asBytes(2)],
  ["Group", "floor_id", asNumber(3)],
  ["Record", "type", asBytes(1)],
  ["Record", "count", asBytes(2)],
  ["Record", "base", asBytes(3)],
  ["Record", "send_epoch", asBytes(4)],
])("a value whose %s is damaged at %s says so when the node is opened", async (message, field, value) => {
  const key = message === "Group" ? groupKey(GROUP) : recordKey("bob", ID);
  await expect(openWith(key, value)).rejects.toMatchObject({
    code: "ERR_MALFORMED",
    message: expect.stringMatching(
      new RegExp(`\\b${field}\\b.*\\b${message}\\b|\\b${message}\\b.*\\b${field}\\b`),
    ),
  });
});

test("a record of a kind that there is not is told", async () => {
  await expect(openWith(recordKey("bob", ID), Uint8Array.of(8, 3))).rejects.toMatchObject({
    code: "ERR_MALFORMED",
    operation: "mvds.open",
  });
});

test.each<[string, Uint8Array]>([
  ["group_id", asNumber(1)],
  ["timestamp", asBytes(2)],
  ["held", asBytes(3)],
  ["peer", asNumber(4)],
  ["log", asNumber(5)],
  ["sequence", asBytes(6)],
])("a value whose Facts are damaged at %s says so when it is looked at", async (field, value) => {
  const engine = await openWith(messageKey(ID), value);
  await expect(engine.message(ID)).rejects.toMatchObject({
    code: "ERR_MALFORMED",
    message: expect.stringMatching(new RegExp(`\\b${field}\\b.*Facts|Facts.*\\b${field}\\b`)),
  });
  await engine.close();
});

test("fields that a later version may add are passed over", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine, database } = network.of("alice");
  const { id } = await engine.send(GROUP, text("1"));
  const later = Uint8Array.of(9 * 8 + 2, 1, 7);
  for (const key of [groupKey(GROUP), recordKey("bob", id), messageKey(id)]) {
    const value = (await database.get(key, views))!;
    await database.put(key, Uint8Array.from([...value, ...later]), views);
  }
  await network.restart("alice");
  const again = network.of("alice").engine;
  expect(again.groups()).toEqual([{ groupId: GROUP, members: ["bob"] }]);
  expect(again.status().waiting).toEqual({ bob: 1 });
  expect((await again.message(id))?.body).toEqual(text("1"));
  await network.close();
});

test("a message is one if what is known of it and its content are here, and half of one is none", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine, database } = network.of("alice");
  const { id } = await engine.send(GROUP, text("1"));
  const facts = (await database.get(messageKey(id), views))!;
  await database.del(messageKey(id), views);
  expect(await engine.message(id)).toBeUndefined();
  await database.put(messageKey(id), facts, views);
  await database.del(bodyKey(id), views);
  expect(await engine.message(id)).toBeUndefined();
  await network.close();
});

/** The letters of what is in a database, each once for each key. */
async function letters(database: MemoryLevel<Uint8Array, Uint8Array>): Promise<string> {
  const keys = await database.keys(views).all();
  return keys
    .map(([letter]) => String.fromCharCode(letter!))
    .sort()
    .join("");
}

test("what is made durable before anything is said of it: groups, what a log has, and copies that take another's place", async () => {
  const network = await Network.of(["alice", "bob"], { options: { order: "consistent" } });
  const { engine, database } = network.of("bob");
  const synced: boolean[] = [];
  const batch = database.batch.bind(database);
  database.batch = ((operations: never[], options: { sync?: boolean }) => {
    synced.push(options.sync === true);
    return (batch as (...given: unknown[]) => Promise<void>)(operations, options);
  }) as never;
  const durable = async (work: () => Promise<unknown>): Promise<boolean> => {
    synced.length = 0;
    await work();
    return synced[0]!;
  };
  const log = new Uint8Array(32).fill(3);
  const real = messageOf("real");
  const results = [
    await durable(() => engine.setGroup(GROUP, ["alice", "carol"])),
    await durable(() => engine.logSteps.take("alice", log, [{ kind: "other", sequence: 0 }])),
    await durable(() => engine.logSteps.noteLogged(log, [], 1)),
    await durable(() => engine.receive("alice", payloadOf({ ...real, parents: [ID] }))),
    await durable(() => engine.receive("alice", payloadOf(real))),
    await durable(() => engine.removeGroup(GROUP)),
  ];
  expect(results).toEqual([true, true, true, true, true, true]);
  await network.close();
});

test("a group that is removed leaves nothing, whatever its messages' times", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine, database } = network.of("bob");
  for (const timestamp of [0n, 5n, -5n])
    await engine.receive("alice", payloadOf(messageOf("x", { timestamp })));
  await engine.send(GROUP, text("mine"));
  await engine.removeGroup(GROUP);
  expect(await letters(database)).toMatch(/^e?$/);
  expect(engine.status()).toMatchObject({ waiting: {}, undelivered: 0, unlogged: 0 });
  await network.close();
});

test("what a group weighs is what it has, also after a copy took another's place", async () => {
  const real = messageOf("ab");
  const limits = { maxGroupBytes: 3 * encodeMvdsMessage(real).length };
  const network = await Network.of(["alice", "bob"], { options: { order: "consistent", limits } });
  const bob = network.of("bob");
  await bob.engine.receive("alice", payloadOf({ ...real, parents: [ID] }));
  await bob.engine.receive("alice", payloadOf(real));
  const all = ["cd", "ef"].map((content) => messageOf(content));
  await bob.engine.receive("alice", payloadOf(...all));
  expect(bob.events).toEqual([]);
  await bob.engine.receive("alice", payloadOf(messageOf("gh", { timestamp: 6n })));
  expect(bob.events.map(({ kind }) => kind)).toEqual(["forgotten"]);
  await network.close();
});

test("an error of the database says what could not be done with it", async () => {
  const failing = (method: "open" | "get" | "batch" | "iterator"): MemoryLevel<Uint8Array, Uint8Array> =>
    Object.assign(new MemoryLevel<Uint8Array, Uint8Array>(), {
      [method]: () => {
        if (method === "iterator") throw new Error("disk");
        return Promise.reject(new Error("disk"));
      },
    });
  const open = (database: MemoryLevel<Uint8Array, Uint8Array>): Promise<Engine> =>
    openEngine({ database, now: () => 1, random: () => 0, onMessage: () => undefined });
  const says = (verb: string): unknown =>
    expect.objectContaining({
      code: "ERR_JOURNAL",
      operation: "mvds.database",
      message: expect.stringContaining(`could not be ${verb}.`),
      cause: expect.objectContaining({ message: "disk" }),
    });
  for (const [method, verb] of [
    ["open", "opened"],
    ["get", "read"],
    ["iterator", "read"],
  ] as const)
    await expect(open(failing(method))).rejects.toEqual(says(verb));
  const engine = await open(failing("batch"));
  await expect(engine.setGroup(GROUP, ["bob"])).rejects.toEqual(says("written"));
  // Nothing is done on top of it, and the error stays the first one.
  await expect(engine.setGroup(GROUP, ["bob"])).rejects.toEqual(says("written"));
  await engine.close();
});
