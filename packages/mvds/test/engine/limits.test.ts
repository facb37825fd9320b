import { type MvdsMessage, mvdsMessageId } from "@remote-log/core";
import { decodePayload, type EngineLimits, encodePayload, type Payload } from "@remote-log/mvds";
import { expect, test } from "vitest";
import { GROUP, hex, Network, text, texts } from "./network.ts";

const NOTHING: Payload = { acks: [], offers: [], requests: [], messages: [] };
const OTHER = new Uint8Array(32).fill(8);

const messageAt = (timestamp: bigint, groupId = GROUP): MvdsMessage => ({
  groupId,
  timestamp,
  body: text(`${timestamp}`),
  parents: [],
  ephemeral: false,
});
const payloadOf = (...messages: MvdsMessage[]): Uint8Array => encodePayload({ ...NOTHING, messages });
const withLimits = (limits: EngineLimits): Promise<Network> =>
  Network.of(["alice", "bob"], { options: { limits } });

test("strangers, and members of other groups, can neither send nor request", async () => {
  const network = await Network.of(["alice", "bob", "carol"]);
  const { engine, events, delivered } = network.of("bob");
  await engine.setGroup(OTHER, ["carol"]);
  const secret = await engine.send(OTHER, text("for carol"));
  events.length = 0;
  await engine.receive("mallory", payloadOf(messageAt(1n)));
  await engine.receive("alice", payloadOf(messageAt(2n, OTHER), messageAt(3n, new Uint8Array(32))));
  const missing = new Uint8Array(32).fill(9);
  await engine.receive("alice", encodePayload({ ...NOTHING, requests: [secret.id, missing] }));
  expect(events).toEqual([
    { kind: "ignored", reason: "unknown-peer", peer: "mallory" },
    { kind: "ignored", reason: "not-a-member", peer: "alice", id: mvdsMessageId(messageAt(2n, OTHER)) },
    {
      kind: "ignored",
      reason: "unknown-group",
      peer: "alice",
      id: mvdsMessageId(messageAt(3n, new Uint8Array(32))),
    },
    { kind: "ignored", reason: "not-a-member", peer: "alice", id: secret.id },
    { kind: "ignored", reason: "unknown-message", peer: "alice", id: missing },
  ]);
  expect(delivered).toEqual([]);
  expect(engine.status().waiting).toEqual({ carol: 1 });
  await network.close();
});

test("a payload that can't be decoded is told, and nothing comes of it", async () => {
  const network = await withLimits({ maxPayloadBytes: 200 });
  const { engine, events } = network.of("bob");
  await engine.receive("alice", new Uint8Array([255]));
  await engine.receive(
    "alice",
    encodePayload({ ...NOTHING, offers: Array.from({ length: 6 }, () => OTHER) }),
  );
  expect(events).toEqual([
    { kind: "malformed", peer: "alice", error: expect.objectContaining({ code: "ERR_MALFORMED" }) },
    { kind: "malformed", peer: "alice", error: expect.objectContaining({ code: "ERR_MALFORMED" }) },
  ]);
  await network.close();
});

test("who has left a group is sent nothing any more, and who is new what comes from now on", async () => {
  const network = await Network.of(["alice", "bob", "carol"]);
  const { engine } = network.of("alice");
  await engine.setGroup(GROUP, ["bob"]);
  await engine.send(GROUP, text("1"));
  await engine.setGroup(OTHER, ["bob"]);
  await engine.send(OTHER, text("other"));
  await engine.setGroup(GROUP, ["carol"]);
  expect(engine.status().waiting).toEqual({ bob: 1 });
  await engine.send(GROUP, text("2"));
  expect(engine.status().waiting).toEqual({ bob: 1, carol: 1 });
  await network.restart("alice");
  expect(network.of("alice").engine.groups()).toEqual([
    { groupId: GROUP, members: ["carol"] },
    { groupId: OTHER, members: ["bob"] },
  ]);
  // A stranger gets nothing at all any more.
  await network.of("alice").engine.setGroup(OTHER, []);
  expect(network.of("alice").engine.status().waiting).toEqual({ carol: 1 });
  await network.close();
});

test("a group that is removed is forgotten with its messages", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine, database } = network.of("alice");
  await engine.setGroup(OTHER, ["bob"]);
  const { id } = await engine.send(OTHER, text("1"));
  const kept = await engine.send(GROUP, text("2"));
  await engine.removeGroup(OTHER);
  expect(await engine.message(id)).toBeUndefined();
  expect(await engine.message(kept.id)).toBeDefined();
  expect(engine.groups().map(({ groupId }) => groupId)).toEqual([GROUP]);
  expect(engine.status()).toMatchObject({ waiting: { bob: 1 }, unlogged: 1 });
  expect((await database.keys().all()).filter((key) => hex(key).includes(hex(OTHER)))).toEqual([]);
  await expect(engine.send(OTHER, text("3"))).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  await engine.removeGroup(OTHER);
  await network.close();
});

