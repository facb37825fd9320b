import { deriveKeys, generateSeed } from "@remote-log/core";
import type { Fetch } from "@remote-log/core/adapter";
import type { BeeServer } from "@remote-log/servers";
import { type SwarmNames, type SwarmNamesOptions, swarmNames } from "@remote-log/swarm";
import { bytes } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import { ethereumAddress } from "../../src/chunk/ethereum.ts";
import { ownerChunk } from "../../src/chunk/owner-chunk.ts";
import { updateAddress, updateId } from "./feed-address.ts";

/** A feed that nobody else has, and what there is to know about it. */
export interface TestFeed {
  readonly nameKey: Uint8Array;
  /** Owner and topic in hexadecimal. */
  readonly owner: string;
  readonly topic: string;
  /** `<owner>/<topic>` */
  readonly name: string;
  /** The path of an update: `/chunks/…` */
  readonly path: (index: bigint | number) => string;
}

/** A new feed, of a new key unless one is given. */
export function newFeed(nameKey: Uint8Array = deriveKeys(generateSeed()).swarm): TestFeed {
  const owner = Buffer.from(ethereumAddress(nameKey)).toString("hex");
  const topic = Buffer.from(generateSeed()).toString("hex");
  const path = (index: bigint | number): string => `/chunks/${updateAddress(owner, topic, index)}`;
  return { nameKey, owner, topic, name: `${owner}/${topic}`, path };
}

/** Names that are closed after the last test of the file. */
export function openNames(options: SwarmNamesOptions): SwarmNames {
  const names = swarmNames(options);
  atEnd(() => names.close());
  return names;
}

/** A revision before an index, as a journal would have it. */
export function before(feed: Pick<TestFeed, "path">, index: bigint | number): string | null {
  return BigInt(index) === 0n ? null : revisionAt(feed, BigInt(index) - 1n);
}

/** A revision of some update at an index. */
export function revisionAt({ path }: Pick<TestFeed, "path">, index: bigint | number, digit = "0"): string {
  const [, place = ""] = /^\/chunks\/(.{16})/.exec(path(index)) ?? [];
  return `${index}-${place}-${digit.repeat(64)}`;
}

/** Puts updates at indexes of a feed by the plain API of a node, past the code under test. */
export async function plant(
  bee: BeeServer,
  stamp: string,
  feed: TestFeed,
  indexes: Iterable<bigint | number>,
  textOf: (index: bigint) => string = (index) => `update ${index}`,
): Promise<void> {
  const left = [...indexes].map(BigInt);
  const work = async (): Promise<void> => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) {
      await plantOne(bee.url, stamp, feed, index, bytes(textOf(index)));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

/** Puts one update by the plain API of a node. */
export async function plantOne(
  url: string,
  stamp: string,
  feed: TestFeed,
  index: bigint,
  payload: Uint8Array,
): Promise<void> {
  const id = updateId(feed.topic, index);
  const made = ownerChunk({ key: feed.nameKey, id, chunk: contentChunk(payload) });
  const signature = Buffer.from(made.signature).toString("hex");
  const path = `/soc/${feed.owner}/${Buffer.from(id).toString("hex")}?sig=${signature}`;
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "swarm-postage-batch-id": stamp, "content-type": "application/octet-stream" },
    body: new Uint8Array(made.wrapped.data),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

/** Requests as they were sent. */
export interface Counter {
  readonly fetch: Fetch;
  /** Method and path of each, in their order. */
  readonly requests: string[];
  /** How often requests waited for the answers to others, the first ones included. */
  readonly rounds: () => number;
  /** Forgets what was counted. */
  readonly reset: () => void;
}

/** Counts requests, and in how many rounds they were sent: those of one round are sent together. */
export function counter(): Counter {
  const requests: string[] = [];
  let rounds = 0;
  let waiting: (() => void)[] = [];
  const release = (): void => {
    rounds++;
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  };
  return {
    requests,
    rounds: () => rounds,
    reset: () => {
      requests.length = 0;
      rounds = 0;
    },
    async fetch(url, init) {
      requests.push(`${init.method} ${new URL(url).pathname}`);
      // Whatever can be sent without another answer has been sent when this turn of the event loop ends.
      if (waiting.length === 0) setImmediate(release);
      await new Promise<void>((go) => waiting.push(go));
      return fetch(url, init);
    },
  };
}
