// What the adapters decode: URIs, names, revisions, IPNS records, chunks, lists of objects.

import { bytesEqual, concatBytes } from "../../../packages/core/src/bytes.ts";
import { deriveKeys, signingKeyFromSeed } from "../../../packages/core/src/crypto/index.ts";
import { parseGatewayUri } from "../../../packages/ipfs/src/gateway/uri.ts";
import { parseIpfsUri } from "../../../packages/ipfs/src/node/uri.ts";
import { IpnsName } from "../../../packages/ipfs/src/record/ipns-name.ts";
import { type IpnsRecord, LARGEST_RECORD } from "../../../packages/ipfs/src/record/ipns-record.ts";
import { readRecord } from "../../../packages/ipfs/src/record/read-record.ts";
import {
  formatRevision as formatIpns,
  parseRevision as parseIpns,
} from "../../../packages/ipfs/src/record/revision.ts";
import { addressOfKey, contentKey } from "../../../packages/s3/src/layout.ts";
import { listFromText } from "../../../packages/s3/src/service/list-text.ts";
import { parseS3Uri } from "../../../packages/s3/src/uri.ts";
import { chunkAddress, spanOf } from "../../../packages/swarm/src/chunk/content-chunk.ts";
import { ethereumAddress } from "../../../packages/swarm/src/chunk/ethereum.ts";
import { ownerChunk, readOwnerChunk } from "../../../packages/swarm/src/chunk/owner-chunk.ts";
import { readTree } from "../../../packages/swarm/src/chunk/read-tree.ts";
import { splitContent } from "../../../packages/swarm/src/chunk/tree.ts";
import { feedNameOf } from "../../../packages/swarm/src/feed/feed-name.ts";
import {
  formatRevision as formatSwarm,
  parseRevision as parseSwarm,
} from "../../../packages/swarm/src/feed/revision.ts";
import { parseSwarmUri } from "../../../packages/swarm/src/uri.ts";
import { type Corpus, type Decoder, hexOf, printed, promise, UNUSABLE } from "../decoder.ts";
import { mostly, mutateBytes } from "../mutate/bytes.ts";
import { mutateProtobuf } from "../mutate/protobuf.ts";
import { mutateText, textIn } from "../mutate/text.ts";
import { logSeed } from "./signed.ts";

/** The key of the names in the corpus: of IPNS records, and of Swarm feeds. */
export const nameSeed: Uint8Array = deriveKeys(logSeed).ipns;
export const feedKey: Uint8Array = deriveKeys(logSeed).swarm;

const owner = ethereumAddress(feedKey);
const topic = new Uint8Array(32).fill(0x70);
/** The feed of the revisions in the corpus. */
export const feed = feedNameOf(`${hexOf(owner)}/${hexOf(topic)}`, undefined);

