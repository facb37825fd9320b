// What it costs to acknowledge in the log that one has, beside a second log for acknowledgements; docs/decisions/0018.
// To see the figures: TEST_WHOLE=1 pnpm vitest run packages/mvds/test/log/ack-costs.test.ts --silent=false

import { encodeMvdsMessage, openReader, openWriter, type Remote } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { encodePayload } from "@remote-log/mvds";
import { runs } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { readStatement } from "../../src/log/read-statement.ts";
import { GROUP } from "../engine/network.ts";
import { newDatabase } from "./devices.ts";

const ROUNDS = runs(5, 50);
const LOG = new Uint8Array(32).fill(1);

interface Cost {
  requests: number;
  bytes: number;
}

/** A remote that counts requests, and the bytes that they carry. */
function counted(cost: Cost): Remote {
  const remote = memoryRemote();
  const count = <T extends object>(
    part: T,
    sizeOf: (name: string, given: unknown[], result: unknown) => number,
  ): T =>
    new Proxy(part, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function" || !["put", "get", "has", "update", "resolve"].includes(String(name)))
          return value;
        return async (...given: unknown[]) => {
          const result: unknown = await (value as (...all: unknown[]) => unknown).apply(target, given);
          cost.requests++;
          cost.bytes += sizeOf(String(name), given, result);
          return result;
        };
      },
    });
  const lengthOf = (value: unknown): number => (value instanceof Uint8Array ? value.length : 0);
  return {
    ...remote,
    storage: count(remote.storage, (name, [content], result) => lengthOf(name === "put" ? content : result)),
    names: count(remote.names, (name, [, content], result) =>
      name === "update" ? lengthOf(content) : lengthOf((result as { content?: unknown }).content),
    ),
  };
}

/** A log and its one reader, which is up to date after each round. */
async function logOf(cost: Cost, byte: number) {
  const remotes = [counted(cost)];
  const seed = new Uint8Array(32).fill(byte);
  const settings = { identifiers: "mvds" } as const;
  const writer = await openWriter({ seed, journal: newDatabase(), remotes, publish: "manual", settings });
  const reader = await openReader({ logId: writer.logId, key: writer.readKey, remotes });
  let next = 0;
  return {
    async round(contents: readonly Uint8Array[]) {
      if (contents.length > 0) {
        await writer.appendAll(contents);
        await writer.publish();
      }
      for await (const { sequence } of reader.from(next)) next = sequence + 1;
    },
    async close() {
      await reader.close();
      await writer.close();
    },
  };
}

const messageAt = (round: number): Uint8Array => {
  const body = new Uint8Array(256).fill(round);
  return encodeMvdsMessage({ groupId: GROUP, timestamp: BigInt(round), body, parents: [], ephemeral: false });
};
const ackAt = (round: number): Uint8Array =>
  encodeMvdsMessage(readStatement([{ logId: LOG, first: round, end: round + 1 }], BigInt(round)));

/** What a round costs: in each, the node acknowledges, and sends a message if `sends` says so. */
async function costOf(place: "same log" | "second log", sends: boolean): Promise<Cost> {
  const cost = { requests: 0, bytes: 0 };
  const own = await logOf(cost, 1);
  const second = place === "second log" ? await logOf(cost, 2) : undefined;
  // What a log costs once is not what a round costs.
  await own.round([messageAt(0), ackAt(0)]);
  await second?.round([ackAt(0)]);
  const before = { ...cost };
  for (let round = 1; round <= ROUNDS; round++) {
    const messages = sends ? [messageAt(round)] : [];
    await own.round(second === undefined ? [...messages, ackAt(round)] : messages);
    await second?.round([ackAt(round)]);
  }
  await own.close();
  await second?.close();
  return {
    requests: (cost.requests - before.requests) / ROUNDS,
    bytes: Math.round((cost.bytes - before.bytes) / ROUNDS),
  };
}

test("an acknowledgement in the log that is published anyway costs a fraction of one in a second log", async () => {
  const same = { both: await costOf("same log", true), acks: await costOf("same log", false) };
  const second = { both: await costOf("second log", true), acks: await costOf("second log", false) };
  console.table({
    "same log, message and ack": same.both,
    "second log, message and ack": second.both,
    "same log, ack alone": same.acks,
    "second log, ack alone": second.acks,
  });
  expect(same.both.requests).toBeLessThan(0.6 * second.both.requests);
  expect(same.both.bytes).toBeLessThan(0.9 * second.both.bytes);
  // Who sends nothing saves no more than asking for the news of one log.
  expect(same.acks.requests).toBeLessThanOrEqual(second.acks.requests - 1);
});

test("a stretch is shorter than the ids of the messages in it, from two messages on", () => {
  const stretch = readStatement([{ logId: LOG, first: 100, end: 1100 }], 1n).body.length;
  const ids = (count: number): number =>
    encodePayload({ acks: Array.from({ length: count }, () => LOG), offers: [], requests: [], messages: [] })
      .length;
  expect([stretch, ids(1), ids(2), ids(1000)]).toEqual([41, 36, 72, 36_000]);
});
