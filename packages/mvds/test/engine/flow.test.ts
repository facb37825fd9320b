import { decodePayload, encodePayload, linearBackOff, type Payload } from "@remote-log/mvds";
import { expect, test } from "vitest";
import { GROUP, hex, Network, type Peer, text, texts } from "./network.ts";

/** What the payloads of a peer hold, one text each. */
function told({ sent }: Peer): string[] {
  return sent.map(({ to, payload }) => {
    const { acks, offers, requests, messages } = decodePayload(payload);
    const parts = { acks, offers, requests, messages };
    return `${to}: ${Object.entries(parts)
      .filter(([, list]) => list.length > 0)
      .map(([name, list]) => `${list.length} ${name}`)
      .join(", ")}`;
  });
}

test("in batch mode a message is sent, acknowledged, and not sent again", async () => {
  const network = await Network.of(["alice", "bob"]);
  const id = await network.send("alice", "hello");
  await network.passUntilSilent(5);
  expect(told(network.of("alice"))).toEqual(["bob: 1 messages"]);
  expect(told(network.of("bob"))).toEqual(["alice: 1 acks"]);
  expect(texts(network.of("bob"))).toEqual(["hello"]);
  expect(network.of("bob").delivered[0]).toMatchObject({
    id,
    groupId: GROUP,
    peer: "alice",
    ephemeral: false,
  });
  expect(network.of("alice").events).toEqual([{ kind: "acknowledged", by: "peer", peer: "bob", id }]);
  await network.close();
});

test("in interactive mode a message is offered, requested, sent and acknowledged", async () => {
  const network = await Network.of(["alice", "bob"], { options: { mode: "interactive" } });
  await network.send("alice", "hello");
  await network.passUntilSilent(9);
  expect(told(network.of("alice"))).toEqual(["bob: 1 offers", "bob: 1 messages"]);
  expect(told(network.of("bob"))).toEqual(["alice: 1 requests", "alice: 1 acks"]);
  expect(texts(network.of("bob"))).toEqual(["hello"]);
  await network.close();
});

test("a mode of its own is possible for each peer", async () => {
  const network = await Network.of(["alice", "bob", "carol"], {
    optionsOf: (name) => (name === "alice" ? { peerModes: { carol: "interactive" } } : {}),
  });
  await network.send("alice", "hello");
  await network.pass();
  expect(told(network.of("alice"))).toEqual(["bob: 1 messages", "carol: 1 offers"]);
  await network.close();
});

test("the dialect of the reference implementation is spoken if it is asked for", async () => {
  const network = await Network.of(["alice", "bob"], { options: { dialect: "reference" } });
  await network.send("alice", "hello");
  await network.passUntilSilent(5);
  expect(texts(network.of("bob"))).toEqual(["hello"]);
  expect(decodePayload(network.of("alice").sent[0]!.payload, "reference").messages).toHaveLength(1);
  await network.close();
});

test("an offer of a message that is here already is answered with an acknowledgement", async () => {
  const network = await Network.of(["alice", "bob", "carol"], { options: { mode: "interactive" } });
  await network.setOnline("carol", false);
  await network.send("alice", "hello");
  await network.pass(5);
  // Bob has it; Carol, who got it elsewhere, offers it to him.
  const carol = network.of("carol");
  await network.setOnline("carol", true);
  const message = await network.of("alice").engine.message(network.of("bob").delivered[0]!.id);
  network.of("bob").sent.length = 0;
  await network.of("bob").engine.receive("carol", encodePayload({ ...NOTHING, offers: [message!.id] }));
  await network.pass(10);
  expect(told(network.of("bob"))).toEqual(["carol: 1 acks"]);
  expect(texts(carol)).toEqual(["hello"]);
  await network.close();
});

test("what is offered by several at once is requested from one, and from the next if that one does not answer", async () => {
  const network = await Network.of(["bob", "alice", "carol"], {
    options: { mode: "interactive", relay: true, backOff: linearBackOff({ step: 2 }) },
  });
  const bob = network.of("bob");
  const offer = encodePayload({ ...NOTHING, offers: [new Uint8Array(32).fill(9)] });
  await bob.engine.receive("alice", offer);
  await bob.engine.receive("carol", offer);
  await network.pass();
  expect(told(bob)).toEqual(["alice: 1 requests"]);
  await network.pass(3);
  await bob.engine.receive("carol", offer);
  await network.pass();
  expect(told(bob)).toContain("carol: 1 requests");
  await network.close();
});

test("an acknowledgement ends what is sent, and no request", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine, events } = network.of("bob");
  const offers = [new Uint8Array(32).fill(1)];
  await engine.receive("alice", encodePayload({ ...NOTHING, offers }));
  await engine.receive("alice", encodePayload({ ...NOTHING, acks: offers }));
  expect(engine.status().waiting).toEqual({ alice: 1 });
  expect(events).toEqual([]);
  await network.close();
});

test("offers by group are answered like others, to members alone", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine, events } = network.of("bob");
  const messageIds = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const other = new Uint8Array(32).fill(8);
  await engine.receive("alice", encodePayload({ ...NOTHING, groupOffers: [{ groupId: other, messageIds }] }));
  expect(events).toEqual([{ kind: "ignored", reason: "unknown-group", peer: "alice" }]);
  await engine.receive("alice", encodePayload({ ...NOTHING, groupOffers: [{ groupId: GROUP, messageIds }] }));
  await network.pass();
  expect(told(network.of("bob"))).toEqual(["alice: 2 requests"]);
  await network.close();
});

