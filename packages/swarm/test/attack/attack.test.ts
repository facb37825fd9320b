import {
  type ForkError,
  generateSeed,
  memoryReaderStore,
  openReader,
  verifyForkEvidence,
} from "@remote-log/core";
import { serverOrSkip, startBee } from "@remote-log/servers";
import { swarmNames } from "@remote-log/swarm";
import { afterAll, describe, expect, test } from "vitest";
import { honest, startNodeProxy } from "../node-proxy.ts";
import {
  chunkAt,
  exchanging,
  hiding,
  notFound,
  publishLog,
  readerRemote,
  readThrough,
} from "./attacked-log.ts";

const { skip } = await serverOrSkip("bee");

// The attacker owns every node that the reader asks.
describe.skipIf(skip)("a reader whose node lies about the history of a log", async () => {
  if (skip) return;
  const [bee, elsewhere] = await Promise.all([startBee(), startBee()]);
  afterAll(() => Promise.all([bee.stop(), elsewhere.stop()]));
  const [stamp, otherStamp] = await Promise.all([bee.buyBatch(), elsewhere.buyBatch()]);
  const seed = generateSeed();
  const sizes = [3, 20, 40];
  const [log, other, branch] = await Promise.all([
    publishLog({ url: bee.url, stamp, sizes, seed }),
    publishLog({ url: bee.url, stamp, sizes }),
    // What a second device made of it that never saw the first one's network.
    publishLog({
      url: elsewhere.url,
      stamp: otherStamp,
      sizes: [3, 20, 41],
      seed,
      branch: { from: 10, words: " elsewhere" },
    }),
  ]);
  const node = await startNodeProxy(bee.url);
  const newest = log.sizes.length - 1;

  test("without an attacker the log is read whole, and so is the second history of it", async () => {
    node.become(honest);
    expect(await readThrough(node.url, log)).toMatchObject({ texts: log.texts, error: undefined });
    expect(await readThrough(elsewhere.url, branch)).toMatchObject({ texts: branch.texts, error: undefined });
    expect(branch.logId).toBe(log.logId);
  });

  test("an older index as the newest is refused to whoever knows from the link how much there is", async () => {
    node.become(hiding(log.update(newest)));
    const floor = { size: log.sizes[newest]! };
    const delivery = await readThrough(node.url, log, { floor });
    expect(delivery).toMatchObject({ texts: [], size: 0, error: { code: "ERR_ROLLBACK" } });
  });

  test("an older index as the newest is stale to whoever has seen more, and read only as far as it is proven", async () => {
    const store = memoryReaderStore();
    node.become(honest);
    expect((await readThrough(node.url, log, { store })).error).toBeUndefined();
    node.become(hiding(log.update(newest)));
    // Under another label, nobody tells the adapter what was seen.
    const remotes = [readerRemote(node.url, log, "another node")];
    const later = await readThrough(node.url, log, { store, remotes });
    expect(later).toMatchObject({ size: 40, error: { code: "ERR_STALE", retry: "safe", offered: 20 } });
    expect(later.texts).toEqual(log.texts.slice(0, 20));
  });

  test.each([
    ["the newest update", [newest]],
    ["all updates", [0, 1, newest]],
  ])("where %s disappears, a reader keeps what it has verified, and gets nothing else", async (_, hidden) => {
    const store = memoryReaderStore();
    node.become(honest);
    await readThrough(node.url, log, { store });
    node.become(hiding(...hidden.map(log.update)));
    const later = await readThrough(node.url, log, { store });
    expect(later.size).toBe(40);
    expect(later.texts).toEqual(later.error === undefined ? log.texts : []);
  });

  test("whoever runs on is shown nothing older than what was seen, by a reader or by the name itself", async () => {
    node.become(honest);
    const remote = readerRemote(node.url, log);
    const reader = await openReader({ logId: log.logId, remotes: [remote] });
    expect((await reader.sync()).size).toBe(40);
    node.become(hiding(log.update(newest)));
    await reader.sync().catch(() => undefined);
    expect(reader.size).toBe(40);
    await expect(remote.names.resolve(log.logId)).rejects.toMatchObject({ code: "ERR_STALE", retry: "safe" });
    await reader.close();
  });

  test("an update given for another index of the same feed is refused, newer or older", async () => {
    for (const swaps of [{ [log.update(3)]: log.update(0) }, { [log.update(newest)]: log.update(1) }]) {
      node.become(exchanging(bee.url, swaps));
      const delivery = await readThrough(node.url, log);
      expect(delivery).toMatchObject({
        texts: [],
        size: 0,
        error: { name: expect.stringMatching(/Error$/) },
      });
      expect(["ERR_INTEGRITY", "ERR_UNREACHABLE"]).toContain(delivery.error?.code);
    }
  });

  test("the update of another log is refused in this one's feed", async () => {
    node.become(
      exchanging(bee.url, Object.fromEntries([0, 1, newest].map((i) => [log.update(i), other.update(i)]))),
    );
    const delivery = await readThrough(node.url, log);
    expect(delivery).toMatchObject({ texts: [], size: 0 });
    expect(["ERR_INTEGRITY", "ERR_UNREACHABLE"]).toContain(delivery.error?.code);
  });

  test("another log's head is refused also where it is signed with the key of the name", async () => {
    node.become(honest);
    const found = await swarmNames({ bee: bee.url, owner: other.owner }).resolve(other.logId);
    const head = found.status === "found" ? found.content : new Uint8Array(0);
    const nameKey = generateSeed();
    const thief = swarmNames({ bee: bee.url, stamp, nameKey });
    await thief.update(log.logId, head, { expected: null });
    const owner = Buffer.from(thief.nameOf(log.logId).owner).toString("hex");
    const stolen = { ...log, owner };
    const delivery = await readThrough(node.url, stolen);
    expect(delivery).toMatchObject({ texts: [], size: 0, error: { code: "ERR_INTEGRITY", retry: "never" } });
    // The log's own head is believed from anybody: the key of a name vouches for nothing.
    const own = await swarmNames({ bee: bee.url, owner: log.owner }).resolve(log.logId);
    if (own.status !== "found") throw new Error("It is not there.");
    await thief.update(log.logId, own.content, { expected: await revisionOf(thief, log.logId) });
    expect(await readThrough(node.url, stolen)).toMatchObject({ texts: log.texts, error: undefined });
  });

  test("two histories at the same index on two nodes are a fork, with a proof", async () => {
    node.become(honest);
    const remotes = [readerRemote(node.url, log, "one"), readerRemote(elsewhere.url, log, "two")];
    const delivery = await readThrough(node.url, log, { remotes });
    expect(delivery).toMatchObject({ texts: [], error: { code: "ERR_FORK" } });
    const { evidence } = delivery.error as ForkError;
    expect(await verifyForkEvidence(evidence)).toEqual({
      logId: log.logId,
      of: "entries",
      by: "signing-key",
      smaller: 40,
      larger: 41,
    });
  });

  test("a node that goes over to the other history is caught, and the reader stays away from both", async () => {
    const store = memoryReaderStore();
    node.become(hiding(log.update(newest)));
    expect((await readThrough(node.url, log, { store })).size).toBe(20);
    const foreign = await chunkAt(elsewhere.url, branch.update(newest));
    node.become(async ({ path }, passOn) => {
      if (path === `/chunks/${log.update(newest)}`) return { status: 200, body: foreign };
      const own = await passOn();
      if (own.status === 200 || path.startsWith("/feeds")) return own;
      const there = await fetch(`${elsewhere.url}${path}`);
      return there.ok ? { status: 200, body: new Uint8Array(await there.arrayBuffer()) } : notFound;
    });
    expect(await readThrough(node.url, log, { store })).toMatchObject({
      texts: [],
      error: { code: "ERR_FORK" },
    });
    node.become(honest);
    await expect(
      openReader({ logId: log.logId, remotes: [readerRemote(node.url, log)], store }),
    ).rejects.toMatchObject({ code: "ERR_FORK" });
  });
});

async function revisionOf(names: ReturnType<typeof swarmNames>, name: string): Promise<string> {
  const resolution = await names.resolve(name);
  if (resolution.status !== "found") throw new Error("It is not there.");
  return resolution.revision;
}
