// What a peer that means ill can send, although it belongs to a group.

import { type MvdsMessage, mvdsMessageId } from "@remote-log/core";
import { decodePayload, encodePayload, type Payload } from "@remote-log/mvds";
import { expect, test } from "vitest";
import { LogSteps } from "../../src/engine/log-steps.ts";
import { GROUP, hex, Network, text, texts } from "./network.ts";

const NOTHING: Payload = { acks: [], offers: [], requests: [], messages: [] };
const OTHER = new Uint8Array(32).fill(8);

const messageOf = (content: string, more: Partial<MvdsMessage> = {}): MvdsMessage => ({
  groupId: GROUP,
  timestamp: 5n,
  body: text(content),
  parents: [],
  ephemeral: false,
  ...more,
});
const payloadOf = (...messages: MvdsMessage[]): Uint8Array => encodePayload({ ...NOTHING, messages });
const idsOf = (count: number, first = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => {
    const id = new Uint8Array(32).fill(0xee);
    new DataView(id.buffer).setUint32(0, first + i);
    return id;
  });
/** What a node has sent to a peer in its newest epoch. */
async function answer(network: Network, name: string, to: string): Promise<Payload> {
  const outgoing = await network.of(name).engine.tick();
  const payload = outgoing.find(({ peer }) => peer === to)?.payload;
  return payload === undefined ? NOTHING : decodePayload(payload);
}

test("an offer does not tell a peer what is here of groups to which it does not belong", async () => {
  const network = await Network.of(["alice", "bob", "mallory"]);
  const { engine } = network.of("bob");
  await engine.setGroup(OTHER, ["alice"]);
  const secret = messageOf("secret", { groupId: OTHER });
  const unknown = messageOf("unknown", { groupId: OTHER });
  await engine.receive("alice", payloadOf(secret));
  const [here, elsewhere] = [secret, unknown].map(mvdsMessageId) as [Uint8Array, Uint8Array];
  await engine.receive("mallory", encodePayload({ ...NOTHING, offers: [here, elsewhere] }));
  const { acks, requests } = await answer(network, "bob", "mallory");
  expect([acks, requests]).toEqual([[], [here, elsewhere]]);
  // Nor does a message that names them as its parents.
  await engine.setGroup(GROUP, ["alice", "carol"]);
  await engine.receive("carol", payloadOf(messageOf("child", { parents: [here, elsewhere] })));
  expect((await answer(network, "bob", "carol")).requests).toEqual([here, elsewhere]);
  await network.close();
});

test("what was requested and belongs to no group here is not requested again", async () => {
  const network = await Network.of(["bob", "mallory"]);
  const { engine, delivered } = network.of("bob");
  const message = messageOf("x", { groupId: OTHER });
  await engine.receive("mallory", encodePayload({ ...NOTHING, offers: [mvdsMessageId(message)] }));
  expect(engine.status().waiting).toEqual({ mallory: 1 });
  await engine.receive("mallory", payloadOf(message));
  expect(engine.status().waiting).toEqual({});
  expect(delivered).toEqual([]);
  await network.close();
});

test("a parent of another group is refused: not all who get the message could have it", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine } = network.of("alice");
  await engine.setGroup(OTHER, ["carol"]);
  const { id } = await engine.send(OTHER, text("1"));
  await expect(engine.send(GROUP, text("2"), { parents: [id] })).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
  await network.close();
});

test("acknowledgements of a peer end nothing that is sent to others, and nothing that it did not get", async () => {
  const network = await Network.of(["alice", "bob", "mallory"]);
  const { engine } = network.of("alice");
  const id = await network.send("alice", "1");
  await engine.receive("bob", encodePayload({ ...NOTHING, offers: idsOf(1) }));
  await engine.receive("mallory", encodePayload({ ...NOTHING, acks: [id, ...idsOf(1)] }));
  expect(engine.status().waiting).toEqual({ bob: 2 });
  await network.close();
});

test("a flood of offers, requests and acknowledgements takes no more room than the limits allow", async () => {
  const limits = { maxRequests: 10, maxOutgoing: 10, maxReactions: 10 };
  const network = await Network.of(["alice", "bob", "mallory"], { options: { limits } });
  const { engine } = network.of("alice");
  const own: Uint8Array[] = [];
  for (let i = 0; i < 30; i++) own.push(await network.send("alice", `${i}`));
  await engine.receive(
    "mallory",
    encodePayload({ ...NOTHING, acks: [...own, ...idsOf(500)], offers: idsOf(500), requests: own }),
  );
  await engine.receive("mallory", encodePayload({ ...NOTHING, offers: own }));
  // Ten requests and ten messages; what is offered and is here is acknowledged up to the limit.
  expect(engine.status().waiting["mallory"]).toBeLessThanOrEqual(20);
  const { acks, requests, messages } = await answer(network, "alice", "mallory");
  expect([acks.length, requests.length]).toEqual([10, 10]);
  expect(messages.length).toBeLessThanOrEqual(10);
  // What others are sent has suffered nothing.
  expect(engine.status().waiting["bob"]).toBe(10);
  await network.close();
});