test.each([
  ["the id of a group of another length", new Uint8Array(31), ["bob"]],
  ["a peer without a name", GROUP, [""]],
  ["a peer with a name over 256 bytes", GROUP, ["x".repeat(257)]],
  ["too many members", GROUP, ["bob", "carol"]],
  ["members that are no list", GROUP, "bob" as unknown as string[]],
])("%s is refused", async (_, groupId, members) => {
  const network = await withLimits({ maxMembers: 1 });
  const { engine } = network.of("alice");
  await expect(engine.setGroup(groupId, members)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(engine.groups()).toEqual([{ groupId: GROUP, members: ["bob"] }]);
  await network.close();
});

test.each([
  ["maxGroupMessages", { maxGroupMessages: 3 }],
  // 36 bytes of group, 5 of time, 6 of body, each.
  ["maxGroupBytes", { maxGroupBytes: 3 * 47 }],
] as const)(
  "%s: the oldest messages give way by their time, and older ones are acknowledged and not taken",
  async (_, limits) => {
    const network = await withLimits(limits);
    const bob = network.of("bob");
    for (const time of [50n, 30n, 40n]) await bob.engine.receive("alice", payloadOf(messageAt(time)));
    expect(bob.events).toEqual([]);
    await bob.engine.receive("alice", payloadOf(messageAt(60n)));
    expect(bob.events).toEqual([{ kind: "forgotten", id: mvdsMessageId(messageAt(30n)) }]);
    expect(texts(bob)).toEqual(["50", "30", "40", "60"]);
    await network.pass();
    bob.sent.length = 0;
    bob.events.length = 0;
    await network.restart("bob");
    // Never delivered twice, although it is not known any more.
    for (const time of [30n, 29n]) await bob.engine.receive("alice", payloadOf(messageAt(time)));
    expect(texts(bob)).toEqual(["50", "30", "40", "60"]);
    expect(bob.events).toEqual(
      [30n, 29n].map((time) => ({ kind: "too-old", peer: "alice", id: mvdsMessageId(messageAt(time)) })),
    );
    await network.pass();
    expect(decodePayload(bob.sent[0]!.payload).acks).toHaveLength(2);
    await bob.engine.receive("alice", payloadOf(messageAt(31n)));
    expect(texts(bob)).toEqual(["50", "30", "40", "60", "31"]);
    await network.close();
  },
);

test("what is forgotten is not sent any more, and is nobody's parent", async () => {
  const network = await withLimits({ maxGroupMessages: 2 });
  const { engine, events } = network.of("alice");
  await network.setOnline("bob", false);
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    ids.push(hex((await engine.send(GROUP, text(`${i}`), { parents: [] })).id));
    network.epoch += 10;
  }
  expect(events.map(({ kind }) => kind)).toEqual(["gave-up", "forgotten", "gave-up", "forgotten"]);
  expect(engine.status()).toMatchObject({ waiting: { bob: 2 }, unlogged: 2 });
  const { parents } = await engine.send(GROUP, text("last"));
  expect(parents.map(hex).sort()).toEqual(ids.slice(2).sort());
  await network.close();
});

test("what is forgotten while it waits for its parents waits no more", async () => {
  const network = await Network.of(["alice", "bob"], {
    options: { order: "consistent", limits: { maxGroupMessages: 1 } },
  });
  const { engine, database, delivered } = network.of("bob");
  await engine.receive("alice", payloadOf({ ...messageAt(1n), parents: [OTHER] }));
  await engine.receive("alice", payloadOf(messageAt(2n)));
  expect(delivered).toHaveLength(1);
  expect((await database.keys().all()).filter(([letter]) => letter === "w".charCodeAt(0))).toEqual([]);
  await network.close();
});

test("a peer that is a stranger now is not even acknowledged anything", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine } = network.of("bob");
  await engine.receive("alice", payloadOf(messageAt(1n)));
  await engine.send(GROUP, text("typing"), { ephemeral: true });
  await engine.setGroup(GROUP, []);
  expect(await engine.tick()).toEqual([]);
  await network.close();
});

test("a sender whose clock is behind what its group has forgotten gives a later time", async () => {
  const network = await withLimits({ maxGroupMessages: 1 });
  const { engine } = network.of("alice");
  for (const time of [2n ** 40n, 2n ** 41n]) await engine.receive("bob", payloadOf(messageAt(time)));
  expect((await engine.send(GROUP, text("now"))).timestamp).toBeGreaterThan(
    BigInt(1_800_000_000 + network.epoch),
  );
  await network.close();
});

