import { Bee } from "@ethersphere/bee-js";
import { deriveKeys, generateSeed, openReader, openWriter } from "@remote-log/core";
import { swarmRemote, swarmRemoteFromUri } from "@remote-log/swarm";
import { MemoryLevel } from "memory-level";

/** How a page reaches a node, and pays: by the URL of its API, or with the client that applications may have. */
export interface BrowserNode {
  readonly url: string;
  readonly stamp: string;
  readonly client: "url" | "bee-js";
  readonly upload?: "direct" | "deferred";
}

function openLog({ url, stamp, client, upload = "direct" }: BrowserNode) {
  const seed = generateSeed();
  const bee = client === "url" ? url : new Bee(url);
  const remote = swarmRemote({ bee, stamp, upload, nameKey: deriveKeys(seed).swarm });
  return { seed, remote };
}

async function published({ seed, remote }: ReturnType<typeof openLog>, texts: readonly string[]) {
  await using writer = await openWriter({
    seed,
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [remote],
    settings: { visibility: "public" },
    publish: "manual",
  });
  for (const text of texts) {
    await writer.append(new TextEncoder().encode(text));
    if (text.startsWith("publish")) await writer.publish();
  }
  await writer.publish();
  return { logId: writer.logId, owner: remote.owner };
}

async function textsOf(reader: Awaited<ReturnType<typeof openReader>>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { content } of reader.from(0)) texts.push(new TextDecoder().decode(content));
  return texts;
}

/** What the tests ask a page or a worker to do. */
export const commands = {
  /** Publishes a public log, each time that a text begins with "publish", and at the end; tells its id and its owner. */
  publish: async (node: BrowserNode, texts: readonly string[]) => published(openLog(node), texts),

  /** Reads a log by the node, with nothing but the owner of its feed. */
  async read(url: string, owner: string, logId: string): Promise<string[]> {
    await using reader = await openReader({ logId, remotes: [swarmRemote({ bee: url, owner })] });
    return await textsOf(reader);
  },

  /** Reads a log from what a URI says. */
  async readUri(uri: string, logId: string): Promise<string[]> {
    await using reader = await openReader({ logId, remotes: [swarmRemoteFromUri(uri)] });
    return await textsOf(reader);
  },

  /** Puts a content by a node; tells whether it is there then, and what it reads. */
  async putAndGet({ url, stamp }: BrowserNode, text: string) {
    const { storage } = swarmRemote({ bee: url, stamp, nameKey: deriveKeys(generateSeed()).swarm });
    const address = await storage.put(new TextEncoder().encode(text));
    const has = await storage.has(address);
    return { address: `${address}`, has, read: new TextDecoder().decode(await storage.get(address)) };
  },

  /** Asks how long a batch lasts. */
  health: async (node: BrowserNode) => openLog(node).remote.health(),
};
