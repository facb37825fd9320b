import {
  deriveKeys,
  generateSeed,
  memoryReaderStore,
  openReader,
  openWriter,
  type Remote,
  type Writer,
} from "@remote-log/core";
import { type SwarmNodeOptions, swarmNames, swarmStorage } from "@remote-log/swarm";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { beeOfFile } from "./bee-for-tests.ts";
import { topicOf, updateAddress } from "./feed/feed-address.ts";
import { type Between, honest, type NodeProxy, startNodeProxy } from "./node-proxy.ts";

// What a whole writer makes of a feed: it publishes, starts anew, loses answers, and meets another device.

const bee = await beeOfFile({ nodes: 2 });
const stamps = [await bee.buyBatch({ node: 0 }), await bee.buyBatch({ node: 1 })];

type Journal = MemoryLevel<Uint8Array, Uint8Array>;

const newJournal = (): Journal => new MemoryLevel({ keyEncoding: "view", valueEncoding: "view" });

/** A log, whose writer may be opened again and again on a journal: each opening is a new process. */
async function newWorld() {
  const seed = generateSeed();
  const nameKey = deriveKeys(seed).swarm;
  const proxy: NodeProxy = await startNodeProxy(bee.url);
  const ends: (() => Promise<unknown>)[] = [];
  const remote = (url: string, stamp?: string, manner: Partial<SwarmNodeOptions> = {}): Remote => {
    const options = { bee: url, ...manner, ...(stamp !== undefined && { stamp }) };
    return {
      label: "swarm",
      storage: swarmStorage(options),
      names: swarmNames({ ...options, readBackMilliseconds: 500, ...(stamp !== undefined && { nameKey }) }),
    };
  };
  return {
    proxy,
    nameKey,
    async open(
      journal: Journal,
      node = 0,
      { name, ...manner }: Partial<SwarmNodeOptions> & { readonly name?: string } = {},
    ): Promise<Writer> {
      await journal.open();
      const opened = remote(node === 0 ? proxy.url : bee.nodes[node]!, stamps[node], manner);
      const remotes = [{ ...opened, ...(name !== undefined && { name }) }];
      const writer = await openWriter({
        settings: { visibility: "public" },
        seed,
        journal,
        remotes,
        publish: "manual",
      });
      ends.push(() => writer.close());
      return writer;
    },
    async size({ logId }: Writer): Promise<number> {
      const { owner } = swarmNames({ bee: bee.url, nameKey }).nameOf(logId);
      const name = `${Buffer.from(owner).toString("hex")}/${topicOf(logId)}`;
      const remotes = [{ ...remote(bee.nodes[1]!), name }];
      const reader = await openReader({ logId, remotes, store: memoryReaderStore() });
      const { size } = await reader.sync();
      await reader.close();
      return size;
    },
    /** How many updates the feed has. */
    async updates({ logId }: Writer): Promise<number> {
      const { owner } = swarmNames({ bee: bee.url, nameKey }).nameOf(logId);
      for (let index = 0; ; index++) {
        const address = updateAddress(Buffer.from(owner).toString("hex"), topicOf(logId), index);
        const answer = await fetch(`${bee.nodes[1]}/chunks/${address}`);
        await answer.arrayBuffer();
        if (answer.status === 404) return index;
      }
    },
    close: () => Promise.all(ends.map((end) => end())),
  };
}

async function publish(writer: Writer, byte: number): Promise<void> {
  await writer.append(Uint8Array.of(byte));
  await writer.publish();
}

test("a writer publishes, starts anew, and continues: an update a publish, and each is confirmed", async () => {
  const world = await newWorld();
  const journal = newJournal();
  const first = await world.open(journal);
  for (const byte of [1, 2, 3]) await publish(first, byte);
  expect(first.status().remotes).toMatchObject([{ confirmed: 3 }]);
  await first.close();
  const second = await world.open(journal);
  for (const byte of [4, 5]) await publish(second, byte);
  expect(second.status().remotes).toMatchObject([{ confirmed: 5 }]);
  expect(await world.size(second)).toBe(5);
  expect(await world.updates(second)).toBe(5);
  await world.close();
});

