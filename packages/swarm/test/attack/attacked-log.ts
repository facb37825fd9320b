import { deriveKeys, generateSeed, openReader, openWriter, type ReaderOptions } from "@remote-log/core";
import { swarmRemote } from "@remote-log/swarm";
import { MemoryLevel } from "memory-level";
import { topicOf, updateAddress } from "../feed/feed-address.ts";
import type { Between } from "../node-proxy.ts";

/** A log that was published on a node, and what there is to know about it. */
export interface PublishedLog {
  readonly logId: string;
  /** Owner and topic of its feed, in hex. */
  readonly owner: string;
  readonly topic: string;
  readonly texts: readonly string[];
  /** Number of entries after each publication: what the update at each index shows. */
  readonly sizes: readonly number[];
  /** The address of the update at an index, in hex. */
  readonly update: (index: number) => string;
}

/** What to publish, and where. */
export interface PublishOptions {
  readonly url: string;
  readonly stamp: string;
  /** The number of entries after each publication. */
  readonly sizes: readonly number[];
  readonly seed?: Uint8Array;
  /** What the texts from a place on say besides, in a second history of the same log. */
  readonly branch?: { readonly from: number; readonly words: string };
}

/** Every page has more than one chunk, and every ninth content is one of several chunks outside of its page. */
function textAt(sequence: number, branch: PublishOptions["branch"]): string {
  const words = branch !== undefined && sequence >= branch.from ? branch.words : "";
  return `entry ${sequence}${words} ${(sequence % 9 === 7 ? "long " : "word ").repeat(sequence % 9 === 7 ? 3_000 : 70)}`;
}

/** Publishes a public log of these sizes. */
export async function publishLog(options: PublishOptions): Promise<PublishedLog> {
  const { url, stamp, sizes, seed = generateSeed(), branch } = options;
  const remote = swarmRemote({ bee: url, stamp, nameKey: deriveKeys(seed).swarm });
  const writer = await openWriter({
    seed,
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [remote],
    // Heads of several chunks, and many pages.
    settings: { visibility: "public", leafSize: 16 },
    bundles: "off",
    publish: "manual",
  });
  const texts: string[] = [];
  for (const size of sizes) {
    while (texts.length < size) {
      texts.push(textAt(texts.length, branch));
      await writer.append(new TextEncoder().encode(texts.at(-1)));
    }
    await writer.publish();
  }
  await writer.close();
  const { logId } = writer;
  const { owner } = remote;
  const topic = topicOf(logId);
  return { logId, owner, topic, texts, sizes, update: (index) => updateAddress(owner, topic, index) };
}

/** What a reader got out of a log before it ended. */
export interface Delivery {
  readonly texts: readonly string[];
  readonly error: (Error & { readonly code?: string }) | undefined;
  /** The newest size that it verified. */
  readonly size: number;
}

/** Where a reader looks. */
export function readerRemote(url: string, { owner }: PublishedLog, label = "node") {
  return swarmRemote({ bee: url, owner, label });
}

/** Reads a log from its first entry on, through what may be an attacker. */
export async function readThrough(
  url: string,
  log: PublishedLog,
  options: Partial<ReaderOptions> = {},
): Promise<Delivery> {
  const reader = await openReader({ logId: log.logId, remotes: [readerRemote(url, log)], ...options });
  const texts: string[] = [];
  try {
    for await (const { content } of reader.from(0)) texts.push(new TextDecoder().decode(content));
    return { texts, error: undefined, size: reader.size };
  } catch (error) {
    return { texts, error: error as Error, size: reader.size };
  } finally {
    await reader.close();
  }
}

/** What Bee says of a chunk that nobody has. */
export const notFound = {
  status: 404,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify({ code: 404, message: "chunk not found" }),
};

/** Hides some chunks, and what the node knows of feeds. */
export function hiding(...addresses: readonly string[]): Between {
  const hidden = new Set(addresses.map((address) => `/chunks/${address}`));
  return ({ path }, passOn) => (hidden.has(path) || path.startsWith("/feeds/") ? notFound : passOn());
}

/** Gives the chunks at some addresses for those at others. */
export function exchanging(node: string, swaps: Readonly<Record<string, string>>): Between {
  const given = new Map(Object.entries(swaps).map(([asked, other]) => [`/chunks/${asked}`, other]));
  return async ({ path }, passOn) => {
    const other = given.get(path);
    return other === undefined ? passOn() : { status: 200, body: await chunkAt(node, other) };
  };
}

/** The data of a chunk on a node. */
export async function chunkAt(node: string, address: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(`${node}/chunks/${address}`);
  if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
  return new Uint8Array(await answer.arrayBuffer());
}
