import { type MvdsMessage, mvdsMessageId } from "@remote-log/core";
import { encodePayload, type Payload } from "@remote-log/mvds";
import { expect, test } from "vitest";
import { GROUP, hex, Network, text, texts } from "./network.ts";

const NOTHING: Payload = { acks: [], offers: [], requests: [], messages: [] };

function messageOf(content: string, parents: readonly MvdsMessage[] = []): MvdsMessage {
  const ids = parents.map(mvdsMessageId);
  return { groupId: GROUP, timestamp: 5n, body: text(content), parents: ids, ephemeral: false };
}

const payloadOf = (...messages: MvdsMessage[]): Uint8Array => encodePayload({ ...NOTHING, messages });

test("the parents of a message are those of its group that have no children", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine } = network.of("alice");
  const first = await engine.send(GROUP, text("1"));
  const second = await engine.send(GROUP, text("2"));
  expect([first.parents, second.parents]).toEqual([[], [first.id]]);
  await network.passUntilSilent(5);
  // Bob and Alice answer at the same time; both answers are parents of what follows.
  const third = await network.of("bob").engine.send(GROUP, text("3"));
  const fourth = await engine.send(GROUP, text("4"));
  expect([third.parents, fourth.parents]).toEqual([[second.id], [second.id]]);
  await network.passUntilSilent(5);
  const fifth = await engine.send(GROUP, text("5"));
  expect(fifth.parents.map(hex).sort()).toEqual([hex(third.id), hex(fourth.id)].sort());
  await network.restart("alice");
  expect((await network.of("alice").engine.send(GROUP, text("6"))).parents).toEqual([fifth.id]);
  await network.close();
});

test("a message gets at most `maxParents` parents", async () => {
  const network = await Network.of(["alice", "bob"], { options: { limits: { maxParents: 2 } } });
  const { engine } = network.of("alice");
  for (let i = 0; i < 5; i++) await engine.send(GROUP, text(`${i}`), { parents: [] });
  expect((await engine.send(GROUP, text("last"))).parents).toHaveLength(2);
  await network.close();
});

test("a parent has to be known, and an ephemeral message is none", async () => {
  const network = await Network.of(["alice", "bob"]);
  const { engine } = network.of("alice");
  const { id } = await engine.send(GROUP, text("typing"), { ephemeral: true });
  for (const parent of [id, new Uint8Array(32), new Uint8Array(3)])
    await expect(engine.send(GROUP, text("x"), { parents: [parent] })).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
  expect((await engine.send(GROUP, text("x"))).parents).toEqual([]);
  await network.close();
});

test("eventual: a message is delivered at once, and its missing parent is requested from who sent it", async () => {
  const network = await Network.of(["alice", "bob", "carol"]);
  // Alice's first message never reaches Bob by itself: she gave it up.
  const [first, second] = [messageOf("1"), messageOf("2", [messageOf("1")])];
  const bob = network.of("bob");
  await network.of("alice").engine.receive("carol", payloadOf(first));
  await bob.engine.receive("alice", payloadOf(second));
  expect(texts(bob)).toEqual(["2"]);
  expect(bob.engine.status().waiting).toEqual({ alice: 1 });
  await network.passUntilSilent(9);
  expect(texts(bob)).toEqual(["2", "1"]);
  // What came late has a child already, and is no parent of what follows.
  expect((await bob.engine.send(GROUP, text("3"))).parents).toEqual([mvdsMessageId(second)]);
  await network.close();
});

test("consistent: a message waits for its parents and theirs, which are requested one after the other", async () => {
  const network = await Network.of(["alice", "bob", "carol"], { options: { order: "consistent" } });
  const chain: MvdsMessage[] = [];
  for (let i = 0; i < 6; i++) chain.push(messageOf(`${i}`, chain.slice(-1)));
  for (const message of chain) await network.of("alice").engine.receive("carol", payloadOf(message));
  const bob = network.of("bob");
  await bob.engine.receive("alice", payloadOf(chain[5]!));
  expect(texts(bob)).toEqual([]);
  await network.pass(2);
  await network.restart("bob");
  expect(texts(bob)).toEqual([]);
  await network.passUntilSilent(20);
  expect(texts(bob)).toEqual(["0", "1", "2", "3", "4", "5"]);
  await network.close();
});

test("a payload may have a message with its parent, and the same message twice", async () => {
  const network = await Network.of(["alice", "bob"], { options: { order: "consistent" } });
  const parent = messageOf("1");
  const bob = network.of("bob");
  await bob.engine.receive("alice", payloadOf(parent, messageOf("2", [parent]), parent));
  expect(texts(bob)).toEqual(["1", "2"]);
  expect(bob.engine.status().waiting).toEqual({});
  await network.close();
});

