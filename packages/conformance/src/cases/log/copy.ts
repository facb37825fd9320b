// LOG-COPY: logs that move from one kind of storage to another without being signed anew.

import { Address, type Remote, rawSha256, type StorageBackend } from "@remote-log/core";
import { memoryNames, memoryStorage } from "@remote-log/memory";
import { check, equal, fail, sameBytes } from "../../assert.ts";
import { lyingRemote } from "../../liar/index.ts";
import type { LogCase } from "./log-case.ts";
import { type LogWorld, newJournal } from "./log-world.ts";

/** Logs that are moved from one kind of storage to another without being signed anew. */
export const copyCases: readonly LogCase[] = [
  {
    id: "LOG-COPY-01",
    title: "a log that is copied object by object from the adapter to memory reads the same, byte for byte",
    requires: ["reopen"],
    async run(world) {
      // If the addresses are of another kind, the copy is made by publishing again.
      if (!usesRawSha256(world.remote.storage)) return republished(world);
      const memory = world.memory();
      const { logId, written, contents } = await writeOn(world, world.remote);
      const other = await world.another();
      await world.settled(() => copy(other, memory, logId, contents));
      await world.readsAll([memory], logId, written);
    },
  },
  {
    id: "LOG-COPY-02",
    title: "a log that is copied object by object from memory to the adapter reads the same, byte for byte",
    requires: ["reopen"],
    async run(world) {
      if (!usesRawSha256(world.remote.storage)) return republished(world);
      const { largestContent } = world.remote.names.capabilities;
      // What its names can hold decides whether the head is under the name or in the storage.
      const names = memoryNames({ largestContent });
      const memory: Remote = { label: "memory", storage: memoryStorage(), names };
      const { logId, written, contents } = await writeOn(world, memory);
      await copy(memory, world.remote, logId, contents);
      const other = await world.another();
      await world.readsAll([other], logId, written);
      for (const [address, content] of contents) {
        sameBytes(await other.storage.get(Address.fromString(address)), content, `the copy at ${address}`);
      }
    },
  },
  {
    id: "LOG-COPY-03",
    title: "a journal that is published to a second remote later has the same signed checkpoint there",
    requires: ["reopen"],
    run: republished,
  },
];

function usesRawSha256({ capabilities }: StorageBackend): boolean {
  const [{ codec, hash, digestBytes }] = [capabilities.hashTypes[0]!];
  return codec === rawSha256.codec && hash === rawSha256.hash && digestBytes === rawSha256.digestBytes;
}

async function writeOn(
  world: LogWorld,
  remote: Remote,
): Promise<{ logId: string; written: Uint8Array[]; contents: ReadonlyMap<string, Uint8Array> }> {
  const [written, liar] = [world.contents(9), lyingRemote(remote)];
  const writer = await world.writer([liar]);
  for (const size of [4, 9]) {
    await writer.appendAll(written.slice(writer.size, size));
    await writer.publish();
  }
  await world.readsAll([remote], writer.logId, written);
  return { logId: writer.logId, written, contents: liar.history.contents };
}

/** Copies the objects and the name; the addresses have to stay the same. */
async function copy(
  from: Remote,
  to: Remote,
  logId: string,
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  check(contents.size > 5, "the log has hardly any objects");
  for (const [text, content] of contents) {
    const read = await from.storage.get(Address.fromString(text));
    sameBytes(read, content, `the content at ${text}`);
    equal(String(await to.storage.put(read)), text, "the address of the copy");
  }
  const head = await from.names.resolve(logId);
  if (head.status !== "found") fail(`the name of the log is ${head.status}`);
  await to.names.update(logId, head.content, { expected: null });
}

async function republished(world: LogWorld): Promise<void> {
  const [seed, journal, written] = [world.seed(), newJournal(), world.contents(7)];
  const first = await world.writer([world.remote], { seed, journal });
  await first.appendAll(written);
  await world.confirmed(first);
  await first.close();
  const [other, memory] = [await world.another(), world.memory()];
  const second = await world.writer([other, memory], { seed, journal });
  await world.settled(() => second.publish());
  const notes: (string | undefined)[] = [];
  for (const remote of [world.remote, memory]) {
    await world.readsAll([remote], first.logId, written);
    const reader = await world.reader([remote], first.logId);
    await reader.sync();
    notes.push(reader.checkpoint);
  }
  equal(notes[0], notes[1], "the signed checkpoint of the adapter");
}
