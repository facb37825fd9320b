// What a head says of the manifest on one remote: what is stored before, what the remote has already, and what is noted.

import { bytesToHex } from "@noble/hashes/utils.js";
import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { type Address, addressOf, type HashType, rawSha256, UnreachableError } from "../../src/index.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { manifestLeafHash } from "../../src/log/manifest.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { readyManifest } from "../../src/writer/store-manifest.ts";
import { journalOf } from "../journal/small-log.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { text } from "./log-contents.ts";

const { signal } = new AbortController();
const [one, two] = ["one keyring", "two keyrings"].map(text) as [Uint8Array, Uint8Array];
const otherHash: HashType = { ...rawSha256, name: "other", codec: 0x71 };

/** A remote, and a writer that says something; `stored` has what is sent, in order. */
async function saying(version: number, { length = 5, names = [one], hashType = rawSha256 } = {}) {
  const { journal, database } = await journalOf(0);
  const records = new RemoteRecords(journal, "here");
  const remote = scriptedRemote(new Map());
  const stored: Uint8Array[] = [];
  const put = vi.fn<(content: Uint8Array) => Promise<Address>>(async (content) => {
    stored.push(content);
    return addressOf(content, hashType);
  });
  Object.assign(remote.storage, {
    put,
    capabilities: { ...remote.storage.capabilities, hashTypes: [hashType] },
  });
  const say = (next: number, named: readonly Uint8Array[] = names) => {
    const bytes = new Uint8Array(length).fill(next);
    const leaves = Array.from({ length: next }, (_, i) => manifestLeafHash(Uint8Array.of(i)));
    const epochs = named.map((keyring) => ({ keyring: sha256(keyring) }));
    const manifests = {
      newest: { bytes, manifest: { epochs, snapshot: 3 } },
      ...{ leaves, version: next },
      sign: async () => ({ note: `note ${next}` }),
      prefix: (size: number) => {
        const range = CompactRange.empty();
        for (const leaf of leaves.slice(0, size)) range.appendLeaf(leaf);
        return range;
      },
      records: {
        loadObject: async (hash: Uint8Array) =>
          [one, two].find((it) => bytesToHex(sha256(it)) === bytesToHex(hash))!,
      },
    };
    const writer = { manifests, journal } as never;
    return { ready: () => readyManifest({ remote, writer, records }, signal), bytes, leaves };
  };
  return { ...say(version), say, stored, put, records, journal, database };
}

test("a log without a manifest has nothing to store", async () => {
  const { records } = await saying(1);
  const writer = { manifests: { newest: undefined }, journal: undefined } as never;
  expect(await readyManifest({ remote: scriptedRemote(new Map()), writer, records }, signal)).toBeUndefined();
});

test("a small first version is in the head; what it names is stored, and noted as that", async () => {
  const { ready, bytes, stored, records, database } = await saying(1);
  const { head, ...more } = (await ready())!;
  expect(more).toEqual({ signed: { note: "note 1" }, version: 1, snapshot: 3 });
  expect(head).toEqual({ bytes, note: "note 1", peaks: [], objects: [] });
  expect(stored).toEqual([one]);
  expect([await records.loadManifest(), [...(await records.loadNamedObjects())]]).toEqual([
    ...[1, [bytesToHex(sha256(one))]],
  ]);
  expect(database.writes.map(({ sync }) => sync)).toEqual([false]);
  // Nothing is sent or written twice.
  expect((await ready())!.head).toEqual(head);
  expect([stored.length, database.writes.length]).toEqual([1, 1]);
});

test("a version is stored by itself if it is large, and leaf hashes from the third version on", async () => {
  for (const [version, length, apart] of [
    [1, 1024, []],
    [1, 1025, ["address"]],
    [2, 1024, []],
    [3, 1024, ["leaves"]],
    [3, 1025, ["address", "leaves"]],
  ] as const) {
    const { ready, bytes, leaves, stored } = await saying(version, { length, names: [] });
    const { head } = (await ready())!;
    expect(Object.keys(head).filter((key) => key === "address" || key === "leaves")).toEqual(apart);
    const joined = new Uint8Array(leaves.flatMap((leaf) => [...leaf]));
    const objects = { address: bytes, leaves: joined };
    expect(stored).toEqual(apart.map((part) => objects[part]));
    for (const part of apart) expect(`${head[part]}`).toBe(`${await addressOf(objects[part], rawSha256)}`);
    expect(head.peaks).toHaveLength([0, 1, 1][version - 1]!);
  }
});

test("what the version before named is not sent again, and what is new is", async () => {
  const { ready, say, stored, records } = await saying(1);
  await ready();
  await say(2, [one, two]).ready();
  expect(stored).toEqual([one, two]);
  expect(await records.loadManifest()).toBe(2);
});

test("what was noted as stored is not sent, also if nobody noted what it names", async () => {
  const { ready, stored, journal, records } = await saying(3, { length: 2000 });
  await journal.write([records.manifestOperation(3)], true);
  expect((await ready())!.head).toMatchObject({ address: expect.anything(), leaves: expect.anything() });
  expect(stored).toEqual([]);
});

test("if addresses hold no SHA-256, the head says where each object is", async () => {
  const { ready } = await saying(1, { names: [one, two], hashType: otherHash });
  const { objects } = (await ready())!.head;
  expect(objects.map(({ hash, address }) => [hash, `${address}`])).toEqual([
    [sha256(one), `${await addressOf(one, otherHash)}`],
    [sha256(two), `${await addressOf(two, otherHash)}`],
  ]);
});

test("an upload that fails in a way that may pass is made again, and otherwise nothing is noted", async () => {
  const { ready, put, records } = await saying(1);
  put.mockRejectedValueOnce(new UnreachableError("not now", { operation: "storage.put", retry: "safe" }));
  await ready();
  expect([put.mock.calls.length, await records.loadManifest()]).toEqual([2, 1]);
  const refusing = await saying(1);
  const refusal = new Error("no");
  refusing.put.mockRejectedValue(refusal);
  expect(await failure(refusing.ready())).toBe(refusal);
  expect(await refusing.records.loadManifest()).toBe(0);
});
