// What a node answers to what comes again, comes by another way, or was asked for already; and that nothing of a caller's is kept as it is.

import { type MvdsMessage, mvdsMessageId } from "@remote-log/core";
import { decodePayload, encodePayload, type Payload } from "@remote-log/mvds";
import { expect, test } from "vitest";
import { GROUP, hex, Network, type Peer, text, texts } from "./network.ts";

const NOTHING: Payload = { acks: [], offers: [], requests: [], messages: [] };
const LOG = new Uint8Array(32).fill(3);

const messageOf = (content: string, more: Partial<MvdsMessage> = {}): MvdsMessage => ({
  groupId: GROUP,
  timestamp: 5n,
  body: text(content),
  parents: [],
  ephemeral: false,
  ...more,
});
const payloadOf = (...messages: MvdsMessage[]): Uint8Array => encodePayload({ ...NOTHING, messages });
const offering = (...offers: Uint8Array[]): Uint8Array => encodePayload({ ...NOTHING, offers });
const requesting = (...requests: Uint8Array[]): Uint8Array => encodePayload({ ...NOTHING, requests });

/** What a peer gets in the next epoch. */
async function next({ engine }: Peer, to: string): Promise<Payload> {
  const payload = (await engine.tick()).find(({ peer }) => peer === to)?.payload;
  return payload === undefined ? NOTHING : decodePayload(payload);
}

test("a peer that offers what is sent to it has it: it is sent no more, and acknowledged", async () => {
  const network = await Network.of(["alice", "bob"]);
  const alice = network.of("alice");
  const id = await network.send("alice", "1");
  await alice.engine.receive("bob", offering(id));
  expect(alice.engine.status().waiting).toEqual({});
  expect((await next(alice, "bob")).acks.map(hex)).toEqual([hex(id)]);
  await network.close();
});

test("offers that come again begin no request anew: it is given up after its count", async () => {
  const network = await Network.of(["alice", "bob"], { options: { maxRequestCount: 2, backOff: () => 1 } });
  const bob = network.of("bob");
  const id = mvdsMessageId(messageOf("1"));
  for (let i = 0; i < 2; i++) {
    await bob.engine.receive("alice", offering(id));
    expect((await next(bob, "alice")).requests).toHaveLength(1);
  }
  await bob.engine.receive("alice", offering(id));
  expect((await next(bob, "alice")).requests).toEqual([]);
  expect(bob.events.at(-1)).toMatchObject({ kind: "gave-up", record: "request" });
  await network.close();
});

test("a request for what waits to be sent again makes it due, and counts on", async () => {
  const network = await Network.of(["alice", "bob"], { options: { maxSendCount: 3, backOff: () => 100 } });
  const alice = network.of("alice");
  const id = await network.send("alice", "1");
  for (let i = 0; i < 3; i++) {
    expect((await next(alice, "bob")).messages).toHaveLength(1);
    expect((await next(alice, "bob")).messages).toHaveLength(0);
    await alice.engine.receive("bob", requesting(id));
  }
  expect((await next(alice, "bob")).messages).toHaveLength(0);
  expect(alice.events.at(-1)).toMatchObject({ kind: "gave-up", reason: "count", record: "message" });
  await network.close();
});

test("what is read in a log is not acknowledged to its owner: the node's own log says it", async () => {
  const network = await Network.of(["alice", "bob"]);
  const bob = network.of("bob");
  await bob.engine.logSteps.take("alice", LOG, [{ kind: "message", sequence: 0, message: messageOf("1") }]);
  expect(texts(bob)).toEqual(["1"]);
  expect((await next(bob, "alice")).acks).toEqual([]);
  await network.close();
});

test("where a message that came by itself is in a log is known from then on, and the first place counts", async () => {
  const network = await Network.of(["alice", "bob", "carol"], { options: { relay: true } });
  const bob = network.of("bob");
  const item = (sequence: number) => ({ kind: "message", sequence, message: messageOf("1") }) as const;
  const said = (first: number, end: number) =>
    ({ kind: "read", sequence: first, reads: [{ logId: LOG, first, end }] }) as const;
  await bob.engine.receive("alice", payloadOf(messageOf("1")));
  expect(bob.engine.status().waiting).toEqual({ carol: 1 });
  await bob.engine.logSteps.take("alice", LOG, [item(4), item(5)]);
  await bob.engine.logSteps.take("carol", new Uint8Array(32).fill(9), [said(5, 6)]);
  expect(bob.engine.status().waiting).toEqual({ carol: 1 });
  await bob.engine.logSteps.take("carol", new Uint8Array(32).fill(9), [said(4, 5)]);
  expect(bob.engine.status().waiting).toEqual({});
  await network.close();
});

