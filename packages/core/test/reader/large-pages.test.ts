import { beforeAll, expect, test } from "vitest";
import { checkpointOrigin, signCheckpoint } from "../../src/checkpoint/index.ts";
import { signingKeyFromSeed } from "../../src/crypto/index.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import { addressOf, openReader, type Reader, rawSha256 } from "../../src/index.ts";
import { createGenesis } from "../../src/log/genesis.ts";
import { encodeHead, rootOf } from "../../src/log/head.ts";
import { encodePage } from "../../src/log/page.ts";
import { type Pair, pairLeafHash } from "../../src/log/pair.ts";
import { treeShape } from "../../src/log/tree-shape.ts";
import { perfectSubtreeHash } from "../../src/merkle/index.ts";
import { scriptedRemote } from "./scripted-remote.ts";

const PAGES = 64;

let pageBytes: Uint8Array;
let logId: string;
let head: Uint8Array;
let address: string;

// A hostile writer's log: the largest pages that there can be, all of them one and the same, of empty entries.
beforeAll(async () => {
  const key = await signingKeyFromSeed(new Uint8Array(32).fill(1));
  const settings = { identifiers: "sha256", visibility: "public", leafSize: 65_536, fanOut: 256 } as const;
  const genesis = createGenesis({ ...settings, signingKey: key.publicKey });
  const stored = new Uint8Array(0);
  const pair: Pair = {
    localHash: sha256(stored),
    contentHash: sha256(stored),
    place: { kind: "embedded", stored },
  };
  const pairs = new Array<Pair>(settings.leafSize).fill(pair);
  pageBytes = encodePage(pairs, undefined);
  const ref = {
    address: await addressOf(pageBytes, rawSha256),
    hash: perfectSubtreeHash(pairs.map(pairLeafHash)),
  };
  const size = PAGES * settings.leafSize + 1;
  const levels = [{ refs: new Array<typeof ref>(PAGES).fill(ref) }];
  const root = rootOf(levels, treeShape(size, settings), [pairLeafHash(pair)]);
  logId = genesis.logId;
  const checkpoint = { origin: checkpointOrigin(logId), size, root };
  const note = await signCheckpoint(checkpoint, key);
  head = encodeHead({ genesis, note, checkpoint, levels, pairs: [pair] });
  address = ref.address.toString();
});

async function open(): Promise<{ reader: Reader; remote: ReturnType<typeof scriptedRemote> }> {
  const remote = scriptedRemote(new Map([[address, pageBytes]]), head);
  return { reader: await openReader({ logId, remotes: [remote] }), remote };
}

test("of the largest pages a stream holds two ahead, not as many as may be read at once", async () => {
  const { reader, remote } = await open();
  for await (const { sequence } of reader.from(0)) if (sequence === 65_536) break;
  expect(remote.storage.mostInFlight).toBeLessThanOrEqual(2);
  expect(remote.storage.reads.length).toBeLessThanOrEqual(4);
  await reader.close();
});

test("a proof reads a page twice at the most, however many hashes of it it needs", async () => {
  const { reader, remote } = await open();
  await reader.sync();
  const { path } = await reader.inclusionProof(5);
  expect(path.length).toBeGreaterThan(16);
  expect(remote.storage.reads.length).toBeLessThanOrEqual(2);
  await reader.close();
});
