// The manifests of the corpus.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { openWriter } from "../../packages/core/src/index.ts";
import { encodeManifest } from "../../packages/core/src/wire/manifest-message.ts";
import { logSeed } from "./decoders/signed.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A manifest with all that one can say. */
export const wholeManifest: Uint8Array = encodeManifest({
  ...{ version: 4167, previous: new Uint8Array(32).fill(3), firstKept: 5, snapshot: 10 },
  successions: [bytes("one"), bytes("two")],
  epochs: [
    { first: 0, keyId: new Uint8Array(16).fill(1), keyring: new Uint8Array(0) },
    { first: 300, keyId: new Uint8Array(16).fill(2), keyring: new Uint8Array(32).fill(4) },
  ],
  removed: [
    { first: 0, count: 1 },
    { first: 2, count: 3 },
  ],
  remotes: bytes("somewhere"),
});

/** Heads of a log that says something of itself: one version after the other. */
export async function writeManifests(): Promise<readonly Uint8Array[]> {
  const table = new NameTable();
  const remote = { label: "one", storage: memoryStorage(), names: memoryNames({ table }) };
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  const writer = await openWriter({
    seed: logSeed,
    journal,
    remotes: [remote],
    settings: { visibility: "public", leafSize: 4, fanOut: 2 },
    ...{ publish: "manual", largestEmbedded: 16, leastCapacity: 1000 },
  });
  const heads: Uint8Array[] = [];
  for (const state of ["one", "two", "three", "four"]) {
    await writer.append(bytes(state), { snapshot: true });
    await writer.publish();
    heads.push(table.values.get(writer.logId)!.content.slice());
  }
  // A snapshot that is in a page, and whose content is stored on its own.
  await writer.append(bytes("a state that is too large to be embedded"), { snapshot: true });
  for (const after of ["a", "b", "c", "d"]) await writer.append(bytes(after));
  await writer.publish();
  heads.push(table.values.get(writer.logId)!.content.slice());
  await writer.close();
  return heads;
}
