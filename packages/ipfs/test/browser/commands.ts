import { addressOf, deriveKeys, generateSeed, openReader, openWriter, rawSha256 } from "@remote-log/core";
import { ipfsRemote, type KuboNode } from "@remote-log/ipfs";
import { gatewayRemote, gatewayStorage } from "@remote-log/ipfs/gateway";
import { create } from "kubo-rpc-client";
import { MemoryLevel } from "memory-level";

/** How a page reaches a node: by the URL of its RPC, or with the client that many applications have. */
export interface BrowserNode {
  readonly rpc: string;
  readonly client: "url" | "kubo-rpc-client";
}

function nodeOf({ rpc, client }: BrowserNode): KuboNode {
  return client === "url" ? rpc : create({ url: rpc });
}

async function textsOf(reader: Awaited<ReturnType<typeof openReader>>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { content } of reader.from(0)) texts.push(new TextDecoder().decode(content));
  return texts;
}

async function openLog(node: BrowserNode) {
  const seed = generateSeed();
  const remote = await ipfsRemote({ node: nodeOf(node), nameKey: deriveKeys(seed).ipns });
  const writer = await openWriter({
    seed,
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [remote],
    settings: { visibility: "public" },
    publish: "manual",
  });
  const publish = async (texts: readonly string[]): Promise<void> => {
    for (const text of texts) await writer.append(new TextEncoder().encode(text));
    await writer.publish();
  };
  return {
    publish,
    logId: writer.logId,
    name: remote.name,
    [Symbol.asyncDispose]: () => writer.close(),
  };
}

/** What the tests ask a page or a worker to do. */
export const commands = {
  /** Publishes a public log by the RPC of a node; tells its id and its name. */
  async publish(node: BrowserNode, texts: readonly string[]) {
    await using log = await openLog(node);
    await log.publish(texts);
    return { logId: log.logId, name: log.name };
  },

  /** Publishes an entry and reads the log through a gateway, twice; tells how many entries were read each time. */
  async publishAndRead(node: BrowserNode, url: string) {
    await using log = await openLog(node);
    const counts: number[] = [];
    for (const text of ["one", "two"]) {
      await log.publish([text]);
      counts.push((await commands.read(url, log.name, log.logId)).length);
    }
    return counts;
  },

  /** Reads a log through a gateway. */
  async read(url: string, name: string, logId: string): Promise<string[]> {
    await using reader = await openReader({ logId, remotes: [gatewayRemote({ url, name })] });
    return await textsOf(reader);
  },

  /** Resolves a name through a gateway; tells how. */
  async resolve(url: string, name: string) {
    const { names } = gatewayRemote({ url, name });
    return (await names.resolve(name)).status;
  },

  /** Whether a gateway has the content that is a text. */
  async has(url: string, text: string, searchMilliseconds: number) {
    const address = await addressOf(new TextEncoder().encode(text), rawSha256);
    return gatewayStorage({ url, searchMilliseconds }).has(address);
  },
};
