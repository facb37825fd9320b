// A journal of the version before acknowledged uploads were noted: it continues where it was.

import { readFile } from "node:fs/promises";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { expect, test } from "vitest";
import { openWriter, type Remote } from "../../src/index.ts";
import { remoteIdIn } from "../../src/log/head.ts";
import { readCold, text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { wrapRemote } from "./wrapped-remote.ts";

interface Fixture {
  readonly journal: Readonly<Record<string, string>>;
  readonly storage: readonly string[];
  readonly name: string;
}

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

test("a journal without notes of uploads opens, settles its intent and uploads nothing again but what it can't know", async () => {
  const url = new URL("fixtures/journal-before-upload-records.json", import.meta.url);
  const fixture = JSON.parse(await readFile(url, "utf8")) as Fixture;
  const disk = new Map(
    Object.entries(fixture.journal).map(([key, value]) => [
      String.fromCharCode(...bytesOf(key)),
      bytesOf(value),
    ]),
  );
  const storage = memoryStorage();
  for (const content of fixture.storage) await storage.put(bytesOf(content));
  const table = new NameTable();
  const remote: Remote = { label: "one", storage, names: memoryNames({ table }) };
  const uploads: string[] = [];
  const before = new Set(fixture.storage);
  let looks = 0;
  const wrapped = wrapRemote(remote, (call, proceed) => {
    if (call.kind === "has") looks++;
    if (call.kind === "put") uploads.push(Buffer.from(call.content!).toString("hex"));
    return proceed();
  });
  const writer = await openWriter({
    seed: new Uint8Array(32).fill(21),
    journal: new PowerCutDatabase(disk),
    remotes: [wrapped],
    publish: "manual",
    settings: { visibility: "public", leafSize: 2, fanOut: 2 },
    leastCapacity: 1000,
    largestEmbedded: 12,
  });
  await remote.names.update(writer.logId, bytesOf(fixture.name), { expected: null });
  const entries = Array.from(
    { length: 15 },
    (_, i) => `entry ${i}${i % 3 === 0 ? " in an object of its own" : ""}`,
  );
  expect(writer.size).toBe(14);
  // In the head are two entries, of which one has an object of its own: nothing notes it.
  await writer.append(text(entries[14]!));
  await writer.publish();
  await writer.close();
  expect(uploads.filter((object) => before.has(object)).length).toBeLessThanOrEqual(1);
  expect(await readCold(writer.logId, remote)).toEqual(entries);
  // Nothing was looked for because the remote has no id yet: it got one.
  expect(looks).toBe(0);
  const found = await remote.names.resolve(writer.logId);
  expect(found.status === "found" && remoteIdIn(found.content)).toHaveLength(16);
});