test("a copy that takes another's place is known by its place in the log, and by its own parents", async () => {
  const network = await Network.of(["alice", "bob", "carol"], {
    options: { order: "consistent", relay: true },
  });
  const bob = network.of("bob");
  const forged = messageOf("1", { parents: [new Uint8Array(32).fill(7)] });
  await bob.engine.receive("alice", payloadOf(forged));
  const item = { kind: "message", sequence: 0, message: messageOf("1") } as const;
  await bob.engine.logSteps.take("alice", LOG, [item]);
  expect(texts(bob)).toEqual(["1"]);
  await network.restart("bob");
  const reads = [{ logId: LOG, first: 0, end: 1 }];
  await bob.engine.logSteps.take("carol", new Uint8Array(32).fill(9), [{ kind: "read", sequence: 0, reads }]);
  // What waits is the request for what the forged one named; the message itself is Carol's by her word.
  expect(bob.engine.status().waiting).toEqual({ alice: 1 });
  expect((await bob.engine.message(mvdsMessageId(forged)))?.parents).toEqual([]);
  await network.close();
});

test("consistent: a parent that waits itself is not requested, and a missing one is once, whoever names it", async () => {
  const network = await Network.of(["alice", "bob"], {
    options: { order: "consistent", backOff: () => 100 },
  });
  const bob = network.of("bob");
  const root = messageOf("root");
  const middle = messageOf("middle", { parents: [mvdsMessageId(root)] });
  await bob.engine.receive("alice", payloadOf(middle));
  expect((await next(bob, "alice")).requests.map(hex)).toEqual([hex(mvdsMessageId(root))]);
  const others = ["a", "b"].map((content) =>
    messageOf(content, { parents: [root, middle].map(mvdsMessageId) }),
  );
  await bob.engine.receive("alice", payloadOf(...others));
  expect(bob.engine.status().waiting).toEqual({ alice: 1 });
  expect((await next(bob, "alice")).requests).toEqual([]);
  await network.close();
});

test("parents in another order, or named twice, make no other copy", async () => {
  const network = await Network.of(["alice", "bob"], { options: { order: "consistent" } });
  const bob = network.of("bob");
  const [one, two] = [messageOf("1"), messageOf("2")].map(mvdsMessageId) as [Uint8Array, Uint8Array];
  await bob.engine.receive("alice", payloadOf(messageOf("child", { parents: [one, two] })));
  await next(bob, "alice");
  await bob.engine.receive("alice", payloadOf(messageOf("child", { parents: [two, one, one] })));
  expect(bob.events).toEqual([]);
  expect((await next(bob, "alice")).acks).toHaveLength(1);
  await network.close();
});

test("what is relayed goes by the mode of each, and in no mode to whom it came from", async () => {
  const network = await Network.of(["alice", "bob", "carol", "dave"], {
    options: { relay: true, peerModes: { dave: "interactive" } },
  });
  const bob = network.of("bob");
  await bob.engine.receive("alice", payloadOf(messageOf("1")));
  const outgoing = new Map(
    (await bob.engine.tick()).map(({ peer, payload }) => [peer, decodePayload(payload)]),
  );
  expect(outgoing.get("carol")).toMatchObject({ messages: [{ body: text("1") }], offers: [] });
  expect(outgoing.get("dave")).toMatchObject({ messages: [], offers: [mvdsMessageId(messageOf("1"))] });
  expect(outgoing.get("alice")).toMatchObject({ messages: [], offers: [] });
  await network.close();
});

