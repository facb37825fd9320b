// What the manifest leads to on a remote: objects that it names, large versions, leaf hashes; also where addresses hold no SHA-256.

import { createHash } from "node:crypto";
import { memoryStorage } from "@remote-log/memory";
import { expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import {
  addressOf,
  type HashType,
  openReader,
  type Remote,
  rawSha256,
  type StorageBackend,
} from "../../src/index.ts";
import { manifestObjectKey } from "../../src/journal/keys.ts";
import { verifyHead } from "../../src/log/head.ts";
import { manifestLeaves, manifestObject } from "../../src/tree/manifest-versions.ts";
import { ManifestDevice, ManifestPlace } from "./manifest-device.ts";

const rawSha512: HashType = {
  name: "raw sha2-512",
  codec: 0x55,
  hash: 0x13,
  digestBytes: 64,
  digest: (bytes) => new Uint8Array(createHash("sha512").update(bytes).digest()),
};

/** The same place, with addresses of another kind. */
function withSha512({ remote, contents }: ManifestPlace): Remote {
  const { storage } = remote;
  const foreign: StorageBackend = {
    ...storage,
    capabilities: { ...storage.capabilities, hashTypes: [rawSha512] },
    put: async (content) => {
      const address = await addressOf(content, rawSha512);
      contents.set(`${address}`, content.slice());
      return address;
    },
    get: async (address, options) => {
      const content = contents.get(`${address}`);
      return content?.slice() ?? memoryStorage().get(await addressOf(new Uint8Array(0), rawSha256), options);
    },
    has: async (address) => contents.has(`${address}`),
  };
  return { ...remote, storage: foreign };
}

const keyring = new TextEncoder().encode("a keyring");
const keyId = new Uint8Array(16).fill(1);

/** Three versions, of which the last is large and names an object. */
async function sayAll(device: ManifestDevice): Promise<void> {
  await device.say({ firstKept: 1 });
  await device.say({ firstKept: 2 });
  const steps = [{ type: "put" as const, key: manifestObjectKey(sha256(keyring)), value: keyring }];
  await device.writer.changeManifest(
    (content) => ({
      ...content,
      epochs: [{ first: 0, keyId, keyring: sha256(keyring) }],
      remotes: new Uint8Array(2000).fill(7),
    }),
    steps,
  );
}

/** Reads all that the manifest under a name leads to. */
async function readAll(place: ManifestPlace, remote: Remote, logId: string): Promise<number> {
  const reader = await openReader({ logId, remotes: [remote], retries: 0 });
  await reader.sync();
  const { manifest } = await verifyHead(reader.views[0]!.head.bytes, logId);
  const options = { maxBytes: 100 };
  expect(await manifestObject(manifest!, sha256(keyring), remote.storage, options)).toEqual(keyring);
  expect(await manifestLeaves({ manifest: manifest!, storages: [remote.storage] }, undefined)).toHaveLength(
    3,
  );
  expect(reader.manifest?.remotes).toHaveLength(2000);
  expect(place.table.values.get(logId)!.content.length).toBeLessThan(2000);
  await reader.close();
  return manifest!.objects.length;
}

test.each([
  ["SHA-256", false],
  ["another hash", true],
])(
  "all of it is found where addresses hold %s, put back by a repair, and taken over by a recovery",
  async (_, isForeign) => {
    const place = new ManifestPlace();
    const remote = isForeign ? withSha512(place) : place.remote;
    const device = new ManifestDevice();
    const writer = await device.open([remote]);
    await device.append("zero", "one");
    await sayAll(device);
    await writer.publish();
    const listed = isForeign ? 1 : 0;
    expect(await readAll(place, remote, writer.logId)).toBe(listed);
    // Nothing is sent twice.
    const before = place.contents.size;
    await device.append("two");
    await writer.publish();
    expect(place.contents.size - before).toBeLessThanOrEqual(1);
    place.contents.clear();
    await writer.repair();
    expect(await readAll(place, remote, writer.logId)).toBe(listed);
    const found = new ManifestDevice();
    const recovered = await found.open([remote], { forRecovery: true, logId: writer.logId });
    await recovered.recover();
    expect(recovered.manifest).toEqual(writer.manifest);
    place.contents.clear();
    await recovered.repair();
    expect(await readAll(place, remote, writer.logId)).toBe(listed);
  },
);