test("consistent: what is held is no parent of what is sent from here", async () => {
  const network = await Network.of(["alice", "bob"], { options: { order: "consistent" } });
  const { engine } = network.of("bob");
  await engine.receive("alice", payloadOf(messageOf("2", [messageOf("1")])));
  expect((await engine.send(GROUP, text("3"))).parents).toEqual([]);
  await network.close();
});

test.each([
  ["first", [2, 0, 1]],
  ["after a parent that waits itself", [0, 2, 1]],
  ["last", [0, 1, 2]],
])(
  "consistent: a message with several parents that comes %s is delivered after all of them",
  async (_, order) => {
    const network = await Network.of(["alice", "bob"], { options: { order: "consistent" } });
    const root = messageOf("root");
    const [left, right] = [messageOf("left", [root]), messageOf("right")];
    const last = messageOf("last", [left, right, left]);
    const bob = network.of("bob");
    for (const index of order) await bob.engine.receive("alice", payloadOf([left, right, last][index]!));
    expect(texts(bob)).toEqual(["right"]);
    await network.restart("bob");
    await bob.engine.receive("alice", payloadOf(root));
    expect(texts(bob)).toEqual(["right", "root", "left", "last"]);
    await network.close();
  },
);

test("consistent: a chain of 250 messages that arrive backwards is delivered in order", async () => {
  const limits = { maxInbox: 10 };
  const network = await Network.of(["alice", "bob"], { options: { order: "consistent", limits } });
  const chain: MvdsMessage[] = [];
  for (let i = 0; i < 250; i++) chain.push(messageOf(`${i}`, chain.slice(-1)));
  const bob = network.of("bob");
  await bob.engine.receive("alice", payloadOf(...chain.slice(1).reverse()));
  expect(bob.delivered.length).toBe(0);
  await bob.engine.receive("alice", payloadOf(chain[0]!));
  expect(texts(bob)).toEqual(chain.map((_, i) => `${i}`));
  await network.close();
});

test("consistent: over the limit of what waits, a message is refused; what is waited for gets twice the room", async () => {
  const network = await Network.of(["alice", "bob"], {
    options: { order: "consistent", limits: { maxWaiting: 2 } },
  });
  const chain: MvdsMessage[] = [];
  for (let i = 0; i < 6; i++) chain.push(messageOf(`${i}`, chain.slice(-1)));
  const other = messageOf("other", [messageOf("missing")]);
  const bob = network.of("bob");
  for (const message of [chain[5]!, chain[4]!, other, chain[3]!, chain[2]!, chain[1]!])
    await bob.engine.receive("alice", payloadOf(message));
  expect(bob.events.map((event) => "id" in event && [event.kind, hex(event.id)])).toEqual([
    ["refused", hex(mvdsMessageId(other))],
    ["refused", hex(mvdsMessageId(chain[1]!))],
  ]);
  // The refused one is not acknowledged, so that it comes again; here its parent comes first.
  for (const message of [chain[0]!, chain[1]!]) await bob.engine.receive("alice", payloadOf(message));
  expect(texts(bob)).toEqual(["0", "1", "2", "3", "4", "5"]);
  await network.close();
});

test("a request for a parent that was given up is made again when the peer comes online", async () => {
  const network = await Network.of(["alice", "bob", "carol"], {
    options: { order: "consistent", maxRequestCount: 1 },
  });
  const [first, second] = [messageOf("1"), messageOf("2", [messageOf("1")])];
  const bob = network.of("bob");
  await bob.engine.receive("alice", payloadOf(second));
  await network.pass(10);
  expect(bob.events.at(-1)).toMatchObject({ kind: "gave-up", record: "request" });
  await network.of("alice").engine.receive("carol", payloadOf(first));
  await bob.engine.peerOnline("alice");
  await network.passUntilSilent(9);
  expect(texts(bob)).toEqual(["1", "2"]);
  await network.close();
});

test("consistent: a parent that is older than what the group keeps holds nobody up", async () => {
  const network = await Network.of(["alice", "bob"], {
    options: { order: "consistent", limits: { maxGroupMessages: 2 } },
  });
  const parent = messageOf("parent");
  const child = { ...messageOf("child", [parent]), timestamp: 30n };
  const bob = network.of("bob");
  await bob.engine.receive("alice", payloadOf(child));
  for (const timestamp of [10n, 20n])
    await bob.engine.receive("alice", payloadOf({ ...messageOf("x"), timestamp }));
  expect(texts(bob)).toEqual(["x", "x"]);
  await bob.engine.receive("alice", payloadOf(parent));
  expect(texts(bob)).toEqual(["x", "x", "child"]);
  expect(bob.engine.status().waiting).toEqual({});
  await network.close();
});

