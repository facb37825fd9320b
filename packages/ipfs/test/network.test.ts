import { deriveKeys, generateSeed, mirrorLog, openReader, openWriter, type Remote } from "@remote-log/core";
import { ipfsRemote } from "@remote-log/ipfs";
import { type KuboNetwork, type KuboServer, serverOrSkip, startKuboNetwork } from "@remote-log/servers";
import { MemoryLevel } from "memory-level";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const { skip } = await serverOrSkip("kubo");

const ENTRIES = 300;
/** At regular distances an entry is so large that it has a block of its own. */
const LARGE_EVERY = 25;

/** Counts the requests that a remote sends, by command. */
function counter() {
  const counts: Record<string, number> = {};
  const counted = (url: string, init: RequestInit): Promise<Response> => {
    const command = new URL(url).pathname.replace("/api/v0/", "");
    counts[command] = (counts[command] ?? 0) + 1;
    return fetch(url, init);
  };
  return { counts, fetch: counted };
}

function contentOf(i: number): Uint8Array {
  const content = new Uint8Array(i % LARGE_EVERY === 0 ? 9000 : 100).fill(i % 251);
  content.set(new TextEncoder().encode(`entry ${i} `));
  return content;
}

describe.skipIf(skip)("three nodes, of which two are never up together", () => {
  let network: KuboNetwork;
  let alices: KuboServer;
  let keepers: KuboServer;
  let bobs: KuboServer;
  let logId: string;
  let name: string;

  async function readAll(remote: Remote): Promise<Uint8Array[]> {
    const reader = await openReader({ logId, remotes: [remote] });
    try {
      const contents: Uint8Array[] = [];
      for await (const { content } of reader.from(0)) contents.push(content);
      return contents;
    } finally {
      await reader.close();
    }
  }

  beforeAll(async () => {
    network = await startKuboNetwork({ nodes: 3 });
    [alices, keepers, bobs] = network.nodes as [KuboServer, KuboServer, KuboServer];
    const seed = generateSeed();
    const remote = await ipfsRemote({ label: "alice", node: alices.rpc, nameKey: deriveKeys(seed).ipns });
    const writer = await openWriter({
      settings: { visibility: "public" },
      seed,
      journal: new MemoryLevel(),
      remotes: [remote],
      publish: "manual",
    });
    for (let from = 0; from < ENTRIES; from += 100) {
      await writer.appendAll(Array.from({ length: 100 }, (_, i) => contentOf(from + i)));
      await writer.publish();
    }
    logId = writer.logId;
    name = remote.name!;
    await writer.close();
  });

  afterAll(() => network?.stop());

  it("a reader whose node has nothing catches up from the writer's node", async () => {
    const contents = await readAll(await ipfsRemote({ label: "bob", node: bobs.rpc, name }));
    expect(contents).toEqual(Array.from({ length: ENTRIES }, (_, i) => contentOf(i)));
  });

  it("once somebody else holds a mirror, made without a key, the writer's node may be off", async () => {
    // Bob's node must have nothing that it kept from the first reading.
    await fetch(`${bobs.rpc}/api/v0/repo/gc`, { method: "POST" }).then((reply) => reply.text());
    const mirror = await ipfsRemote({ label: "mirror", node: keepers.rpc, name });
    const reader = await openReader({ logId, remotes: [mirror] });
    await reader.sync();
    await mirrorLog({ reader, to: { storage: mirror.storage }, storeHead: true });
    const names = mirror.names;
    await names.putRecord(name, (await names.record(name))!.bytes);
    await reader.close();

    await alices.stop();
    const requests = counter();
    const bob = await ipfsRemote({ label: "bob", node: bobs.rpc, name, fetch: requests.fetch });
    const contents = await readAll(bob);
    expect(contents).toEqual(Array.from({ length: ENTRIES }, (_, i) => contentOf(i)));
    // The head rides in the record: one request finds the name and gives the head.
    const large = Math.ceil(ENTRIES / LARGE_EVERY);
    // The first 256 entries are in a bundle; the head holds the newest.
    const pages = Math.floor((ENTRIES - 1 - 256) / 8);
    expect(requests.counts).toEqual({ "name/get": 1, "block/get": 1 + pages + 1 + large });
  });
});
