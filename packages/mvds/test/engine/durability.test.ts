import type { MvdsMessage } from "@remote-log/core";
import { encodePayload, openEngine } from "@remote-log/mvds";
import { until } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { GROUP, Network, text, texts } from "./network.ts";

const payloadOf = (...contents: string[]): Uint8Array =>
  encodePayload({ acks: [], offers: [], requests: [], messages: contents.map(messageOf) });
const messageOf = (content: string): MvdsMessage => ({
  groupId: GROUP,
  timestamp: 5n,
  body: text(content),
  parents: [],
  ephemeral: false,
});

test("a message whose handling fails is delivered again, in order, and told", async () => {
  const attempts: string[] = [];
  let fails = true;
  const network = await Network.of(["alice", "bob"], {
    optionsOf: (name) => ({
      ...(name === "bob" && {
        onMessage: ({ body }) => {
          attempts.push(new TextDecoder().decode(body));
          if (fails) throw new Error("not now");
        },
      }),
    }),
  });
  const { events } = network.of("bob");
  await network.of("bob").engine.receive("alice", payloadOf("1", "2"));
  expect(attempts).toEqual(["1"]);
  expect(events).toMatchObject([{ kind: "delivery-failed", error: { message: "not now" } }]);
  fails = false;
  // The next epoch tries again.
  await network.pass();
  await until(() => attempts.length === 3, { what: "another attempt" });
  await network.pass(3);
  expect(attempts).toEqual(["1", "1", "2"]);
  await network.close();
});

test("what was not handled when a node ended is delivered by the next run", async () => {
  const network = await Network.of(["alice", "bob"], {
    optionsOf: () => ({
      onMessage: () => {
        throw new Error("not now");
      },
    }),
  });
  await network.of("bob").engine.receive("alice", payloadOf("1"));
  const { database } = network.of("bob");
  await network.close();
  const delivered: string[] = [];
  const engine = await openEngine({
    database,
    now: () => 1,
    random: () => 0,
    onMessage: ({ body }) => void delivered.push(new TextDecoder().decode(body)),
  });
  await engine.settled();
  expect(delivered).toEqual(["1"]);
  await engine.receive("alice", payloadOf("1"));
  expect(delivered).toEqual(["1"]);
  await engine.close();
});

test("what waits for the application keeps its order over a restart, also beside what comes then", async () => {
  let fails = true;
  const delivered: string[] = [];
  const network = await Network.of(["alice", "bob"], {
    optionsOf: (name) => ({
      ...(name === "bob" && {
        onMessage: ({ body }) => {
          if (fails) throw new Error("not now");
          delivered.push(new TextDecoder().decode(body));
        },
      }),
    }),
  });
  await network.of("bob").engine.receive("alice", payloadOf("1", "2", "3"));
  await network.restart("bob");
  await network.of("bob").engine.receive("alice", payloadOf("4"));
  await network.restart("bob");
  fails = false;
  await network.of("bob").engine.settled();
  expect(delivered).toEqual(["1", "2", "3", "4"]);
  await network.close();
});

test("a message can be sent while one is being handled", async () => {
  const network = await Network.of(["alice", "bob"], {
    optionsOf: (name) => ({
      ...(name === "bob" && {
        onMessage: async () => {
          await network.send("bob", "answer");
        },
      }),
    }),
  });
  await network.send("alice", "question");
  await network.passUntilSilent(9);
  expect(texts(network.of("alice"))).toEqual(["answer"]);
  await network.close();
});

test("after a write that failed, everything rejects with its error until the node is opened again", async () => {
  const network = await Network.of(["alice", "bob"]);
  const alice = network.of("alice");
  const batch = alice.database.batch.bind(alice.database);
  alice.database.batch = (() => Promise.reject(new Error("disk full"))) as never;
  await expect(network.send("alice", "1")).rejects.toMatchObject({ code: "ERR_JOURNAL" });
  alice.database.batch = batch;
  for (const work of [
    () => network.send("alice", "2"),
    () => alice.engine.tick(),
    () => alice.engine.receive("bob", payloadOf("x")),
    () => alice.engine.setGroup(GROUP, []),
    () => alice.engine.message(new Uint8Array(32)),
  ])
    await expect(work()).rejects.toMatchObject({ code: "ERR_JOURNAL", cause: { message: "disk full" } });
  expect(alice.delivered).toEqual([]);
  await network.restart("alice");
  expect(alice.engine.status().waiting).toEqual({});
  await network.send("alice", "3");
  await network.passUntilSilent(5);
  expect(texts(network.of("bob"))).toEqual(["3"]);
  await network.close();
});

