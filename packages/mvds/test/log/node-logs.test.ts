import { decodeMvdsMessage, encodeMvdsMessage, mvdsMessageId } from "@remote-log/core";
import {
  type DeliveredMessage,
  encodePayload,
  type LogReport,
  type MvdsEvent,
  openNode,
} from "@remote-log/mvds";
import { until } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { READ_GROUP, readStatement } from "../../src/log/read-statement.ts";
import { GROUP, hex, text } from "../engine/network.ts";
import { newDatabase } from "./devices.ts";
import { ALICE, bob, bodies, bytesOf, CAROL, FakeLog, idOf, messageOf, OTHER, OWN } from "./fake-logs.ts";

test("messages of a peer's log are delivered once, and the node's own log says what was read, once", async () => {
  const alice = new FakeLog(ALICE, messageOf("1"), messageOf("2"));
  const life = await bob({ alice });
  expect(await life.node.syncLogs()).toEqual([{ peer: "alice", messages: 2, refused: false }]);
  expect(await life.node.syncLogs()).toEqual([{ peer: "alice", messages: 0, refused: false }]);
  expect(bodies(life)).toEqual(["1", "2"]);
  expect(life.delivered[0]!.peer).toBe("alice");
  alice.contents.push(encodeMvdsMessage(messageOf("3")));
  await life.node.syncLogs();
  expect(life.writer.statements).toEqual(["a1 0-2", "a1 2-3"]);
});

test("statements, and entries that are no messages, are nothing to tell", async () => {
  const carol = { logId: bytesOf(CAROL), first: 0, end: 1 };
  const alice = new FakeLog(ALICE, readStatement([carol], 1n));
  alice.contents.push(new Uint8Array([255]));
  const life = await bob({ alice });
  const reports = await life.node.syncLogs();
  expect(reports).toEqual([{ peer: "alice", messages: 0, refused: false }]);
  expect(life.writer.size).toBe(0);
  expect(life.events).toEqual([]);
});

test("what is sent goes to the own log, in order and once, and ephemeral messages do not", async () => {
  const life = await bob({});
  for (let i = 0; i < 150; i++) await life.node.send(GROUP, text(`${i}`));
  await life.node.send(GROUP, text("typing"), { ephemeral: true });
  await life.node.syncLogs();
  expect(
    life.writer.contents.map((content) => new TextDecoder().decode(decodeMvdsMessage(content!).body)),
  ).toEqual(Array.from({ length: 150 }, (_, i) => `${i}`));
  expect(life.node.status()).toMatchObject({ unlogged: 0, waiting: { alice: 150, carol: 150 } });
});

test("what a log had taken when the process ended is not appended again", async () => {
  const database = newDatabase();
  const writer = new FakeLog(OWN, messageOf("before"));
  const first = await bob({}, { database, writer });
  writer.fails = new Error("disk full");
  const ids: Uint8Array[] = [];
  for (const content of ["1", "2", "3"]) ids.push((await first.node.send(GROUP, text(content))).id);
  await until(() => first.events.length >= 3, {
    what: "the word that it failed",
    progress: () => first.events.length,
  });
  expect(first.events[0]).toEqual({ kind: "log-failed", error: writer.fails });
  await first.node.close();
  // Two of the three were appended, and then the process was killed.
  writer.fails = undefined;
  for (const id of ids.slice(0, 2)) {
    const { groupId, timestamp, body, parents } = (await lookInto(database, id))!;
    writer.contents.push(encodeMvdsMessage({ groupId, timestamp, body, parents, ephemeral: false }));
  }
  const second = await bob({}, { database, writer });
  expect(second.node.status().unlogged).toBe(0);
  const found = writer.contents.map((content) => hex(mvdsMessageId(decodeMvdsMessage(content!))));
  expect(found.slice(1)).toEqual(ids.map(hex));
});

/** A message in the database of a node that is closed. */
async function lookInto(
  database: ReturnType<typeof newDatabase>,
  id: Uint8Array,
): Promise<DeliveredMessage | undefined> {
  const node = await openNode({ database, epochMilliseconds: 2 ** 30, onMessage: () => undefined });
  try {
    return await node.message(id);
  } finally {
    await node.close();
  }
}

test("what a peer says that it has read of the own log is not sent to it any more", async () => {
  const alice = new FakeLog(ALICE);
  const life = await bob({ alice });
  const ids: Uint8Array[] = [];
  for (const content of ["1", "2", "3"]) ids.push((await life.node.send(GROUP, text(content))).id);
  await life.node.syncLogs();
  const reads = [
    { logId: bytesOf(OWN), first: 1, end: 2 },
    { logId: bytesOf(CAROL), first: 0, end: 9 },
  ];
  alice.contents.push(encodeMvdsMessage(readStatement(reads, 1n)));
  await life.node.syncLogs();
  expect(life.events).toEqual([{ kind: "acknowledged", by: "log", peer: "alice", id: ids[1] }]);
  expect(life.node.status().waiting).toEqual({ alice: 2, carol: 3 });
});