test("parents that do not exist take the room of the peer that named them, and of nobody else", async () => {
  const network = await Network.of(["alice", "bob", "mallory"], {
    options: { order: "consistent", limits: { maxWaiting: 4 } },
  });
  const bob = network.of("bob");
  await bob.engine.receive(
    "mallory",
    payloadOf(messageOf("m", { parents: idsOf(4) }), messageOf("n", { parents: idsOf(1, 9) })),
  );
  expect(bob.events).toEqual([
    expect.objectContaining({ kind: "refused", reason: "too-many-waiting", peer: "mallory" }),
  ]);
  const parent = messageOf("parent");
  const child = messageOf("child", { parents: [mvdsMessageId(parent)] });
  await network.restart("bob");
  await bob.engine.receive("alice", payloadOf(child));
  await bob.engine.receive("alice", payloadOf(parent));
  expect(texts(bob)).toEqual(["parent", "child"]);
  // The room of what waits no more is free again, for the peer that had it.
  await bob.engine.receive("mallory", payloadOf(...idsOf(4).map((_, i) => messageOf(`${i}`))));
  const chain = [messageOf("a"), messageOf("b", { parents: [mvdsMessageId(messageOf("a"))] })];
  for (let i = 0; i < 6; i++) {
    const renamed = chain.map((message) => ({ ...message, timestamp: BigInt(100 + i) }));
    const [first, second] = [renamed[0]!, { ...renamed[1]!, parents: [mvdsMessageId(renamed[0]!)] }];
    await bob.engine.receive("alice", payloadOf(second, first));
  }
  expect(texts(bob).slice(-12)).toEqual(Array.from({ length: 6 }, () => ["a", "b"]).flat());
  await network.close();
});

test.each(["before", "after a restart"])(
  "consistent: a copy with parents that do not exist holds up nobody's message (%s)",
  async (when) => {
    const network = await Network.of(["alice", "bob", "mallory"], { options: { order: "consistent" } });
    const bob = network.of("bob");
    const parent = messageOf("parent");
    const real = messageOf("real", { parents: [mvdsMessageId(parent)] });
    const child = messageOf("child", { parents: [mvdsMessageId(real)] });
    await bob.engine.receive("mallory", payloadOf({ ...real, parents: idsOf(2) }));
    if (when !== "before") await network.restart("bob");
    await bob.engine.receive("alice", payloadOf(child, real));
    // Its parent is missing as well: nothing is decided yet, so it has to come again.
    expect(bob.events).toContainEqual({
      kind: "refused",
      reason: "other-parents",
      peer: "alice",
      id: mvdsMessageId(real),
    });
    const { acks, requests } = await answer(network, "bob", "alice");
    expect(acks.map(hex)).toEqual([hex(mvdsMessageId(child))]);
    expect(requests.map(hex)).toContain(hex(mvdsMessageId(parent)));
    await bob.engine.receive("alice", payloadOf(parent));
    expect(texts(bob)).toEqual(["parent"]);
    await bob.engine.receive("alice", payloadOf(real));
    expect(texts(bob)).toEqual(["parent", "real", "child"]);
    expect((await bob.engine.message(mvdsMessageId(real)))?.parents).toEqual([mvdsMessageId(parent)]);
    expect((await bob.database.keys().all()).filter(([letter]) => letter === "w".charCodeAt(0))).toEqual([]);
    // It is delivered now, whatever else is said of it.
    await bob.engine.receive("mallory", payloadOf({ ...real, parents: [] }));
    expect(texts(bob)).toEqual(["parent", "real", "child"]);
    await network.close();
  },
);

test("a copy that says to be ephemeral does not deliver a message again", async () => {
  const network = await Network.of(["alice", "bob", "mallory"]);
  const bob = network.of("bob");
  await bob.engine.receive("alice", payloadOf(messageOf("once")));
  await bob.engine.receive("mallory", payloadOf(messageOf("once", { ephemeral: true })));
  expect(texts(bob)).toEqual(["once"]);
  await network.close();
});

test("ephemeral messages that the application does not take are bounded in bytes", async () => {
  const taken: number[] = [];
  let isBusy = true;
  const network = await Network.of(["bob", "mallory"], {
    optionsOf: () => ({
      limits: { maxPayloadBytes: 1000 },
      onMessage: ({ body }) => {
        if (isBusy) throw new Error("busy");
        taken.push(body.length);
      },
    }),
  });
  const { engine, events } = network.of("bob");
  for (let i = 0; i < 20; i++)
    await engine.receive(
      "mallory",
      payloadOf({ ...messageOf("", { ephemeral: true, timestamp: BigInt(i) }), body: new Uint8Array(900) }),
    );
  // 16 payloads of 1,000 bytes.
  expect(engine.status().undelivered).toBe(17);
  expect(events.filter(({ kind }) => kind === "refused")).toHaveLength(3);
  isBusy = false;
  await engine.settled();
  expect(taken).toHaveLength(17);
  await network.close();
});