test("ephemeral messages have the room of the inbox together with what waits in it, and are told when there is none", async () => {
  let isBusy = true;
  const network = await Network.of(["alice", "bob"], {
    optionsOf: () => ({
      limits: { maxInbox: 3 },
      onMessage: () => {
        if (isBusy) throw new Error("busy");
      },
    }),
  });
  const bob = network.of("bob");
  const passing = ["a", "b", "c"].map((content) => messageOf(content, { ephemeral: true }));
  await bob.engine.receive("alice", payloadOf(messageOf("kept")));
  for (const message of passing) await bob.engine.receive("alice", payloadOf(message));
  expect(bob.engine.status().undelivered).toBe(3);
  expect(bob.events.filter(({ kind }) => kind === "refused")).toEqual([
    { kind: "refused", reason: "inbox-full", peer: "alice", id: mvdsMessageId(passing[2]!) },
  ]);
  isBusy = false;
  await bob.engine.settled();
  await bob.engine.receive("alice", payloadOf(passing[2]!));
  expect(bob.engine.status().undelivered).toBe(0);
  await network.close();
});

test("what a caller does with its bytes later changes nothing, and what it gets is its own", async () => {
  const network = await Network.of(["alice", "bob"]);
  const alice = network.of("alice");
  const [group, body] = [new Uint8Array(32).fill(6), text("mine")];
  await alice.engine.setGroup(group, ["bob"]);
  const first = await alice.engine.send(group, text("first"));
  const parent = first.id.slice();
  const { id } = await alice.engine.send(group, body, { parents: [parent] });
  for (const bytes of [group, body, parent]) bytes.fill(0);
  const own = new Uint8Array(32).fill(6);
  expect(alice.engine.groups().map(({ groupId }) => hex(groupId))).toContain(hex(own));
  for (let i = 0; i < 2; i++) {
    const found = (await alice.engine.message(id))!;
    expect([
      hex(found.groupId),
      new TextDecoder().decode(found.body),
      found.parents.map(hex),
      hex(found.id),
    ]).toEqual([hex(own), "mine", [hex(first.id)], hex(id)]);
    for (const bytes of [found.groupId, found.body, found.id, ...found.parents]) bytes.fill(0);
    alice.engine.groups()[1]!.groupId.fill(0);
  }
  // A payload may be in a buffer that is used again.
  const bob = network.of("bob");
  const buffers = [
    payloadOf(messageOf("kept"), messageOf("passing", { ephemeral: true })),
    offering(mvdsMessageId(messageOf("offered"))),
    requesting(mvdsMessageId(messageOf("kept")), new Uint8Array(32).fill(4)),
  ];
  for (const buffer of buffers) {
    await bob.engine.receive("alice", buffer);
    buffer.fill(0);
  }
  expect(texts(bob).sort()).toEqual(["kept", "passing"]);
  const { requests, messages } = await next(bob, "alice");
  expect(requests.map(hex)).toEqual([hex(mvdsMessageId(messageOf("offered")))]);
  expect(messages.map((message) => hex(mvdsMessageId(message)))).toEqual([
    hex(mvdsMessageId(messageOf("kept"))),
  ]);
  expect(bob.events.flatMap((event) => ("id" in event && event.id ? [hex(event.id)] : []))).toEqual([
    hex(new Uint8Array(32).fill(4)),
  ]);
  await network.close();
});

test("names of peers have 1 to 256 bytes, and ids of groups are bytes", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine } = network.of("alice");
  await engine.setGroup(GROUP, ["x", "y".repeat(256)]);
  expect(engine.groups()[0]!.members).toEqual(["x", "y".repeat(256)]);
  for (const [group, members, why] of [
    ["x".repeat(32), ["bob"], "id of a group"],
    [GROUP, "bob", "must be an array"],
    [GROUP, [""], "name of a peer"],
    [GROUP, ["é".repeat(129)], "name of a peer"],
    [GROUP, [7], "name of a peer"],
  ] as const)
    await expect(engine.setGroup(group as Uint8Array, members as unknown as string[])).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "mvds.setGroup",
      message: expect.stringContaining(why),
    });
  await network.close();
});

