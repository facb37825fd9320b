import { mvdsMessageId } from "@remote-log/core";
import {
  type BackOff,
  constantBackOff,
  decodePayload,
  encodePayload,
  exponentialBackOff,
  linearBackOff,
} from "@remote-log/mvds";
import { expect, test } from "vitest";
import { Network, type NetworkOptions } from "./network.ts";

/** In which epochs a message is sent to a peer that never answers. */
async function epochsOf(epochs: number, backOff: BackOff, further: NetworkOptions = {}): Promise<number[]> {
  const network = await Network.of(["alice", "bob"], {
    ...further,
    options: { backOff, ...further.options },
  });
  await network.setOnline("bob", false);
  await network.send("alice", "hello");
  const found: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) if ((await network.pass()) > 0) found.push(epoch);
  await network.close();
  return found;
}

test("a constant back-off waits the same number of epochs each time", async () => {
  expect(await epochsOf(10, constantBackOff(3))).toEqual([1, 4, 7, 10]);
});

test("what has waited longest for its turn is sent first", async () => {
  const network = await Network.of(["alice", "bob"], { options: { backOff: constantBackOff(10) } });
  await network.setOnline("bob", false);
  const first = await network.send("alice", "first");
  await network.pass(10);
  const second = await network.send("alice", "second");
  await network.pass();
  // The first one has been due since epoch 11, the second since epoch 10.
  const { messages } = decodePayload(network.of("alice").sent[1]!.payload);
  expect(messages.map(mvdsMessageId)).toEqual([second, first]);
  await network.close();
});

test("a linear back-off waits twice the count, as the programs in Go do, and no longer than its bound", async () => {
  expect(await epochsOf(31, linearBackOff())).toEqual([1, 3, 7, 13, 21, 31]);
  expect(await epochsOf(20, linearBackOff({ step: 2, most: 4 }))).toEqual([1, 3, 7, 11, 15, 19]);
});

test("an exponential back-off doubles, and goes back to its first wait beyond the bound", async () => {
  expect(await epochsOf(40, exponentialBackOff({ first: 2, most: 8 }))).toEqual([
    1, 3, 7, 15, 17, 21, 29, 31, 35,
  ]);
});

test("the back-off of status-go is 90 epochs, 180, 360, and up to 29 more by chance", () => {
  const backOff = exponentialBackOff({ first: 90, spread: 30, most: 90 * 2 ** 13 });
  expect([1, 2, 3, 14].map((count) => backOff(count, () => 0))).toEqual([90, 180, 360, 90 * 2 ** 13]);
  expect(backOff(1, () => 0.999)).toBe(119);
  expect(backOff(15, () => 0)).toBe(90);
});

test("a back-off of no epochs counts as one, and one that makes no sense is refused", async () => {
  for (const wait of [0, -5, Number.NaN]) expect(await epochsOf(3, () => wait)).toEqual([1, 2, 3]);
  expect(await epochsOf(9, () => Number.POSITIVE_INFINITY)).toEqual([1]);
  for (const make of [
    () => constantBackOff(0),
    () => linearBackOff({ step: 0.5 }),
    () => linearBackOff({ most: 0 }),
    () => exponentialBackOff({ first: 0 }),
    () => exponentialBackOff({ spread: -1 }),
    () => exponentialBackOff({ most: Number.NaN }),
  ])
    expect(make).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
});

test("a message is given up after the count, and a request after its own", async () => {
  const network = await Network.of(["alice", "bob"], {
    options: { backOff: constantBackOff(1), maxSendCount: 3, maxRequestCount: 2 },
  });
  await network.setOnline("bob", false);
  const id = await network.send("alice", "hello");
  const offered = new Uint8Array(32).fill(5);
  const alice = network.of("alice");
  await alice.engine.receive(
    "bob",
    encodePayload({ acks: [], offers: [offered], requests: [], messages: [] }),
  );
  await network.pass(10);
  expect(alice.events).toEqual([
    { kind: "gave-up", reason: "count", record: "request", peer: "bob", id: offered },
    { kind: "gave-up", reason: "count", record: "message", peer: "bob", id },
  ]);
  expect(alice.sent.length).toBe(3);
  expect(alice.engine.status().waiting).toEqual({});
  await network.close();
});

test("when a peer comes online, what waits for it is due, and the back-off begins anew", async () => {
  const network = await Network.of(["alice", "bob"], { options: { backOff: linearBackOff({ step: 10 }) } });
  const { engine } = network.of("alice");
  await network.setOnline("bob", false);
  await network.send("alice", "hello");
  const found: number[] = [];
  for (let epoch = 1; epoch <= 60; epoch++) {
    if (epoch === 40) await engine.peerOnline("bob");
    if ((await network.pass()) > 0) found.push(epoch);
  }
  // 1, +10, +20; the next would be 61. Then 40, +10.
  expect(found).toEqual([1, 11, 31, 40, 50]);
  await network.close();
});

test("the count that ends a record is kept when a peer comes online", async () => {
  const network = await Network.of(["alice", "bob"], {
    options: { backOff: constantBackOff(5), maxSendCount: 2 },
  });
  await network.setOnline("bob", false);
  await network.send("alice", "hello");
  for (let i = 0; i < 5; i++) {
    await network.of("alice").engine.peerOnline("bob");
    await network.pass();
  }
  expect(network.of("alice").sent.length).toBe(2);
  await network.close();
});

test("chance spreads what is due when a peer comes online", async () => {
  const network = await Network.of(["alice", "bob"], {
    options: { backOff: constantBackOff(1000), onlineSpread: 60 },
    seed: 3,
  });
  await network.setOnline("bob", false);
  for (let i = 0; i < 20; i++) await network.send("alice", `${i}`);
  await network.pass();
  await network.of("alice").engine.peerOnline("bob");
  const found: number[] = [];
  for (let epoch = 0; epoch < 60; epoch++) if ((await network.pass()) > 0) found.push(epoch);
  expect(found.length).toBeGreaterThan(10);
  expect(Math.max(...found)).toBeGreaterThan(30);
  expect(network.of("alice").sent.length).toBe(1 + found.length);
  await network.close();
});

test("a stranger that comes online is told, and nothing else", async () => {
  const network = await Network.of(["alice", "bob"]);
  await network.of("alice").engine.peerOnline("mallory");
  expect(network.of("alice").events).toEqual([{ kind: "ignored", reason: "unknown-peer", peer: "mallory" }]);
  await network.close();
});

test("records, counts and the epoch survive a restart", async () => {
  const network = await Network.of(["alice", "bob"], { options: { backOff: linearBackOff({ step: 10 }) } });
  await network.setOnline("bob", false);
  await network.send("alice", "hello");
  const found: number[] = [];
  for (let epoch = 1; epoch <= 62; epoch++) {
    if (epoch % 3 === 0) await network.restart("alice");
    if ((await network.pass()) > 0) found.push(epoch);
  }
  expect(found).toEqual([1, 11, 31, 61]);
  expect(network.of("alice").engine.status().epoch).toBe(62);
  await network.close();
});

test.each<[string, () => unknown]>([
  ["epochs", () => constantBackOff(0)],
  ["step", () => linearBackOff({ step: 0.5 })],
  ["most", () => linearBackOff({ most: 0 })],
  ["first", () => exponentialBackOff({ first: -1 })],
  ["most", () => exponentialBackOff({ most: Number.POSITIVE_INFINITY })],
  ["spread", () => exponentialBackOff({ spread: -1 })],
])("a back-off whose `%s` makes no sense says which it is", (name, make) => {
  expect(make).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT", message: expect.stringContaining(`\`${name}\``) }),
  );
});