test("maxOutgoing: the oldest record of a peer gives way, and is told", async () => {
  const network = await withLimits({ maxOutgoing: 2 });
  const alice = network.of("alice");
  await network.setOnline("bob", false);
  const first = await network.send("alice", "1");
  await alice.engine.receive("bob", encodePayload({ ...NOTHING, offers: [OTHER] }));
  await network.send("alice", "2");
  expect(alice.events).toEqual([]);
  await network.send("alice", "3");
  expect(alice.events).toEqual([
    { kind: "gave-up", reason: "peer-full", record: "message", peer: "bob", id: first },
  ]);
  expect(alice.engine.status().waiting).toEqual({ bob: 3 });
  await network.close();
});

test("maxRequests: further offers are refused, until they are repeated", async () => {
  const network = await withLimits({ maxRequests: 2 });
  const { engine, events } = network.of("bob");
  const offers = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
  await engine.receive("alice", encodePayload({ ...NOTHING, offers }));
  expect(events).toEqual([{ kind: "refused", reason: "too-many-requests", peer: "alice", id: offers[2] }]);
  await network.pass();
  expect(decodePayload(network.of("bob").sent[0]!.payload).requests).toEqual(offers.slice(0, 2));
  // Once a request is over, there is room again.
  const message = messageAt(1n);
  await engine.setGroup(GROUP, ["carol"]);
  await engine.setGroup(GROUP, ["alice"]);
  await engine.receive("alice", encodePayload({ ...NOTHING, offers: [mvdsMessageId(message), offers[0]!] }));
  await engine.receive("alice", payloadOf(message));
  events.length = 0;
  await engine.receive("alice", encodePayload({ ...NOTHING, offers: [offers[1]!] }));
  expect(events).toEqual([]);
  expect(engine.status().waiting).toEqual({ alice: 2 });
  await network.close();
});

test("maxInbox: what the application does not take is refused, and comes again", async () => {
  let free = (): void => undefined;
  const busy = new Promise<void>((resolve) => {
    free = resolve;
  });
  const taken: string[] = [];
  const network = await Network.of(["alice", "bob"], {
    options: { limits: { maxInbox: 2 } },
    optionsOf: (name) =>
      name === "alice"
        ? {}
        : {
            onMessage: async ({ body }) => {
              await busy;
              taken.push(new TextDecoder().decode(body));
            },
          },
  });
  const { engine, events } = network.of("bob");
  const received = [1n, 2n, 3n].map((time) => engine.receive("alice", payloadOf(messageAt(time))));
  // It waits for the application, so the turn of a further call shows that all three were looked at.
  await engine.message(OTHER);
  expect(events).toEqual([
    { kind: "refused", reason: "inbox-full", peer: "alice", id: mvdsMessageId(messageAt(3n)) },
  ]);
  free();
  await Promise.all(received);
  await engine.receive("alice", payloadOf(messageAt(3n)));
  expect(taken).toEqual(["1", "2", "3"]);
  await network.close();
});

test("maxReactions: acknowledgements and ephemeral messages without room are dropped", async () => {
  const network = await withLimits({ maxReactions: 2 });
  const bob = network.of("bob");
  await bob.engine.receive("alice", payloadOf(messageAt(1n), messageAt(2n), messageAt(3n)));
  for (const content of ["a", "b", "c"]) await network.send("bob", content, { ephemeral: true });
  await network.pass();
  const { acks, messages } = decodePayload(bob.sent[0]!.payload);
  expect(acks).toEqual([1n, 2n].map((time) => mvdsMessageId(messageAt(time))));
  expect(messages.map(({ body }) => new TextDecoder().decode(body))).toEqual(["b", "c"]);
  expect(bob.delivered).toHaveLength(3);
  await network.close();
});

test.each([
  ["maxGroupMessages", { maxGroupMessages: 3 }],
  ["maxGroupBytes", { maxGroupBytes: 3 * 47 }],
] as const)("%s counts what an earlier run has kept", async (_, limits) => {
  const network = await withLimits(limits);
  const bob = network.of("bob");
  for (const time of [30n, 40n, 50n]) await bob.engine.receive("alice", payloadOf(messageAt(time)));
  await network.restart("bob");
  expect(bob.events).toEqual([]);
  await bob.engine.receive("alice", payloadOf(messageAt(60n)));
  expect(bob.events).toEqual([{ kind: "forgotten", id: mvdsMessageId(messageAt(30n)) }]);
  await network.close();
});