test("a lost answer makes no second update: the writer finds its own, or sends the same bytes again", async () => {
  const world = await newWorld();
  const writer = await world.open(newJournal());
  await publish(writer, 1);
  let lost = 0;
  world.proxy.become(async (asked, passOn) => {
    const told = await passOn();
    return asked.path.startsWith("/soc/") && lost++ === 0 ? { status: 502, body: "" } : told;
  });
  await publish(writer, 2);
  expect(lost).toBe(1);
  expect(await world.size(writer)).toBe(2);
  expect(await world.updates(writer)).toBe(2);
  world.proxy.become(honest);
  await publish(writer, 3);
  expect(await world.updates(writer)).toBe(3);
  await world.close();
});

test("an update that the network loses is sent again", async () => {
  const world = await newWorld();
  const writer = await world.open(newJournal());
  await publish(writer, 1);
  const { pushes } = await bee.counts();
  world.proxy.become(async (asked, passOn) => {
    const isUpdate = asked.path.startsWith("/soc/");
    if (isUpdate && (await bee.counts()).pushes - pushes < 3) await bee.setFaults({ losePushes: 1 });
    return passOn();
  });
  await publish(writer, 2);
  expect(await world.size(writer)).toBe(2);
  expect(await world.updates(writer)).toBe(2);
  await bee.setFaults({});
  await world.close();
});

test("a look-up of feeds that shows an old update, or fails, makes no writer use an index again", async () => {
  const world = await newWorld();
  const journal = newJournal();
  const first = await world.open(journal);
  for (const byte of [1, 2, 3]) await publish(first, byte);
  await first.close();
  for (const [size, faults] of [
    [4, { feedsHideNewest: 2 }],
    [5, { feedsFail: true }],
  ] as const) {
    await bee.setFaults(faults);
    const again = await world.open(journal);
    await publish(again, size);
    expect(again.status().remotes).toMatchObject([{ confirmed: size }]);
    await again.close();
    await bee.setFaults({});
    expect(await world.size(again)).toBe(size);
    expect(await world.updates(again)).toBe(size);
  }
  await world.close();
});

test("while the node can't read, a writer that starts anew signs and publishes nothing", async () => {
  const world = await newWorld();
  const journal = newJournal();
  const first = await world.open(journal);
  await publish(first, 1);
  await first.close();
  const again = await world.open(journal);
  const posted = (): number => world.proxy.asked.filter(({ method }) => method === "POST").length;
  const before = posted();
  world.proxy.become((asked, passOn) => (asked.method === "GET" ? { status: 500, body: "" } : passOn()));
  await again.append(Uint8Array.of(2));
  expect(await failure(again.publish())).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(posted()).toBe(before);
  world.proxy.become(honest);
  await again.publish();
  expect(await world.size(again)).toBe(2);
  await world.close();
});

test("a second device with the same seed is told of the conflict, with the head that is there", async () => {
  const world = await newWorld();
  const [first, second] = [await world.open(newJournal()), await world.open(newJournal(), 1)];
  // Both have looked, and found nothing; both are about to write index 0.
  await publish(first, 1);
  await second.append(Uint8Array.of(2));
  const error = await failure(second.publish());
  expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(CONFLICT|RESTORED)$/) as string });
  await publish(first, 3);
  expect(await world.size(first)).toBe(2);
  await world.close();
});

test("of two running devices the one that comes second is told, and overwrites nothing", async () => {
  const world = await newWorld();
  const journal = newJournal();
  const first = await world.open(journal);
  await publish(first, 1);
  await first.close();
  // A copy of the journal on another device.
  const copy = newJournal();
  await copy.open();
  await journal.open();
  for await (const [key, value] of journal.iterator()) await copy.put(key, value);
  const [one, two] = [await world.open(journal), await world.open(copy, 1)];
  await publish(one, 2);
  await two.append(Uint8Array.of(9));
  const error = await failure(two.publish());
  expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(CONFLICT|RESTORED)$/) as string });
  await publish(one, 3);
  expect(await world.size(one)).toBe(3);
  expect(await world.updates(one)).toBe(3);
  await world.close();
});

/** Where the last chunk of the newest head is, which is a tree: its path on a node. */
async function chunkOfHead({ logId }: Writer, nameKey: Uint8Array): Promise<string> {
  const paths: string[] = [];
  const names = swarmNames({
    bee: bee.url,
    nameKey,
    fetch: (url, init) => {
      paths.push(new URL(url).pathname);
      return fetch(url, init);
    },
  });
  expect(await names.resolve(logId)).toMatchObject({ status: "found" });
  await names.close();
  return paths.at(-1) ?? "";
}

