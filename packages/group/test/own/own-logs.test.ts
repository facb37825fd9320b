// What a message says of those before it: its parents, and its time.

import { generateSeed } from "@remote-log/core";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { GroupKeys } from "../../src/keys.ts";
import { OwnLogs } from "../../src/own/own-logs.ts";
import { GroupStore } from "../../src/store/group-store.ts";
import { decodeEnvelope } from "../../src/wire/envelope.ts";

test("a message names the newest of each other log that its author has read and not named yet, and its time is later than theirs", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const store = new GroupStore(database);
  const clock = { now: 1000 };
  const own = await OwnLogs.open(new GroupKeys(generateSeed()), new MemoryLevel(), store, {
    ...{ database, sync: "manual", now: () => clock.now, onUndecodable: () => undefined },
  });
  const [bob, carol] = ["b".repeat(64), "c".repeat(64)] as const;
  const reads = (log: string, sequence: number, time: number): Promise<void> =>
    store.add([{ log, sequence, time, content: new Uint8Array(1), receivedAt: 1 }]);
  const says = async (): Promise<unknown> => {
    const message = { body: new Uint8Array(1), type: "note", version: 1, attachments: [] };
    const { receipt, time } = await own.appendMessage(message, undefined);
    const kept = await store.entry({ log: own.messages.id, sequence: receipt.sequence });
    const envelope = decodeEnvelope(kept!.content);
    expect(envelope.time).toBe(time);
    return [time, envelope.parents];
  };
  expect(await says()).toEqual([1000, []]);
  await reads(carol, 0, 4000);
  await reads(bob, 0, 5000);
  await reads(bob, 1, 5001);
  const both = [
    { log: bob, sequence: 1 },
    { log: carol, sequence: 0 },
  ];
  expect(await says()).toEqual([5002, both]);
  // What an earlier one has named, it need not name again; its time is later than that one's all the same.
  expect(await says()).toEqual([5003, []]);
  await reads(carol, 1, 5000);
  clock.now = 9000;
  expect(await says()).toEqual([9000, [{ log: carol, sequence: 1 }]]);
  await own.close();
});