test("what a caller did wrong leaves the node as it was", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine } = network.of("alice");
  for (const work of [
    () => engine.send(GROUP, "text" as unknown as Uint8Array),
    () => engine.send("group" as unknown as Uint8Array, text("x")),
    () => engine.send(GROUP, text("x"), { timestamp: 5 as unknown as bigint }),
    () => engine.send(GROUP, text("x"), { parents: 5 as unknown as [] }),
    () => engine.send(GROUP, text("x"), { ephemeral: "no" as unknown as boolean }),
    () => engine.send(GROUP, text("x"), null as never),
    () => engine.message("id" as unknown as Uint8Array),
    () => engine.removeGroup(undefined as unknown as Uint8Array),
    () => engine.tick({ skip: ["bob"] as unknown as Set<string> }),
    () => engine.tick(null as never),
  ])
    await expect(work()).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  await network.send("alice", "1");
  await network.passUntilSilent(5);
  expect(texts(network.of("bob"))).toEqual(["1"]);
  await network.close();
});

test("what a transport says is a payload, and is no bytes, is told like a payload that can't be decoded", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine, events } = network.of("alice");
  for (const payload of [undefined, "text", new ArrayBuffer(1)])
    await engine.receive("bob", payload as unknown as Uint8Array);
  expect(events).toMatchObject(
    Array(3).fill({
      kind: "malformed",
      peer: "bob",
      error: { code: "ERR_INVALID_INPUT", operation: "mvds.receive" },
    }),
  );
  await network.send("alice", "1");
  await network.close();
});

test("a message that arrived and one that was sent are on disk before anything is said of them", async () => {
  const network = await Network.of(["alice", "bob"]);
  const bob = network.of("bob");
  const synced: boolean[] = [];
  const batch = bob.database.batch.bind(bob.database);
  bob.database.batch = ((operations: never[], options: { sync?: boolean }) => {
    synced.push(options.sync === true);
    return (batch as (...given: unknown[]) => Promise<void>)(operations, options);
  }) as never;
  await bob.engine.receive("alice", payloadOf("1"));
  await network.send("bob", "2");
  await network.pass();
  // The message, that it was delivered, the other message, that it was sent.
  expect(synced).toEqual([true, false, true, false]);
  await network.close();
});

test("a node that is closed refuses, and closing twice is closing once", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine, database } = network.of("alice");
  await Promise.all([network.send("alice", "1"), engine.close(), engine.close()]);
  expect(database.status).toBe("closed");
  await expect(engine.tick()).rejects.toMatchObject({ code: "ERR_CLOSED" });
  await network.restart("alice");
  expect(network.of("alice").engine.status().waiting).toEqual({ bob: 1 });
  await network.close();
});

test("a database that another process has open is ERR_JOURNAL_LOCKED, and one that fails ERR_JOURNAL", async () => {
  const options = { now: () => 1, random: () => 0, onMessage: () => undefined };
  for (const [error, code] of [
    [Object.assign(new Error("not open"), { cause: { code: "LEVEL_LOCKED" } }), "ERR_JOURNAL_LOCKED"],
    [Object.assign(new Error("locked"), { code: "LEVEL_LOCKED" }), "ERR_JOURNAL_LOCKED"],
    [new Error("broken"), "ERR_JOURNAL"],
  ] as const) {
    const database = new MemoryLevel<Uint8Array, Uint8Array>();
    database.open = () => Promise.reject(error);
    await expect(openEngine({ ...options, database })).rejects.toMatchObject({ code });
  }
});

test.each([
  ["database", { database: {} }],
  ["onMessage", { onMessage: "x" }],
  ["now", { now: 5 }],
  ["dialect", { dialect: "other" }],
  ["mode", { mode: "other" }],
  ["order", { order: "other" }],
  ["peerModes", { peerModes: { bob: "other" } }],
  ["maxSendCount", { maxSendCount: 0 }],
  ["onlineSpread", { onlineSpread: 0.5 }],
  ["limits", { limits: { maxInbox: -1 } }],
])("a wrong %s is refused", async (_, wrong) => {
  const options = {
    database: new MemoryLevel<Uint8Array, Uint8Array>(),
    now: () => 1,
    random: () => 0,
    onMessage: () => undefined,
  };
  await expect(openEngine({ ...options, ...wrong } as never)).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
});