/** A decoder of URIs. Those that leave the check of a URL to its use may accept one with a password. */
function uri(name: string, parse: (text: string) => unknown, checksUrls: boolean): Decoder {
  return {
    name,
    mutate: mostly(mutateText),
    refusals: UNUSABLE,
    check: (input) => {
      const text = textIn(input);
      parse(text);
      promise(!checksUrls || !/^[^:]+:\/\/[^/?#]*:[^/?#]*@/.test(text), "a URI holds a password");
    },
  };
}

/** A record with the data of an input and a signature of the name over it, as protobuf fields 8 and 9. */
async function signedRecord(data: Uint8Array, rest: Uint8Array): Promise<Uint8Array> {
  const key = await signingKeyFromSeed(nameSeed);
  const signature = await key.sign(concatBytes([new TextEncoder().encode("ipns-signature:"), data]));
  const length = (bytes: Uint8Array): number[] =>
    bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return concatBytes([
    Uint8Array.from([0x42, ...length(signature)]),
    signature,
    Uint8Array.from([0x4a, ...length(data)]),
    data,
    rest,
  ]);
}

/** Decoders of adapters. */
export async function adapters(corpus: Corpus): Promise<readonly Decoder[]> {
  const name = IpnsName.fromPublicKey((await signingKeyFromSeed(nameSeed)).publicKey);
  const meaning = ({ value, sequence, expires, head }: IpnsRecord): string =>
    printed({ value, sequence, expires, head });
  const records = await Promise.all(
    (corpus.get("ipns-record") ?? []).map((bytes) => readRecord(bytes, name)),
  );
  const chunks = (corpus.get("owner-chunk") ?? []).map((data) => {
    const id = data.slice(0, 32);
    return { id, wrapped: hexOf(readOwnerChunk(data, { id, owner }).wrapped.address) };
  });
  const trees = (corpus.get("chunk-tree") ?? []).map((content) => {
    const { root, levels } = splitContent(content);
    return { content, root, held: new Map(levels.flat().map((chunk) => [hexOf(chunk.address), chunk.data])) };
  });

  return [
    uri("s3-uri", parseS3Uri, true),
    uri("swarm-uri", parseSwarmUri, false),
    uri("gateway-uri", parseGatewayUri, true),
    uri("ipfs-uri", parseIpfsUri, false),
    {
      name: "ipns-name",
      mutate: mostly(mutateText),
      refusals: UNUSABLE,
      check: (input) => {
        const found = IpnsName.fromText(textIn(input));
        promise(IpnsName.fromText(found.text).equals(found), "a name is another once it is written");
      },
    },
    {
      name: "feed-name",
      mutate: mostly(mutateText),
      refusals: UNUSABLE,
      check: (input) => {
        const found = feedNameOf(textIn(input), owner);
        promise(
          printed(feedNameOf(found.text, undefined)) === printed(found),
          "a feed is another once it is written",
        );
      },
    },
    {
      name: "ipns-revision",
      mutate: mostly(mutateText),
      refusals: [],
      check: (input) => {
        const text = textIn(input);
        const parsed = parseIpns(text);
        promise(parsed === undefined || formatIpns(parsed) === text, "a revision has two forms");
      },
    },
    {
      name: "swarm-revision",
      mutate: mostly(mutateText),
      refusals: [],
      check: (input) => {
        const text = textIn(input);
        const parsed = parseSwarm(text, feed);
        promise(parsed === undefined || formatSwarm(feed, parsed) === text, "a revision has two forms");
      },
    },
    {
      name: "ipns-record",
      share: 1.5,
      mutate: mostly(mutateProtobuf({})),
      refusals: ["ERR_INTEGRITY", "ERR_MALFORMED", "ERR_TOO_LARGE"],
      check: async (input) => {
        const read = await readRecord(input, name);
        promise(
          records.some((one) => meaning(one) === meaning(read)),
          "a record says what its key never signed",
        );
        promise(
          meaning(await readRecord(read.bytes, name)) === meaning(read),
          "a record that is passed on says something else",
        );
      },
    },
    {
      // Whoever holds the key of a name signs anything: the data of the record is any input.
      name: "ipns-data",
      share: 0.6,
      mutate: mostly(mutateBytes),
      refusals: ["ERR_INTEGRITY", "ERR_MALFORMED", "ERR_TOO_LARGE"],
      check: async (input) => {
        const read = await readRecord(await signedRecord(input.subarray(0, 9000), new Uint8Array(0)), name);
        promise(read.sequence >= 0n && read.sequence < 2n ** 64n, "a record has a number that is none");
        promise(
          Number.isFinite(read.expires) && typeof read.value === "string",
          "a record has no expiry or value",
        );
        promise(read.bytes.length <= LARGEST_RECORD, "a record is larger than any");
      },
    },
    {
      name: "content-chunk",
      mutate: mutateBytes,
      refusals: ["ERR_INTEGRITY"],
      check: (input) => {
        promise(chunkAddress(input).length === 32 && spanOf(input) >= 0n, "a chunk has no address");
      },
    },
    {
      name: "owner-chunk",
      share: 0.4,
      mutate: mutateBytes,
      refusals: ["ERR_INTEGRITY"],
      check: (input, origin) => {
        const { id } = chunks[origin]!;
        const read = readOwnerChunk(input, { id, owner });
        promise(
          chunks.some((one) => bytesEqual(one.id, id) && one.wrapped === hexOf(read.wrapped.address)),
          "a single-owner chunk wraps what its owner never signed",
        );
      },
    },
    {
      // The owner of a feed signs anything: the chunk in the update is any input, and the root of a tree of chunks.
      name: "owner-chunk-of-hostile-writer",
      share: 0.4,
      mutate: mutateBytes,
      refusals: ["ERR_INTEGRITY", "ERR_TOO_LARGE", "ERR_NOT_FOUND"],
      check: async (input) => {
        const chunk = { address: chunkAddress(input), data: input };
        const made = ownerChunk({ key: feedKey, id: topic, chunk });
        const { wrapped } = readOwnerChunk(made.data, { id: topic, owner });
        promise(bytesEqual(wrapped.address, chunk.address), "a chunk is another once it was signed");
        await readTree({ root: wrapped.data, maxBytes: 2 ** 16, read: async (address) => missing(address) });
      },
    },
    {
      name: "chunk-tree",
      share: 0.4,
      mutate: mutateBytes,
      refusals: ["ERR_INTEGRITY", "ERR_TOO_LARGE", "ERR_NOT_FOUND"],
      check: async (input, origin) => {
        const { content, root, held } = trees[origin]!;
        // Every chunk of the tree in its turn is what came; the others are right.
        const changed = splitContent(input);
        const pieces = new Map([
          ...changed.levels.flat().map((chunk) => [hexOf(chunk.address), chunk.data] as const),
          ...held,
        ]);
        const read = async (address: Uint8Array): Promise<Uint8Array> =>
          pieces.get(hexOf(address)) ?? missing(address);
        const right = await readTree({ root: root.data, maxBytes: 2 ** 20, read });
        promise(bytesEqual(right, content), "a tree of chunks is another content");
        const other = await readTree({ root: changed.root.data, maxBytes: 2 ** 20, read });
        promise(bytesEqual(other, input), "a tree of chunks is not the content that it was made of");
      },
    },
    {
      name: "s3-list",
      share: 16,
      mutate: mostly(mutateText),
      refusals: [],
      check: (input) => {
        const page = listFromText(textIn(input));
        for (const { Key = "" } of page?.Contents ?? []) {
          const address = addressOfKey("logs", Key);
          promise(
            address === undefined || contentKey("logs", address.digest) === Key,
            "a key is that of another content",
          );
        }
      },
    },
  ];
}

/** What a storage without a chunk says. */
function missing(address: Uint8Array): never {
  throw Object.assign(new Error(`No chunk ${hexOf(address)} is here.`), { code: "ERR_NOT_FOUND" });
}
