// Reading from the newest snapshot: where it starts, what it costs, and what comes before anything is known.

import { failure, until } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { memoryReaderStore, openReader, type Reader, UnreachableError } from "../../src/index.ts";
import { ManifestLog, type ShownPlace } from "./manifest-log.ts";

const readerOf = (place: ShownPlace, store = memoryReaderStore()): Promise<Reader> =>
  openReader({ logId: place.logId, remotes: [place.remote], store, retries: 0, pollMilliseconds: 5 });

async function sequences(reader: Reader): Promise<number[]> {
  const found: number[] = [];
  for await (const { sequence } of reader.fromSnapshot()) found.push(sequence);
  return found;
}

test("without a manifest, or a snapshot in it, all entries are read", async () => {
  const log = await ManifestLog.write([
    { entries: 3 },
    { versions: 1 },
    { versions: 1, say: { snapshot: 0 } },
  ]);
  for (const step of [0, 1, 2])
    expect(await sequences(await readerOf(log.place("one", step)))).toEqual([0, 1, 2]);
});

test("a snapshot that no remote shows yet is told, and waited for", async () => {
  const log = await ManifestLog.write([
    { entries: 3, versions: 1, say: { snapshot: 4 } },
    { entries: 1 },
    { entries: 3 },
  ]);
  const place = log.place("one", 0);
  const reader = await readerOf(place);
  expect(await failure(sequences(reader))).toMatchObject({ code: "ERR_NOT_FOUND" });
  const live = reader.fromSnapshot({ live: true });
  const first = live.next();
  place.show(1);
  await reader.sync();
  place.show(2);
  expect(await first).toMatchObject({ value: { sequence: 4 } });
  expect(await live.next()).toMatchObject({ value: { sequence: 5 } });
  await live.return();
});

test("a live stream that begins offline starts at the snapshot all the same", async () => {
  const log = await ManifestLog.write([{ entries: 5, versions: 1, say: { snapshot: 3 } }]);
  const place = log.place("one", 0);
  place.names.fail(new UnreachableError("Offline.", { operation: "names.resolve" }));
  const reader = await readerOf(place);
  expect(await failure(sequences(reader))).toMatchObject({ code: "ERR_UNREACHABLE" });
  const { length: before } = place.names.asked;
  const live = reader.fromSnapshot({ live: true });
  const first = live.next();
  // The first sync has failed once the second begins.
  await until(() => place.names.asked.length > before + 1);
  place.show(0);
  expect(await first).toMatchObject({ value: { sequence: 3 } });
  await live.return();
});
