// The stores of the project, as fixtures of the suite.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenedReaderStore, ReaderStoreFixture } from "@remote-log/conformance";
import { memoryReaderStore } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";
import { databaseStoreFixture } from "./database-fixture.ts";

/** The store in memory; instances share its values. */
export function memoryStoreFixture(): ReaderStoreFixture {
  const places = new Map<string, Map<string, Uint8Array>>();
  const open = async ({ namespace }: { namespace: string }): Promise<OpenedReaderStore> => {
    const values = places.get(namespace) ?? new Map<string, Uint8Array>();
    places.set(namespace, values);
    return { store: memoryReaderStore({ values }) };
  };
  return { name: "memory", create: open, reopen: open };
}

/** A database in memory: what is closed is opened again, since nothing else holds its values. */
export function memoryLevelFixture(): ReaderStoreFixture {
  const databases = new Map<string, MemoryLevel<Uint8Array, Uint8Array>>();
  return databaseStoreFixture("memory-level", async (namespace) => {
    const database = databases.get(namespace) ?? new MemoryLevel<Uint8Array, Uint8Array>();
    databases.set(namespace, database);
    await database.open();
    return database;
  });
}

/** A LevelDB in a folder. */
export function classicLevelFixture(): ReaderStoreFixture {
  const folder = mkdtemp(join(tmpdir(), "reader-store-"));
  return {
    ...databaseStoreFixture(
      "classic-level",
      async (namespace) => new ClassicLevel<Uint8Array, Uint8Array>(join(await folder, namespace)),
    ),
    async [Symbol.asyncDispose]() {
      await rm(await folder, { recursive: true, force: true });
    },
  };
}