test.each(["eventual", "consistent"] as const)(
  "%s: a chain of missing parents over twice the limit takes no more room, and is whole once its beginning has come",
  async (order) => {
    const maxWaiting = 5;
    const network = await Network.of(["alice", "bob"], { options: { order, limits: { maxWaiting } } });
    const chain: MvdsMessage[] = [];
    for (let i = 0; i < 20; i++) chain.push(messageOf(`${i}`, chain.slice(-1)));
    const bob = network.of("bob");
    const waiting = async (): Promise<number> =>
      (await bob.database.keys().all()).filter(([letter]) => letter === "w".charCodeAt(0)).length;
    // Backwards, as requests for one parent after the other bring it.
    for (const message of [...chain].reverse().slice(0, -1)) {
      await bob.engine.receive("alice", payloadOf(message));
      expect(await waiting()).toBeLessThanOrEqual(2 * maxWaiting);
    }
    const refused = bob.events.filter(({ kind }) => kind === "refused").length;
    expect(refused).toBe(order === "consistent" ? 20 - 1 - 2 * maxWaiting : 0);
    await network.restart("bob");
    // Nothing of what was refused was acknowledged, so that it is sent again.
    for (const message of chain) await bob.engine.receive("alice", payloadOf(message));
    const expected = chain.map((_, i) => `${i}`);
    if (order === "consistent") expect(texts(bob)).toEqual(expected);
    else expect(texts(bob).sort()).toEqual([...expected].sort());
    expect(await waiting()).toBe(0);
    expect(bob.engine.status().waiting).toEqual({});
    await network.close();
  },
);

test("consistent: a chain of lost messages over twice the limit is delivered when its sender sends it again", async () => {
  const network = await Network.of(["alice", "bob"], {
    options: { order: "consistent", limits: { maxWaiting: 5 }, backOff: () => 2 },
  });
  for (let i = 0; i < 39; i++) await network.send("alice", `${i}`);
  network.loss = 1;
  await network.pass();
  network.loss = 0;
  await network.send("alice", "39");
  await network.passUntilSilent(100);
  expect(texts(network.of("bob"))).toEqual(Array.from({ length: 40 }, (_, i) => `${i}`));
  await network.close();
});

test("consistent: what has waited is a parent of what is sent once it is delivered", async () => {
  const network = await Network.of(["alice", "bob"], { options: { order: "consistent" } });
  const { engine } = network.of("bob");
  const chain = [messageOf("1")];
  for (const content of ["2", "3"]) chain.push(messageOf(content, chain.slice(-1)));
  for (const message of [...chain].reverse()) await engine.receive("alice", payloadOf(message));
  expect((await engine.send(GROUP, text("4"))).parents).toEqual([mvdsMessageId(chain[2]!)]);
  await network.close();
});

test("a message that comes from somebody else is not requested any more", async () => {
  const network = await Network.of(["alice", "bob", "carol"]);
  const { engine } = network.of("bob");
  const message = messageOf("1");
  await engine.receive("alice", encodePayload({ ...NOTHING, offers: [mvdsMessageId(message)] }));
  expect(engine.status().waiting).toEqual({ alice: 1 });
  await engine.receive("carol", payloadOf(message));
  expect(engine.status().waiting).toEqual({});
  await network.close();
});

test("consistent: what is missing behind a message that waits is requested from whoever builds on it", async () => {
  const network = await Network.of(["alice", "bob", "carol"], { options: { order: "consistent" } });
  const [bob, carol] = [network.of("bob"), network.of("carol")];
  const chain: MvdsMessage[] = [];
  for (let i = 0; i < 4; i++) chain.push(messageOf(`${i}`, chain.slice(-1)));
  for (const message of chain) await bob.engine.receive("alice", payloadOf(message));
  // Carol has the end of the chain from Alice, who is gone before she answers.
  await carol.engine.receive("alice", payloadOf(chain[2]!, chain[3]!));
  await network.setOnline("alice", false);
  await network.pass(10);
  expect([texts(carol), carol.engine.status().waiting]).toEqual([[], { alice: 1 }]);
  await network.send("bob", "4");
  await network.pass(9);
  expect(texts(carol)).toEqual(["0", "1", "2", "3", "4"]);
  await network.close();
});

test("consistent: what is missing behind a message that waits is requested from whoever builds on it, once that one is there", async () => {
  const network = await Network.of(["alice", "bob", "carol"], { options: { order: "consistent" } });
  const [bob, carol] = [network.of("bob"), network.of("carol")];
  const chain: MvdsMessage[] = [];
  for (let i = 0; i < 4; i++) chain.push(messageOf(`${i}`, chain.slice(-1)));
  for (const message of chain) await bob.engine.receive("alice", payloadOf(message));
  await carol.engine.receive("alice", payloadOf(chain[1]!));
  await network.setOnline("alice", false);
  // The request is on its way to Alice: nobody else is asked.
  await carol.engine.receive("bob", payloadOf(chain[2]!, chain[3]!));
  expect(carol.engine.status().waiting).toEqual({ alice: 1 });
  await network.setOnline("bob", false);
  await network.restart("carol");
  await network.pass(10);
  await network.setOnline("bob", true);
  await network.pass(9);
  expect(texts(network.of("carol"))).toEqual(["0", "1", "2", "3"]);
  await network.close();
});