test("times far ahead push out what is older, and do not make all that follows look old", async () => {
  const network = await Network.of(["alice", "bob", "mallory"], {
    options: { limits: { maxGroupMessages: 4 } },
  });
  const bob = network.of("bob");
  for (let i = 0n; i < 20n; i++)
    await bob.engine.receive("mallory", payloadOf(messageOf("m", { timestamp: 2n ** 63n - 1n - i })));
  await network.restart("bob");
  // A day later than the clock of the device they count as a day ahead of.
  network.epoch += 2 * 86_400;
  const now = BigInt(1_800_000_000 + network.epoch);
  await bob.engine.receive("alice", payloadOf(messageOf("a", { timestamp: now })));
  expect(texts(bob).at(-1)).toBe("a");
  expect((await bob.engine.message(mvdsMessageId(messageOf("a", { timestamp: now }))))?.timestamp).toBe(now);
  const { timestamp } = await bob.engine.send(GROUP, text("b"));
  expect(timestamp).toBe(now);
  await network.close();
});

test("payloads of more than 16 MiB are never allowed, and a message that fills one is kept", async () => {
  const maxPayloadBytes = 2 ** 24;
  await expect(
    Network.of(["bob"], { options: { limits: { maxPayloadBytes: maxPayloadBytes + 1 } } }),
  ).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  const network = await Network.of(["bob", "mallory"], {
    options: { dialect: "reference", limits: { maxPayloadBytes } },
  });
  const bob = network.of("bob");
  const body = new Uint8Array(maxPayloadBytes - 46);
  const payload = encodePayload({ ...NOTHING, messages: [{ ...messageOf(""), body }] }, "reference");
  expect(payload.length).toBe(maxPayloadBytes);
  await bob.engine.receive("mallory", payload);
  expect(bob.delivered.map((message) => message.body.length)).toEqual([body.length]);
  expect(bob.events).toEqual([]);
  await network.close();
});

test("statements about a log are looked up once for each record, however many come", async () => {
  const network = await Network.of(["bob", "mallory"]);
  const { engine, database } = network.of("bob");
  const log = new Uint8Array(32).fill(3);
  const entries: { id: Uint8Array; sequence: number }[] = [];
  for (let sequence = 0; sequence < 20; sequence++)
    entries.push({ id: await network.send("bob", `${sequence}`), sequence });
  await engine.logSteps.noteLogged(log, entries, 20);
  let gets = 0;
  const get = database.get.bind(database);
  database.get = ((...parameters: Parameters<typeof get>) => {
    gets++;
    return get(...parameters);
  }) as typeof database.get;
  expect(engine.logSteps).toBeInstanceOf(LogSteps);
  const reads = [
    ...idsOf(200).map((logId) => ({ logId, first: 0, end: 9 })),
    { logId: log, first: 5, end: 9 },
  ];
  await engine.logSteps.take("mallory", OTHER, [
    { kind: "read", sequence: 0, reads },
    { kind: "read", sequence: 1, reads: [{ logId: log, first: 18, end: 2 ** 50 }] },
  ]);
  expect(engine.status().waiting).toEqual({ mallory: 20 - 4 - 2 });
  expect(gets).toBeLessThan(40);
  await network.close();
});

test("eventual: of parents that do not exist no more are noted than the limit allows", async () => {
  const network = await Network.of(["bob", "mallory"], { options: { limits: { maxWaiting: 5 } } });
  const bob = network.of("bob");
  for (const [i, parent] of idsOf(12).entries())
    await bob.engine.receive("mallory", payloadOf(messageOf(`${i}`, { parents: [parent] })));
  expect(texts(bob)).toHaveLength(12);
  expect((await bob.database.keys().all()).filter(([letter]) => letter === "w".charCodeAt(0))).toHaveLength(
    5,
  );
  await network.close();
});

test("what a peer said that it has read is forgotten when it belongs to no group any more", async () => {
  const network = await Network.of(["bob", "mallory"], { options: { relay: true } });
  const { engine, database } = network.of("bob");
  await engine.setGroup(GROUP, ["mallory", "carol"]);
  const log = idsOf(1, 5)[0]!;
  const said = { kind: "read", sequence: 0, reads: [{ logId: log, first: 0, end: 9 }] } as const;
  await engine.logSteps.take("mallory", OTHER, [said]);
  const statements = async (): Promise<number> =>
    (await database.keys().all()).filter(([letter]) => letter === "q".charCodeAt(0)).length;
  expect(await statements()).toBe(1);
  await engine.setGroup(GROUP, ["carol"]);
  expect(await statements()).toBe(0);
  await engine.setGroup(GROUP, ["mallory", "carol"]);
  // What Carol's log has there is sent to Mallory, who may be somebody else by now.
  await engine.logSteps.take("carol", log, [{ kind: "message", sequence: 0, message: messageOf("x") }]);
  expect(engine.status().waiting).toEqual({ mallory: 1 });
  await network.close();
});
