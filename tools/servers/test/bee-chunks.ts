import { onTestFinished } from "vitest";
import { type BeeOptions, type BeeServer, startBee } from "../src/bee/server.ts";

/** Starts Bee for one test. */
export async function startBeeForTest(options?: BeeOptions): Promise<BeeServer> {
  const server = await startBee(options);
  onTestFinished(() => server.stop());
  return server;
}

/** A payload with its span in front, as Bee takes it: at most 4,096 bytes. */
function chunkOf(text: string): Uint8Array<ArrayBuffer> {
  const payload = new TextEncoder().encode(text);
  const data = new Uint8Array(8 + payload.length);
  new DataView(data.buffer).setBigUint64(0, BigInt(payload.length), true);
  data.set(payload, 8);
  return data;
}

/** Uploads a text as one chunk. */
export function putChunk(node: string, stamp: string, text: string, signal?: AbortSignal): Promise<Response> {
  const headers = { "swarm-postage-batch-id": stamp };
  return fetch(`${node}/chunks`, { method: "POST", headers, body: chunkOf(text), signal: signal ?? null });
}

/** Uploads a text as one chunk, and says its address. */
export async function addressOf(node: string, stamp: string, text: string): Promise<string> {
  const answer = await putChunk(node, stamp, text);
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { reference: string }).reference;
}

/** What a node answers for a chunk: the text in it, or the status if it has none. */
export function readChunk(node: string, address: string): Promise<string | number> {
  return readBehind(node, address, 8);
}

async function readBehind(node: string, address: string, head: number): Promise<string | number> {
  const answer = await fetch(`${node}/chunks/${address}`);
  const data = await answer.arrayBuffer();
  return answer.ok ? new TextDecoder().decode(data.slice(head)) : answer.status;
}

/** One signed update of the feed. */
export interface FeedUpdate {
  readonly id: string;
  readonly signature: string;
  readonly address: string;
  readonly text: string;
}

/**
 * A feed: its topic is 32 zero bytes, its private key is the number 1. Signed with bee-js 12.3.1, so that no code of this
 * repository has a part in it.
 */
export const feed: {
  readonly owner: string;
  readonly topic: string;
  readonly updates: readonly FeedUpdate[];
  /** Another update at index 0. */
  readonly otherFirst: FeedUpdate;
} = {
  owner: "7e5f4552091a69125d5dfcb7b8c2659029395bdf",
  topic: "00".repeat(32),
  updates: [
    {
      id: "daa77426c30c02a43d9fba4e841a6556c524d47030762eb14dc4af897e605d9b",
      signature:
        "ccba47ca6fd96033719fbcaa0047b2f7c4a3108e13f35ed86f761f2bcf723da76ca6ff90f3b5d73596a4b39e91f9407ae0c211377d8839330b42473f48bd0f751b",
      address: "25c26dde957dac6ab23ba97aefbb99d44990b3ef3c33ec5f3ff78ee0f408d584",
      text: "first",
    },
    {
      id: "1cf395c0cd58ef248dc39cbdb14948280ffdfcc9ac3aedbd8cb5d1d4bb9997be",
      signature:
        "aaee23db8dcc6756516c1da7d2566893d9308fa0bc117fe72b53d8bec3f945f25aa628b61b0dfae89a42103cf0577a2ca662b3ef2c91a9283d894a5c09b8420a1b",
      address: "918cdd7ce57b3ba5144a80e3da663c6c78223e31a493d9c34ddd68fcf1ae5d5a",
      text: "second",
    },
    {
      id: "f8678ec8856742eace2b158891525ecb20c46861199777023dc355478356f427",
      signature:
        "29245b5d2dbcf353c530277946089779058b53d1f8efb10554f569ed6bce7d015d88b691337b1a8930ccca31d4303b8ff40f949c6ac3f1e7591643b35595c3e21c",
      address: "4b5696d70210fd0aab5b8bbf61b4779a7994d7abfb668c7ae487127ca1e75f38",
      text: "third",
    },
  ],
  otherFirst: {
    id: "daa77426c30c02a43d9fba4e841a6556c524d47030762eb14dc4af897e605d9b",
    signature:
      "433288d3b0ca7e7d5010d59f5ca049be23dbe3091fc50aa90d88f224be86dc29765b6539c272e8fe1b318ec5c8ff9f1cf57f018d6c2e7d6f6ef5dfb7c205285a1c",
    address: "25c26dde957dac6ab23ba97aefbb99d44990b3ef3c33ec5f3ff78ee0f408d584",
    text: "another first",
  },
};

/** Uploads an update of the feed. */
export async function putUpdate(node: string, stamp: string, update: FeedUpdate): Promise<void> {
  const { id, signature, text } = update;
  const answer = await fetch(`${node}/soc/${feed.owner}/${id}?sig=${signature}`, {
    method: "POST",
    headers: { "swarm-postage-batch-id": stamp },
    body: chunkOf(text),
  });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
}

/** What a node answers for an update: the text in it, or the status if it has none. */
export function readUpdate(node: string, { address }: FeedUpdate): Promise<string | number> {
  // An id of 32 bytes and a signature of 65 are in front of the span.
  return readBehind(node, address, 32 + 65 + 8);
}

/** What a node finds when it looks the feed up: the text of the update, or the status if it finds none. */
export async function lookUpFeed(node: string): Promise<string | number> {
  const answer = await fetch(`${node}/feeds/${feed.owner}/${feed.topic}`);
  const text = await answer.text();
  return answer.ok ? text : answer.status;
}
