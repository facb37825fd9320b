// A log that is written to many places at once, read from each, and recovered, and everything about it that is secret.

import { createHash, hkdfSync, randomBytes } from "node:crypto";
import { deriveKeys, formatLink, openLink, openReader, openWriter, type Reader } from "@remote-log/core";
import { MemoryLevel } from "memory-level";
import { expect } from "vitest";
import type { Secret } from "../../src/leaks/index.ts";
import type { Backend, Place } from "./places.ts";

const keyNames = ["signing", "ipns", "swarm", "recovery", "read"] as const;

/** A log that was written and read. */
export interface LogAtPlaces {
  readonly places: readonly Place[];
  /** What nobody but its readers may know. */
  readonly secrets: readonly Secret[];
  /** The lengths of what each place was sent by the writer alone. */
  readonly lengths: readonly (readonly string[])[];
}

/** What {@link writeLog} writes. */
export interface LogOptions {
  /** The lengths of the contents, in bytes. At least 6. */
  readonly shape: readonly number[];
  readonly visibility: "private" | "public";
  /** Whether all secrets, and all that is in the URIs of the places, are appended besides, each as an entry. Default: false. */
  readonly showsSecrets?: boolean;
}

/** Writes a log to a new place on each backend, reads it from each, and recovers it. */
export async function writeLog(
  backends: readonly Backend[],
  { shape, visibility, showsSecrets = false }: LogOptions,
): Promise<LogAtPlaces> {
  const seed = randomBytes(32);
  const keys = deriveKeys(seed);
  // One after another: Bee sells one batch at a time.
  const places: Place[] = [];
  for (const backend of backends) places.push(await backend.place(keys));
  // Random, so that none of their windows is anywhere by chance.
  const contents = shape.map((length) => randomBytes(length));
  const remotes = await Promise.all(places.map((place) => place.open()));
  const writer = await openWriter({
    seed,
    journal: new MemoryLevel(),
    remotes,
    // Small pages and nodes, so that there are nodes over nodes.
    settings: { visibility, leafSize: 4, fanOut: 4 },
    leastCapacity: 1,
    publish: "manual",
  });
  const { logId } = writer;
  const readKey = derived(keys.read, "", "epoch/0");
  if (visibility === "private") expect(writer.readKey?.toBytes()).toEqual(readKey);
  const secrets: Secret[] = [
    ...contents.flatMap((bytes, i) => [
      { name: `content ${i}`, bytes },
      { name: `identifier ${i}`, bytes: createHash("sha256").update(bytes).digest() },
    ]),
    { name: "the seed", bytes: seed },
    ...keyNames.map((name) => ({ name: `the key ${name}`, bytes: keys[name] })),
    { name: "the read key", bytes: readKey },
    ...["identify", "seal"].map((label) => ({
      name: `the key to ${label}`,
      bytes: derived(readKey, logId, label),
    })),
  ];
  const half = Math.floor(contents.length / 2);
  await writer.appendAll(contents.slice(0, half));
  await writer.publish();
  // The manifest, too, gets a second version.
  for (const snapshot of contents.slice(half, half + 2)) {
    await writer.append(snapshot, { snapshot: true });
    await writer.publish();
  }
  const shown = showsSecrets ? [...secrets, ...places.flatMap(({ own }) => own)] : [];
  await writer.appendAll([...contents.slice(half + 2), ...shown.map(({ bytes }) => bytes)]);
  await writer.publish();
  const size = writer.size;
  const link = formatLink({
    logId,
    remotes: places.map(({ uri }) => uri),
    ...(writer.readKey && { key: writer.readKey }),
  });
  await writer.close();
  const lengths = await Promise.all(places.map((place) => place.lengths()));

  const key = writer.readKey;
  for (const place of places) {
    const remote = await place.openToRead();
    const reader = await openReader({ logId, remotes: [remote], ...(key && { key }) });
    expect(await countOf(reader), place.backend).toBe(size);
    await reader.close();
  }
  const open = (uri: string) => places.find((place) => place.uri === uri)!.openToRead();
  const schemes = Object.fromEntries(places.map(({ uri }) => [uri.slice(0, uri.indexOf(":") + 1), open]));
  const linked = await openLink(link, { schemes });
  expect(await countOf(linked)).toBe(size);
  await linked.close();
  const again = await openWriter({
    seed,
    journal: new MemoryLevel(),
    remotes: await Promise.all(places.map((place) => place.open())),
    logId,
    forRecovery: true,
    publish: "manual",
  });
  expect(await again.recover()).toMatchObject({ size });
  await again.publish();
  await again.close();
  return { places, secrets, lengths };
}

/** Reads everything, and then from the newest snapshot on. */
async function countOf(reader: Reader): Promise<number> {
  let count = 0;
  for await (const _ of reader.from(0)) count++;
  let since = 0;
  for await (const _ of reader.fromSnapshot()) since++;
  expect(since).toBeGreaterThan(0);
  expect(since).toBeLessThan(count);
  return count;
}

function derived(readKey: Uint8Array, logId: string, label: string): Uint8Array {
  const salt = Buffer.from(logId, "hex");
  return new Uint8Array(hkdfSync("sha256", readKey, salt, `remote-log/v1/${label}`, 32));
}