/** The network has lost a chunk, until it is stored again. */
function losing(path: string): Between {
  let isLost = true;
  return async (asked, passOn) => {
    if (isLost && asked.path === path) return { status: 404, body: "chunk not found" };
    const told = await passOn();
    if (asked.method === "POST" && Buffer.from(told.body).includes(path.slice("/chunks/".length)))
      isLost = false;
    return told;
  };
}

test("a writer continues where its newest head lost a chunk, and a new process publishes that head once more", async () => {
  const world = await newWorld();
  const journal = newJournal();
  const first = await world.open(journal);
  await first.appendAll(Array.from({ length: 7 }, (_, byte) => new Uint8Array(1000).fill(byte)));
  await first.publish();
  world.proxy.become(losing(await chunkOfHead(first, world.nameKey)));
  await publish(first, 1);
  expect(first.status().remotes).toMatchObject([{ confirmed: 8 }]);
  expect(await world.updates(first)).toBe(2);
  await first.close();
  world.proxy.become(losing(await chunkOfHead(first, world.nameKey)));
  const second = await world.open(journal);
  await second.publish();
  expect(second.status().remotes).toMatchObject([{ confirmed: 8 }]);
  expect(await world.updates(second)).toBe(3);
  await world.close();
});

test("an update that its node could not push is not published, though the node shows it", async () => {
  const world = await newWorld();
  const journal = newJournal();
  const manner = { upload: "deferred", uploadMilliseconds: 150 } as const;
  world.proxy.become((asked, passOn) =>
    asked.method === "GET" && asked.path.startsWith("/tags/")
      ? { status: 200, body: JSON.stringify({ split: 1, seen: 0, synced: 0 }) }
      : passOn(),
  );
  // Here, where it is tried again and again, and in a new process.
  for (const _ of [1, 2]) {
    const writer = await world.open(journal, 0, manner);
    if (writer.size === 0) await writer.append(Uint8Array.of(1));
    expect(await failure(writer.publish())).toMatchObject({ code: "ERR_UNREACHABLE", retry: "exhausted" });
    expect(writer.status().remotes).toMatchObject([{ published: 0 }]);
    await writer.close();
  }
  world.proxy.become(honest);
  const writer = await world.open(journal, 0, manner);
  await writer.publish();
  expect(writer.status().remotes).toMatchObject([{ confirmed: 1 }]);
  expect(await world.updates(writer)).toBe(1);
  await world.close();
});

test("a remote that is given another name under the label that it had is published under that name", async () => {
  const world = await newWorld();
  const journal = newJournal();
  const first = await world.open(journal);
  for (const byte of [1, 2]) await publish(first, byte);
  await first.close();
  const names = swarmNames({ bee: bee.url, nameKey: world.nameKey });
  const name = "another name";
  const second = await world.open(journal, 0, { name });
  await second.publish();
  expect(second.status().remotes).toMatchObject([{ confirmed: 2 }]);
  expect(await names.resolve(name)).toMatchObject({ revision: expect.stringMatching(/^0-/) as string });
  await publish(second, 3);
  expect(await names.resolve(name)).toMatchObject({ revision: expect.stringMatching(/^1-/) as string });
  await names.close();
  await world.close();
});

test("a writer whose whole feed is lost is told so, instead of publishing what no new reader finds", async () => {
  const world = await newWorld();
  const journal = newJournal();
  const first = await world.open(journal);
  for (const byte of [1, 2, 3, 4, 5, 6]) await publish(first, byte);
  await first.close();
  const { owner } = swarmNames({ bee: bee.url, nameKey: world.nameKey }).nameOf(first.logId);
  const [hex, topic] = [Buffer.from(owner).toString("hex"), topicOf(first.logId)];
  const lost = new Set([0, 1, 2, 3, 4, 5].map((index) => `/chunks/${updateAddress(hex, topic, index)}`));
  world.proxy.become(async (asked, passOn) =>
    lost.has(asked.path) ? { status: 404, body: "chunk not found" } : passOn(),
  );
  for (const _ of ["once", "and again"]) {
    const writer = await world.open(journal);
    await writer.append(Uint8Array.of(7));
    expect(await failure(writer.publish())).toMatchObject({ code: "ERR_STALE", retry: "never" });
    await writer.close();
  }
  expect(await world.updates(first)).toBe(6);
  await world.close();
});
