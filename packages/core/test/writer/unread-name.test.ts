import { memoryStorage } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import {
  generateSeed,
  NameConflictError,
  type NameResolver,
  NotPropagatedError,
  openReader,
  openWriter,
  type Remote,
  TimeoutError,
  type Writer,
} from "../../src/index.ts";
import { looseNames } from "./loose-names.ts";

// Name systems without compare-and-set that show a head and not all of it, that show what nobody else sees yet, or that
// were given in place of others.

function newWorld(names: NameResolver = looseNames()) {
  const seed = generateSeed();
  const storage = memoryStorage();
  const saved = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  const remoteOf = (through: NameResolver): Remote => ({ label: "loose", storage, names: through });
  return {
    names,
    /** Opens the writer, as a new process would. */
    async open(through: NameResolver): Promise<Writer> {
      // A closed database in memory is not emptied: the journal continues.
      await saved.open();
      return openWriter({
        settings: { visibility: "public" },
        seed,
        journal: saved,
        remotes: [remoteOf(through)],
        publish: "manual",
      });
    },
    async size({ logId }: Writer, through: NameResolver = names): Promise<number> {
      const reader = await openReader({ logId, remotes: [remoteOf(through)] });
      return (await reader.sync()).size;
    },
  };
}

async function publish(writer: Writer, byte: number): Promise<void> {
  await writer.append(Uint8Array.of(byte));
  await writer.publish();
}

test("where a part of the newest head is lost, the writer that published it continues, and nobody else does", async () => {
  const world = newWorld();
  let isLost = false;
  const holed: NameResolver = {
    ...world.names,
    async resolve(name, options) {
      const found = await world.names.resolve(name);
      if (found.status === "found" && found.revision === options?.known) {
        return { status: "unchanged", revision: found.revision };
      }
      if (!isLost) return found;
      throw new NotPropagatedError("A part is missing.", { operation: "names.resolve", retry: "safe" });
    },
    async update(...args) {
      isLost = false;
      return world.names.update(...args);
    },
  };
  const first = await world.open(holed);
  await publish(first, 1);
  isLost = true;
  await publish(first, 2);
  expect(await world.size(first)).toBe(2);
  await first.close();
  isLost = true;
  // Nothing new to publish: the head is published once more.
  const second = await world.open(holed);
  await second.publish();
  expect(isLost).toBe(false);
  expect(await world.names.resolve(second.logId)).toMatchObject({ revision: "3" });
  // Another update stands there: it may be that of another device.
  isLost = true;
  await world.names.update(second.logId, Uint8Array.of(0), { expected: "3" });
  await second.append(Uint8Array.of(3));
  await expect(second.publish()).rejects.toMatchObject({ code: "ERR_NOT_PROPAGATED", retry: "safe" });
  expect(await world.names.resolve(second.logId)).toMatchObject({ revision: "4" });
  await second.close();
});

test("an update that may show before it is acknowledged is sent again until it is", async () => {
  const world = newWorld();
  const contents: Uint8Array[] = [];
  let acknowledges = false;
  const early: NameResolver = {
    ...world.names,
    capabilities: { ...world.names.capabilities, showsUnacknowledged: true },
    async update(name, content, options) {
      contents.push(content);
      const revision = await world.names.update(name, content, options);
      if (acknowledges) return revision;
      throw new TimeoutError("Nobody else has it.", { operation: "names.update" });
    },
  };
  const first = await world.open(early);
  await first.append(Uint8Array.of(1));
  await expect(first.publish()).rejects.toMatchObject({ code: "ERR_UNREACHABLE", retry: "exhausted" });
  await first.close();
  const second = await world.open(early);
  await expect(second.publish()).rejects.toMatchObject({ retry: "exhausted" });
  expect(second.status().remotes).toMatchObject([{ published: 0 }]);
  acknowledges = true;
  await second.publish();
  expect(second.status().remotes).toMatchObject([{ confirmed: 1 }]);
  for (const content of contents) expect(new Uint8Array(content)).toEqual(new Uint8Array(contents[0]!));
  await second.close();
});

test("a name under a label that another one had is begun anew", async () => {
  const world = newWorld();
  const first = await world.open(world.names);
  for (const byte of [1, 2]) await publish(first, byte);
  await first.close();
  const fresh = looseNames();
  // A name system that knows which revisions it never gave.
  const strict: NameResolver = {
    ...fresh,
    async update(name, content, options) {
      const found = await fresh.resolve(name);
      const newest = found.status === "found" ? found.revision : null;
      if (options.expected !== newest) {
        throw new NameConflictError("No revision of this name.", { operation: "names.update" });
      }
      return fresh.update(name, content, options);
    },
  };
  const second = await world.open(strict);
  await second.publish();
  await publish(second, 3);
  expect(await world.size(second, fresh)).toBe(3);
  await second.close();
});