test("one log that can't be read does not keep the others from it, and what came before the failure is good", async () => {
  const alice = new FakeLog(ALICE, messageOf("1"), messageOf("2"));
  const carol = new FakeLog(CAROL, messageOf("3"));
  alice.fails = new Error("no network");
  alice.failsAt = 1;
  const life = await bob({ alice, carol });
  expect(await life.node.syncLogs()).toEqual([
    { peer: "alice", messages: 1, refused: false, error: alice.fails },
    { peer: "carol", messages: 1, refused: false },
  ]);
  expect(bodies(life).sort()).toEqual(["1", "3"]);
  alice.fails = undefined;
  await life.node.syncLogs();
  expect(bodies(life).sort()).toEqual(["1", "2", "3"]);
});

test("a poll that fails is told", async () => {
  const alice = new FakeLog(ALICE);
  alice.fails = new Error("no network");
  const events: MvdsEvent[] = [];
  await bob({ alice }, { onEvent: (event) => void events.push(event) });
  expect(events).toEqual([{ kind: "log-failed", peer: "alice", error: alice.fails }]);
});

test("logs are read at each poll", async () => {
  const alice = new FakeLog(ALICE);
  const writer = new FakeLog(OWN);
  const readers = new Map([["alice", alice]]);
  const life = await bob({}, { logs: { writer, readers, pollMilliseconds: 1 } });
  alice.contents.push(encodeMvdsMessage(messageOf("1")));
  await until(() => life.delivered.length === 1, { what: "the message", progress: () => alice.reads });
  expect(bodies(life)).toEqual(["1"]);
});

test("what is refused because of a limit is read later, and not told as read", async () => {
  const chain = [messageOf("1")];
  for (let i = 2; i <= 4; i++) chain.push(messageOf(`${i}`, chain.slice(-1)));
  // Its parent is missing; and then there is no room for others that wait.
  const alice = new FakeLog(ALICE, chain[1]!, chain[3]!, messageOf("5"));
  const life = await bob({ alice }, { order: "consistent", limits: { maxWaiting: 1 } });
  expect(await life.node.syncLogs()).toEqual([{ peer: "alice", messages: 1, refused: true }]);
  expect(life.writer.statements).toEqual(["a1 0-1"]);
  life.readers.set("carol", new FakeLog(CAROL, chain[0]!));
  const reports: LogReport[] = [...(await life.node.syncLogs()), ...(await life.node.syncLogs())];
  expect(reports.map(({ peer, messages, refused }) => `${peer} ${messages} ${refused}`)).toEqual([
    "alice 0 true",
    "carol 1 false",
    "alice 2 false",
    "carol 0 false",
  ]);
  expect(bodies(life)).toEqual(["1", "2", "5"]);
});

test("messages whose contents were removed before they were read are not told as read", async () => {
  const alice = new FakeLog(ALICE, ...Array.from({ length: 6 }, (_, i) => messageOf(`${i}`)));
  alice.contents[2] = undefined;
  alice.contents[3] = undefined;
  const life = await bob({ alice });
  await life.node.syncLogs();
  expect(bodies(life)).toEqual(["0", "1", "4", "5"]);
  expect(life.writer.statements).toEqual(["a1 4-6"]);
});

test("messages of a group that is not known yet are not told as read, and are read again once it is", async () => {
  const alice = new FakeLog(ALICE, messageOf("1"), messageOf("2", [], OTHER), messageOf("3"));
  const life = await bob({ alice });
  await life.node.syncLogs();
  expect(bodies(life)).toEqual(["1", "3"]);
  expect(life.writer.statements).toEqual(["a1 2-3"]);
  await life.node.setGroup(OTHER, ["alice"]);
  await life.node.syncLogs();
  expect(bodies(life)).toEqual(["1", "3", "2"]);
  expect(life.writer.statements).toEqual(["a1 2-3", "a1 1-3"]);
});

