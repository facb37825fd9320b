// The calls of a reader: options and arguments of a wrong kind are refused by the name of the call, before anything is asked.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { memoryReaderStore, openReader, type Reader } from "../../src/index.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, writeLog } from "./written-log.ts";

const log = await writeLog(contents(3));

const first = async (stream: AsyncIterator<unknown>): Promise<unknown> => (await stream.next()).value;

test.each<[string, string, (reader: Reader) => Promise<unknown>]>([
  ["from", "`signal` of from", (reader) => first(reader.from(0, { signal: 1 as never }))],
  ["from", "`live` of from", (reader) => first(reader.from(0, { live: "yes" as never }))],
  ["from", "at least 0", (reader) => first(reader.from(-1))],
  [
    "fromSnapshot",
    "`removed` of fromSnapshot",
    (reader) => first(reader.fromSnapshot({ removed: "" as never })),
  ],
  ["follow", "`cursor` of follow", (reader) => first(reader.follow({} as never))],
  ["follow", "`removed` of follow", (reader) => first(reader.follow({ cursor: "c", removed: 1 as never }))],
  ["acknowledge", "The cursor must be", (reader) => reader.acknowledge(7 as never, 0)],
  ["acknowledge", "whole number", (reader) => reader.acknowledge("c", -1)],
  ["acknowledge", "whole number", (reader) => reader.acknowledge("c", 0.5)],
  ["read", "`signal` of read", (reader) => reader.entry(0, { signal: 1 as never })],
  ["read", "`signal` of read", (reader) => reader.sync({ signal: 1 as never })],
  ["read", "`signal` of read", (reader) => reader.receivedAt(0, { signal: 1 as never })],
])("%s: %s", async (call, words, use) => {
  const remote = scriptedRemote(log.contents, log.head);
  const store = memoryReaderStore();
  await using reader = await openReader({ logId: log.logId, remotes: [remote], store });
  const error = await failure(use(reader));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", operation: `reader.${call}` });
  expect(error.message).toContain(words);
  expect(remote.names.asked).toEqual([]);
});

test("the first states of a log are noted with the time at which this reader verified them", async () => {
  const store = memoryReaderStore();
  const remote = scriptedRemote(log.contents, log.head);
  const open = () => openReader({ logId: log.logId, remotes: [remote], store });
  await using reader = await open();
  const before = Date.now();
  await reader.sync();
  const at = (await reader.receivedAt(2))!;
  expect([at >= before, at <= Date.now(), await reader.receivedAt(0), await reader.receivedAt(3)]).toEqual([
    true,
    true,
    at,
    undefined,
  ]);
  await using later = await open();
  await later.sync();
  expect(await later.receivedAt(0)).toBe(at);
});
