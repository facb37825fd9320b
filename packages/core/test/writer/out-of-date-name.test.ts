import { memoryStorage } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import {
  generateSeed,
  type KeyValueDatabase,
  openReader,
  openWriter,
  type Remote,
  StaleError,
  type Writer,
} from "../../src/index.ts";
import { looseNames } from "./loose-names.ts";
import { type Call, wrapRemote } from "./wrapped-remote.ts";

// A name system without compare-and-set whose resolver knows when all that it is shown is out of date.

interface World {
  readonly remote: Remote;
  readonly calls: Call[];
  /** Whether all that the name shows is out of date. */
  stale: boolean;
  /** Opens the writer, as a new process would. */
  readonly open: (journal?: KeyValueDatabase) => Promise<Writer>;
  readonly size: (writer: Writer) => Promise<number>;
}

function newWorld(): World {
  const honest: Remote = { label: "loose", storage: memoryStorage(), names: looseNames() };
  const seed = generateSeed();
  const saved = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  const calls: Call[] = [];
  const world: World = {
    calls,
    stale: false,
    remote: wrapRemote(honest, (call, proceed) => {
      calls.push(call);
      const outOfDate = world.stale && call.kind === "resolve";
      if (outOfDate) return Promise.reject(new StaleError("It has expired.", { operation: "names.resolve" }));
      return proceed();
    }),
    async open(journal) {
      // A closed database in memory is not emptied: the journal continues.
      await saved.open();
      return openWriter({
        settings: { visibility: "public" },
        seed,
        journal: journal ?? saved,
        remotes: [world.remote],
        publish: "manual",
      });
    },
    async size({ logId }) {
      const reader = await openReader({ logId, remotes: [honest] });
      return (await reader.sync()).size;
    },
  };
  return world;
}

const updates = ({ calls }: World): Call[] => calls.filter(({ kind }) => kind === "update");

test("a writer that has looked at the name continues by its own count while all that shows is out of date", async () => {
  const world = newWorld();
  const writer = await world.open();
  await writer.append(Uint8Array.of(1));
  await writer.publish();
  world.stale = true;
  for (const byte of [2, 3]) {
    await writer.append(Uint8Array.of(byte));
    await writer.publish();
  }
  expect(updates(world).map(({ expected }) => expected)).toEqual([null, "1", "2"]);
  expect(writer.status().remotes).toMatchObject([{ published: 3, confirmed: 1 }]);
  expect(await world.size(writer)).toBe(3);
  world.stale = false;
  await writer.publish();
  expect(writer.status().remotes).toMatchObject([{ confirmed: 3 }]);
  await writer.close();
});

test("an update of unknown outcome is sent again, byte for byte, while all that shows is out of date", async () => {
  const world = newWorld();
  const writer = await world.open();
  await writer.append(Uint8Array.of(1));
  await writer.publish();
  world.stale = true;
  const names = world.remote.names;
  const update = names.update.bind(names);
  let lost = 2;
  Object.assign(names, {
    async update(...args: Parameters<typeof update>) {
      const revision = await update(...args);
      if (lost-- > 0) throw new TypeError("The answer was lost.");
      return revision;
    },
  });
  await writer.append(Uint8Array.of(2));
  await writer.publish();
  const [, ...sent] = updates(world);
  expect(sent.map(({ expected }) => expected)).toEqual(["1", "1", "1"]);
  for (const { content } of sent) expect(content).toEqual(sent[0]!.content);
  expect(await world.size(writer)).toBe(2);
  await writer.close();
});

test("a writer that has just been opened signs nothing before it has seen the name", async () => {
  const world = newWorld();
  const first = await world.open();
  await first.append(Uint8Array.of(1));
  await first.publish();
  await first.close();
  const before = updates(world).length;
  world.stale = true;
  // On its own journal, and on an empty one: what it lacks is what the out-of-date record may show.
  for (const journal of [undefined, new MemoryLevel<Uint8Array, Uint8Array>()]) {
    const writer = await world.open(journal);
    await writer.append(Uint8Array.of(2));
    await expect(writer.publish()).rejects.toMatchObject({ code: "ERR_STALE", retry: "safe" });
    expect(updates(world).length).toBe(before);
    await writer.close();
  }
  world.stale = false;
  const second = await world.open();
  await second.publish();
  expect(await world.size(second)).toBe(2);
  await second.close();
});