test("who stays in a group when it is set again is sent what waited, and a message as old as the floor is taken if its id is greater", async () => {
  const network = await Network.of(["alice", "bob"], { options: { limits: { maxGroupMessages: 2 } } });
  const alice = network.of("alice");
  await network.send("alice", "1");
  await alice.engine.setGroup(GROUP, ["bob", "carol"]);
  expect(alice.engine.status().waiting).toEqual({ bob: 1 });
  const bob = network.of("bob");
  const all = Array.from({ length: 5 }, (_, i) => messageOf(`${i}`)).sort((a, b) =>
    hex(mvdsMessageId(a)) < hex(mvdsMessageId(b)) ? -1 : 1,
  );
  // The least is forgotten first; what is above it is as old, and not older.
  for (const message of [all[1]!, all[2]!, all[3]!]) await bob.engine.receive("alice", payloadOf(message));
  await bob.engine.receive("alice", payloadOf(all[4]!));
  expect(texts(bob)).toHaveLength(4);
  await bob.engine.receive("alice", payloadOf(all[0]!));
  expect(texts(bob)).toHaveLength(4);
  expect(bob.events.at(-1)).toMatchObject({ kind: "too-old" });
  await network.close();
});

test("the parents that are given are the same for everybody: the least ids first", async () => {
  const network = await Network.of(["alice", "bob"], { options: { limits: { maxParents: 2 } } });
  const { engine } = network.of("alice");
  const heads: string[] = [];
  for (let i = 0; i < 6; i++) heads.push(hex((await engine.send(GROUP, text(`${i}`), { parents: [] })).id));
  const { parents } = await engine.send(GROUP, text("last"));
  expect(parents.map(hex)).toEqual(heads.sort().slice(0, 2));
  await network.close();
});

test("while an answer may be on its way, nobody else is asked", async () => {
  const network = await Network.of(["alice", "bob", "carol"], { options: { backOff: () => 2 } });
  const bob = network.of("bob");
  const id = mvdsMessageId(messageOf("1"));
  await bob.engine.receive("alice", offering(id));
  for (let i = 0; i < 2; i++) {
    await bob.engine.receive("carol", offering(id));
    expect(bob.engine.status().waiting).toEqual({ alice: 1 });
    await bob.engine.tick();
  }
  // It was sent a second time: the first answer did not come.
  await bob.engine.tick();
  await bob.engine.receive("carol", offering(id));
  expect(bob.engine.status().waiting).toEqual({ alice: 1, carol: 1 });
  await network.close();
});

test("requests have room of their own: they push out no message, and one that is sent again takes no more of it", async () => {
  const limits = { maxOutgoing: 1, maxRequests: 2 };
  const network = await Network.of(["alice", "bob"], { options: { limits, backOff: () => 1 } });
  const bob = network.of("bob");
  await network.send("bob", "mine");
  const ids = ["1", "2", "3"].map((content) => mvdsMessageId(messageOf(content)));
  await bob.engine.receive("alice", offering(ids[0]!));
  expect(bob.engine.status().waiting).toEqual({ alice: 2 });
  for (let i = 0; i < 3; i++) await bob.engine.tick();
  await bob.engine.receive("alice", offering(ids[1]!, ids[2]!));
  expect(bob.engine.status().waiting).toEqual({ alice: 3 });
  expect(bob.events.map((event) => "reason" in event && event.reason)).toEqual(["too-many-requests"]);
  await network.close();
});

test("whose messages wait for what is known to the next run: their room, and what is requested again", async () => {
  const network = await Network.of(["alice", "bob", "mallory"], {
    options: { order: "consistent", limits: { maxWaiting: 2 }, maxRequestCount: 1 },
  });
  const bob = network.of("bob");
  const missing = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
  await bob.engine.receive("mallory", payloadOf(messageOf("m", { parents: missing.slice(0, 2) })));
  await network.pass(9);
  await network.restart("bob");
  bob.events.length = 0;
  await network.of("bob").engine.receive("mallory", payloadOf(messageOf("n", { parents: missing.slice(2) })));
  expect(bob.events).toMatchObject([{ kind: "refused", reason: "too-many-waiting", peer: "mallory" }]);
  expect(network.of("bob").engine.status().waiting).toEqual({});
  await network.of("bob").engine.peerOnline("alice");
  expect(network.of("bob").engine.status().waiting).toEqual({});
  await network.of("bob").engine.peerOnline("mallory");
  expect(network.of("bob").engine.status().waiting).toEqual({ mallory: 2 });
  await network.close();
});