test("after a thief was shut out of a log, it is read again from where he began", async () => {
  const alice = new FakeLog(ALICE, messageOf("1"), messageOf("forged"));
  const life = await bob({ alice });
  await life.node.syncLogs();
  alice.fails = Object.assign(new Error("superseded"), { code: "ERR_SUPERSEDED", from: 1 });
  Object.defineProperty(alice.fails, Symbol.for("remote-log.error"), { value: true });
  expect(await life.node.syncLogs()).toEqual([
    { peer: "alice", messages: 0, refused: false, error: alice.fails },
  ]);
  alice.fails = undefined;
  alice.contents[1] = encodeMvdsMessage(messageOf("2"));
  await life.node.syncLogs();
  expect(bodies(life)).toEqual(["1", "forged", "2"]);
  expect(life.writer.statements).toEqual(["a1 0-2", "a1 1-2"]);
});

test("a message that a peer sends and has in its log is one, and the peer is not asked for it", async () => {
  const message = messageOf("1");
  const alice = new FakeLog(ALICE);
  const life = await bob({ alice });
  const offers = [mvdsMessageId(message)];
  await life.node.engine.receive("alice", encodePayload({ acks: [], offers, requests: [], messages: [] }));
  await life.node.engine.receive(
    "carol",
    encodePayload({ acks: [], offers: [], requests: [], messages: [message] }),
  );
  expect(life.node.status().waiting).toEqual({});
  alice.contents.push(encodeMvdsMessage(message));
  await life.node.syncLogs();
  expect(bodies(life)).toEqual(["1"]);
  expect(life.writer.statements).toEqual(["a1 0-1"]);
});

test("what is relayed is not sent to whom it is known to have been read by, whatever was heard first", async () => {
  const [first, second] = [messageOf("1"), messageOf("2")];
  const said = { logId: bytesOf(CAROL), first: 0, end: 2 };
  const alice = new FakeLog(ALICE, readStatement([said], 1n));
  const carol = new FakeLog(CAROL);
  const database = newDatabase();
  const life = await bob({ alice, carol }, { relay: true, database });
  // The first comes from Carol directly, before it is known where it stands; the second is read in her log.
  await life.node.engine.receive(
    "carol",
    encodePayload({ acks: [], offers: [], requests: [], messages: [first] }),
  );
  expect(life.node.status().waiting).toEqual({ alice: 1 });
  await life.node.syncLogs();
  await life.node.close();
  carol.contents.push(...[first, second].map(encodeMvdsMessage));
  const again = await bob({ alice, carol }, { relay: true, database, writer: life.writer });
  expect(again.node.status().waiting).toEqual({});
});

test("what a peer said before its group was known counts once it is", async () => {
  const said = { logId: bytesOf(OWN), first: 0, end: 1 };
  const life = await bob({ alice: new FakeLog(ALICE, readStatement([said], 1n)) });
  await life.node.send(GROUP, text("1"));
  await life.node.syncLogs();
  expect(life.node.status().waiting).toEqual({ carol: 1 });
});

test("a log is never read from further on because of what was said of it", async () => {
  const alice = new FakeLog(ALICE, messageOf("1"));
  const life = await bob({ alice });
  await life.node.syncLogs();
  alice.fails = Object.assign(new Error("superseded"), { code: "ERR_SUPERSEDED", from: 9 });
  Object.defineProperty(alice.fails, Symbol.for("remote-log.error"), { value: true });
  await life.node.syncLogs();
  alice.fails = undefined;
  alice.contents.push(encodeMvdsMessage(messageOf("2")));
  await life.node.syncLogs();
  expect(bodies(life)).toEqual(["1", "2"]);
});

test("strangers' statements, and those about other groups' members, change nothing", async () => {
  const mallory = new FakeLog(
    idOf(0x66),
    readStatement([{ logId: bytesOf(OWN), first: 0, end: 99 }], 1n),
    messageOf("x"),
  );
  const life = await bob({ mallory });
  await life.node.send(GROUP, text("1"));
  await life.node.syncLogs();
  expect(life.node.status().waiting).toEqual({ alice: 1, carol: 1 });
  expect(life.events).toEqual([
    { kind: "ignored", reason: "not-a-member", peer: "mallory", id: mvdsMessageId(messageOf("x")) },
  ]);
});

test("a log of another kind, and a wrong interval, are refused", async () => {
  const writer = Object.assign(new FakeLog(OWN), { genesis: { genesis: { identifiers: "sha256" } } });
  await expect(bob({}, { writer })).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  const readers = new Map();
  await expect(
    bob({}, { logs: { writer: new FakeLog(OWN), readers, pollMilliseconds: 0 } }),
  ).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
});

test("without logs there is nothing to read", async () => {
  const node = await openNode({ database: newDatabase(), onMessage: () => undefined });
  expect(await node.syncLogs()).toEqual([]);
  expect(READ_GROUP).toHaveLength(32);
  await node.close();
});
