// What the journal holds of the manifest: versions that fit each other, what was signed, and objects that are what their hash says.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { manifestKey, manifestLeafKey, manifestObjectKey } from "../../src/journal/keys.ts";
import { ManifestRecords } from "../../src/journal/manifest-records.ts";
import { manifestLeafHash } from "../../src/log/manifest.ts";
import { text } from "../writer/log-contents.ts";
import { journalOf } from "./small-log.ts";

const versions = ["one", "two", "three"].map(text);
const leaves = versions.map(manifestLeafHash);

async function records(count = 0) {
  const { journal, database } = await journalOf(0);
  const manifest = new ManifestRecords(journal);
  for (let version = 1; version <= count; version++)
    await journal.write(manifest.versionOperations(version, versions[version - 1]!), true);
  return { journal, database, manifest };
}

const corrupt = { code: "ERR_JOURNAL_CORRUPT" };

test("a log that says nothing has no version", async () => {
  const { manifest } = await records();
  expect(await manifest.load()).toEqual({ bytes: undefined, leaves: [] });
  expect(await manifest.loadNewest()).toBeUndefined();
});

test("each version is the newest once it is added, and the leaf hashes of all are kept in order", async () => {
  for (let count = 1; count <= 3; count++) {
    const { manifest } = await records(count);
    expect(await manifest.load()).toEqual({ bytes: versions[count - 1], leaves: leaves.slice(0, count) });
    expect(await manifest.loadNewest()).toEqual(versions[count - 1]);
  }
});

test("what is loaded is a copy: who changes it changes nothing of the journal", async () => {
  const { manifest } = await records(2);
  const { bytes, leaves: loaded } = await manifest.load();
  for (const one of [bytes!, ...loaded]) one.fill(0);
  expect(await manifest.load()).toEqual({ bytes: versions[1], leaves: leaves.slice(0, 2) });
});

test.each<[string, (manifest: Awaited<ReturnType<typeof records>>) => Promise<void>]>([
  ["the newest is missing", ({ journal }) => journal.write([{ type: "del", key: manifestKey }], true)],
  [
    "the newest is another",
    ({ journal }) => journal.write([{ type: "put", key: manifestKey, value: versions[0]! }], true),
  ],
  [
    "the newest hash is missing",
    ({ journal }) => journal.write([{ type: "del", key: manifestLeafKey(3) }], true),
  ],
  [
    "a hash between is missing",
    ({ journal }) => journal.write([{ type: "del", key: manifestLeafKey(2) }], true),
  ],
  [
    "the first hash is missing",
    ({ journal }) => journal.write([{ type: "del", key: manifestLeafKey(1) }], true),
  ],
  [
    "all hashes are missing",
    ({ journal }) =>
      journal.write(
        [1, 2, 3].map((version) => ({ type: "del", key: manifestLeafKey(version) })),
        true,
      ),
  ],
])("versions do not fit each other if %s", async (_what, damage) => {
  const all = await records(3);
  await damage(all);
  expect(await failure(all.manifest.load())).toMatchObject(corrupt);
});

test("other versions take the place of all, however many these were, and of damaged ones", async () => {
  for (const count of [0, 1, 3]) {
    const { journal, manifest } = await records(3);
    await journal.write([{ type: "del", key: manifestLeafKey(2) }], true);
    const next = { bytes: versions[count - 1], leaves: leaves.slice(0, count) };
    await journal.write(await manifest.replaceOperations(next), true);
    expect(await manifest.load()).toEqual(next);
    for (let version = 1; version <= 3; version++)
      expect(await journal.get(manifestLeafKey(version))).toEqual(next.leaves[version - 1]);
  }
});

test("the largest checkpoint that was signed is kept as text, until there is none", async () => {
  const { journal, manifest } = await records();
  expect(await manifest.loadSigned()).toBeUndefined();
  await journal.write([manifest.signedOperation("a note")], true);
  expect(await manifest.loadSigned()).toBe("a note");
  await journal.write([manifest.signedOperation(undefined)], true);
  expect(await manifest.loadSigned()).toBeUndefined();
});

test("an object is found by its hash, and is not believed if it is another one, or missing", async () => {
  const { journal, manifest } = await records();
  const hash = sha256(versions[0]!);
  expect(await failure(manifest.loadObject(hash))).toMatchObject(corrupt);
  await journal.write([manifest.objectOperation(versions[0]!)], true);
  expect(await manifest.loadObject(hash)).toEqual(versions[0]);
  await journal.write([{ type: "put", key: manifestObjectKey(hash), value: versions[1]! }], true);
  expect(await failure(manifest.loadObject(hash))).toMatchObject(corrupt);
});