test("what is relayed reaches those who never hear the sender", async () => {
  const network = await Network.of(["alice", "bob", "carol"], { options: { relay: true } });
  // Alice and Carol are never there together.
  await network.setOnline("carol", false);
  await network.send("alice", "hello");
  await network.pass(3);
  await network.setOnline("alice", false);
  await network.setOnline("carol", true);
  await network.pass(6);
  expect(texts(network.of("carol"))).toEqual(["hello"]);
  expect(network.of("carol").delivered[0]!.peer).toBe("bob");
  // Alice learns it from Carol, whatever is acknowledged to whom.
  await network.setOnline("alice", true);
  await network.passUntilSilent(50);
  expect(texts(network.of("alice"))).toEqual([]);
  await network.close();
});

test("nothing is relayed if nobody asked for it", async () => {
  const network = await Network.of(["alice", "bob", "carol"]);
  await network.send("alice", "hello");
  await network.passUntilSilent(9);
  expect(told(network.of("bob"))).toEqual(["alice: 1 acks"]);
  await network.close();
});

test("one payload at most is sent to a peer in an epoch, and none is larger than the limit", async () => {
  const network = await Network.of(["alice", "bob"], { options: { limits: { maxPayloadBytes: 300 } } });
  for (let i = 0; i < 8; i++) await network.send("alice", `${i} ${"x".repeat(60)}`, { parents: [] });
  await network.send("bob", "to alice", { parents: [] });
  for (let epoch = 1; epoch <= 4; epoch++) {
    await network.pass();
    expect(network.of("alice").sent.length).toBe(epoch);
  }
  for (const { payload } of network.of("alice").sent) expect(payload.length).toBeLessThanOrEqual(300);
  await network.passUntilSilent(20);
  expect(texts(network.of("bob")).map((content) => content[0])).toEqual(Array.from("01234567"));
  await network.close();
});

test("what does not fit is sent before what is newer, also if that would fit", async () => {
  const network = await Network.of(["alice", "bob"], { options: { limits: { maxPayloadBytes: 300 } } });
  for (const size of [100, 200, 1])
    await network.of("alice").engine.send(GROUP, new Uint8Array(size), { parents: [] });
  await network.pass(3);
  const sizes = network
    .of("alice")
    .sent.map(({ payload }) => decodePayload(payload).messages.map(({ body }) => body.length));
  expect(sizes).toEqual([[100], [200], [1]]);
  await network.close();
});

test("a message that fits into no payload is refused when it is sent", async () => {
  const network = await Network.of(["alice", "bob"], { options: { limits: { maxPayloadBytes: 300 } } });
  const { engine } = network.of("alice");
  await expect(engine.send(GROUP, new Uint8Array(300))).rejects.toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 300,
  });
  expect(engine.status()).toMatchObject({ waiting: {}, unlogged: 0 });
  // The largest that fits: 36 bytes of group, 8 of time, 5 before the body, 5 before the message.
  await engine.send(GROUP, new Uint8Array(300 - 36 - 8 - 5 - 5));
  await network.passUntilSilent(5);
  expect(network.of("alice").sent[0]!.payload.length).toBe(300);
  await network.close();
});

test("the same content twice in a second is two messages", async () => {
  const network = await Network.of(["alice", "bob"]);
  const first = await network.of("alice").engine.send(GROUP, text("hello"), { parents: [] });
  const second = await network.of("alice").engine.send(GROUP, text("hello"), { parents: [] });
  expect(second.timestamp).toBe(first.timestamp + 1n);
  expect(hex(first.id)).not.toBe(hex(second.id));
  await network.passUntilSilent(5);
  expect(texts(network.of("bob"))).toEqual(["hello", "hello"]);
  await expect(
    network.of("alice").engine.send(GROUP, text("hello"), { timestamp: first.timestamp }),
  ).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  await network.close();
});

test("an ephemeral message is sent once in batch mode, delivered once, and neither kept nor acknowledged", async () => {
  const network = await Network.of(["alice", "bob"], { doubling: 1, options: { mode: "interactive" } });
  const id = await network.send("alice", "typing", { ephemeral: true });
  expect(await network.pass()).toBe(1);
  expect(await network.pass(5)).toBe(0);
  expect(texts(network.of("bob"))).toEqual(["typing"]);
  expect(network.of("bob").delivered[0]).toMatchObject({ ephemeral: true, parents: [], peer: "alice" });
  expect(told(network.of("alice"))).toEqual(["bob: 1 messages"]);
  for (const name of ["alice", "bob"]) {
    const { engine, database } = network.of(name);
    expect(await engine.message(id)).toBeUndefined();
    expect(engine.status()).toMatchObject({ undelivered: 0, unlogged: 0 });
    const keys = await database.keys().all();
    expect(keys.filter((key) => hex(key).includes(hex(id)))).toEqual([]);
  }
  await network.close();
});

const NOTHING: Payload = { acks: [], offers: [], requests: [], messages: [] };
