import { expect, test } from "vitest";
import { ArrivalQueue } from "../../src/transport/arrival-queue.ts";
import type { Arrival } from "../../src/transport/transport.ts";

async function takeAll(queue: ArrivalQueue): Promise<string[]> {
  const found: string[] = [];
  queue.push({ peer: "last" });
  for await (const { peer, payload } of queue.take()) {
    if (peer === "last") break;
    found.push(`${peer} ${payload?.[0]}`);
  }
  return found;
}

const arrival = (peer: string, first: number, length = 1): Arrival => {
  const payload = new Uint8Array(length);
  payload[0] = first;
  return { peer, payload };
};

test("peers take turns, and what is of one of them stays in order", async () => {
  const queue = new ArrivalQueue();
  for (let i = 0; i < 3; i++) queue.push(arrival("mallory", i));
  queue.push(arrival("alice", 7));
  queue.push(arrival("alice", 8));
  const found: Arrival[] = [];
  for await (const next of queue.take()) {
    found.push(next);
    if (found.length === 5) break;
  }
  expect(found.map(({ peer, payload }) => `${peer} ${payload![0]}`)).toEqual([
    "mallory 0",
    "alice 7",
    "mallory 1",
    "alice 8",
    "mallory 2",
  ]);
});

test("a peer that fills the queue loses its own newest for what others send", async () => {
  const queue = new ArrivalQueue();
  const pushed = Array.from({ length: 300 }, (_, i) => queue.push(arrival("mallory", i & 255)));
  expect(pushed.filter(Boolean)).toHaveLength(256);
  for (let i = 0; i < 10; i++) expect(queue.push(arrival("alice", i))).toBe(true);
  const all: Arrival[] = [];
  queue.push({ peer: "end" });
  for await (const next of queue.take()) {
    all.push(next);
    if (all.length === 256) break;
  }
  const of = (name: string): number[] =>
    all.flatMap(({ peer, payload }) => (peer === name && payload !== undefined ? [payload[0]!] : []));
  expect(of("alice")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(of("mallory")).toEqual(Array.from({ length: 245 }, (_, i) => i));
});

test("large payloads take the room of several; one alone always has room", async () => {
  const queue = new ArrivalQueue();
  // 1 and 4 for each: 51 of them have room.
  const pushed = Array.from({ length: 60 }, (_, i) => queue.push(arrival("mallory", i, 2 ** 20)));
  expect(pushed.filter(Boolean)).toHaveLength(51);
  const empty = new ArrivalQueue();
  expect(empty.push(arrival("alice", 1, 2 ** 27))).toBe(true);
  expect(empty.push(arrival("bob", 2))).toBe(true);
  expect(await takeAll(empty)).toEqual(["bob 2"]);
});
