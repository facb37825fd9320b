import { type Arrival, memoryNetwork, type Transport } from "@remote-log/mvds";
import { expect, test } from "vitest";

/** The first arrivals of a transport. */
async function take(transport: Transport, count: number): Promise<Arrival[]> {
  const found: Arrival[] = [];
  for await (const arrival of transport.receive()) {
    found.push(arrival);
    if (found.length === count) break;
  }
  return found;
}

test("what is sent arrives, from whom it is, in bytes of its own", async () => {
  const network = memoryNetwork();
  const [alice, bob] = [network.transport("alice"), network.transport("bob")];
  const payload = new Uint8Array([1]);
  await alice.send("bob", payload);
  payload[0] = 9;
  expect(await take(bob, 1)).toEqual([{ peer: "alice", payload: new Uint8Array([1]) }]);
});

test("who is offline can't be reached and reaches nobody, and coming online is told to both sides", async () => {
  const network = memoryNetwork();
  const [alice, bob] = [network.transport("alice"), network.transport("bob")];
  network.setOnline("bob", false);
  network.setOnline("bob", false);
  const unreachable = { code: "ERR_UNREACHABLE" };
  await expect(alice.send("bob", new Uint8Array())).rejects.toMatchObject(unreachable);
  await expect(bob.send("alice", new Uint8Array())).rejects.toMatchObject(unreachable);
  await expect(alice.send("nobody", new Uint8Array())).rejects.toMatchObject(unreachable);
  network.setOnline("bob", true);
  network.setOnline("bob", true);
  await alice.send("bob", new Uint8Array([1]));
  await bob.send("alice", new Uint8Array([2]));
  expect(await take(bob, 2)).toEqual([{ peer: "alice" }, { peer: "alice", payload: new Uint8Array([1]) }]);
  expect(await take(alice, 2)).toEqual([{ peer: "bob" }, { peer: "bob", payload: new Uint8Array([2]) }]);
});

test("it loses what it is told to lose, and what nobody takes in time", async () => {
  const network = memoryNetwork({ loses: (_from, _to, [first]) => first === 0 });
  const [alice, bob] = [network.transport("alice"), network.transport("bob")];
  for (let i = 0; i < 300; i++) await alice.send("bob", new Uint8Array([i % 2, i >> 8, i & 255]));
  await alice.send("bob", new Uint8Array([1, 9, 9]));
  const found = await take(bob, 151);
  expect(found.at(-1)!.payload).toEqual(new Uint8Array([1, 9, 9]));
  for (let i = 0; i < 300; i++) await alice.send("bob", new Uint8Array([1, i & 255]));
  expect(await take(bob, 256)).toHaveLength(256);
  await alice.send("bob", new Uint8Array([7]));
  expect((await take(bob, 1))[0]!.payload).toEqual(new Uint8Array([7]));
  const signal = AbortSignal.abort();
  for await (const _ of bob.receive({ signal })) expect.unreachable();
});

test("a signal ends an iteration that waits, and refuses what is sent after it", async () => {
  const network = memoryNetwork();
  const alice = network.transport("alice");
  const controller = new AbortController();
  const ended = (async () => {
    for await (const _ of alice.receive({ signal: controller.signal })) expect.unreachable();
  })();
  controller.abort(new Error("enough"));
  await ended;
  await expect(alice.send("alice", new Uint8Array(), { signal: controller.signal })).rejects.toThrow(
    "enough",
  );
});
