import { deriveKeys, generateSeed, memoryReaderStore, openReader, openWriter } from "@remote-log/core";
import { ipfsRemote, ipfsStorage, ipnsNames, kuboRoute } from "@remote-log/ipfs";
import { type KuboServer, serverOrSkip, startKubo } from "@remote-log/servers";
import { MemoryLevel } from "memory-level";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("two nodes, of which one still has an older record and believes it", () => {
  let current: KuboServer;
  let stale: KuboServer;
  let logId: string;
  let name: string;

  beforeAll(async () => {
    [current, stale] = await Promise.all([startKubo(), startKubo()]);
    const seed = generateSeed();
    const remote = await ipfsRemote({ label: "home", node: current.rpc, nameKey: deriveKeys(seed).ipns });
    name = remote.name;
    const writer = await openWriter({
      settings: { visibility: "public" },
      seed,
      journal: new MemoryLevel(),
      remotes: [remote],
      publish: "manual",
    });
    logId = writer.logId;
    await writer.append(Uint8Array.of(1));
    await writer.publish();
    const old = (await remote.names.record(name))!;
    await ipnsNames({ storage: remote.storage, routes: [kuboRoute({ node: stale.rpc })] }).putRecord(
      name,
      old.bytes,
    );
    await writer.append(Uint8Array.of(2));
    await writer.publish();
    await writer.close();
  });

  afterAll(async () => {
    await Promise.all([current?.stop(), stale?.stop()]);
  });

  const remoteOf = (...nodes: readonly KuboServer[]) => ({
    label: "nodes",
    name,
    storage: ipfsStorage({ node: current.rpc }),
    names: ipnsNames({
      storage: ipfsStorage({ node: current.rpc }),
      routes: nodes.map(({ rpc }) => kuboRoute({ node: rpc })),
    }),
  });

  test("asked together, the newer record wins", async () => {
    const reader = await openReader({ logId, remotes: [remoteOf(stale, current)] });
    expect((await reader.sync()).size).toBe(2);
    await reader.close();
  });

  test("alone, it is stale to a reader who has seen more, in this run or an earlier one", async () => {
    const store = memoryReaderStore();
    const before = await openReader({ logId, remotes: [remoteOf(current)], store });
    await before.sync();
    await before.close();
    const later = await openReader({ logId, remotes: [remoteOf(stale)], store });
    await expect(later.sync()).rejects.toMatchObject({ code: "ERR_STALE", retry: "safe" });
    await expect(later.latest(1)).rejects.toMatchObject({ code: "ERR_STALE" });
    expect(later.size).toBe(2);
    await later.close();
  });

  test("alone, it is refused to a reader who comes for the first time, and knows from whom he got the link how much there is", async () => {
    const reader = await openReader({ logId, remotes: [remoteOf(stale)], floor: { size: 2 } });
    await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_ROLLBACK" });
    expect(reader.size).toBe(0);
    await reader.close();
  });
});
