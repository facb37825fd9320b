// Makes the corpus: logs that the writer of today writes under a fixed seed, and texts and records of the same.

import { concatBytes } from "../../packages/core/src/bytes.ts";
import {
  checkpointOrigin,
  formatCheckpoint,
  formatSignedNote,
  parseSignedNote,
} from "../../packages/core/src/checkpoint/index.ts";
import {
  Address,
  addressOf,
  formatConsistencyProof,
  formatInclusionProof,
  formatLink,
  memoryReaderStore,
  openReader,
  parseCheckpoint,
  rawSha256,
} from "../../packages/core/src/index.ts";
import { withChecksum } from "../../packages/core/src/journal/checksum.ts";
import { encodeHeadPointer } from "../../packages/core/src/log/head.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../packages/core/src/wire/remote-log-message.ts";
import { encodeStoredObject } from "../../packages/core/src/wire/stored-object-message.ts";
import { IpnsName } from "../../packages/ipfs/src/record/ipns-name.ts";
import { NameKeys } from "../../packages/ipfs/src/record/name-keys.ts";
import { signRecord } from "../../packages/ipfs/src/record/sign-record.ts";
import { contentChunk } from "../../packages/swarm/src/chunk/content-chunk.ts";
import { ethereumAddress } from "../../packages/swarm/src/chunk/ethereum.ts";
import { ownerChunk } from "../../packages/swarm/src/chunk/owner-chunk.ts";
import { updatePlace } from "../../packages/swarm/src/feed/feed-update.ts";
import { formatRevision } from "../../packages/swarm/src/feed/revision.ts";
import { bundledParts, removed } from "./bundles-corpus.ts";
import { type Corpus, hexOf } from "./decoder.ts";
import { feed, feedKey, nameSeed } from "./decoders/adapters.ts";
import { carsCorpus } from "./decoders/cars.ts";
import { groupsCorpus } from "./decoders/groups.ts";
import { syncCorpus } from "./decoders/sync.ts";
import { makeParts } from "./hostile/parts.ts";
import { keyringCorpus } from "./keyring-corpus.ts";
import { wholeManifest, writeManifests } from "./manifest-corpus.ts";
import { writeSmallLog } from "./small-log.ts";
import { successionsCorpus } from "./successions-corpus.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function isPage(content: Uint8Array): boolean {
  try {
    return decodeRemoteLog(content).pairs.length > 1;
  } catch {
    return false;
  }
}

/** Makes the corpus. The same code makes the same corpus, but for the time in IPNS records. */
export async function makeCorpus(): Promise<Corpus> {
  const small = await writeSmallLog([1, 4, 13, 40], { leafSize: 4, fanOut: 2 }, "entry");
  const other = await writeSmallLog(
    [9, 12, 30],
    { leafSize: 4, fanOut: 2, visibility: "public", identifiers: "mvds" },
    "other",
  );
  const folded = await writeSmallLog([96], { leafSize: 2, fanOut: 8 }, "folded");
  const logs = [small, other, folded];
  const bundled = await bundledParts();
  const heads = logs.flatMap((log) => log.heads);
  const contents = logs.flatMap((log) => [...log.objects.values()]);
  const pages = contents.filter(isPage);
  const nodes = contents.filter((content) => content[0] === 0x0a && content[1] === 36 && !isPage(content));
  const parts = heads.map((head) => decodeRemoteLog(head));
  const notes = parts.map(({ checkpoint }) => checkpoint);
  const texts = notes.map((note) => parseSignedNote(note).text);

  const twice = parseSignedNote(notes[0]!);
  const witness = {
    name: "example.org/witness",
    keyHash: bytes("abcd"),
    signature: new Uint8Array(72).fill(9),
  };
  const cosigned = formatSignedNote({ ...twice, signatures: [witness, ...twice.signatures] });

  const store = memoryReaderStore();
  const reader = await openReader({ logId: small.logId, remotes: [small.remote], store });
  await reader.sync();
  const inclusion = await Promise.all([0, 11, 39].map((at) => reader.inclusionProof(at)));
  const consistency = await Promise.all([1, 4, 13].map((size) => reader.consistencyProof(size)));
  await reader.close();
  const mark = (await store.get(`${small.logId}/mark`))!;

  const { key, name } = (await new NameKeys(nameSeed).own()) ?? {};
  const address = await addressOf(heads[0]!, rawSha256);
  const record = {
    address,
    head: heads[0]!,
    sequence: 7n,
    lifetimeMilliseconds: 1e12,
    ttlMilliseconds: 60_000,
  };
  const signedRecords = [
    await signRecord(key!, record),
    await signRecord(key!, { ...record, sequence: 2n ** 40n, head: new Uint8Array(11_000) }),
  ];
  const data = signedRecords.map((bytes) => fieldNine(bytes));

  const updates = [0n, 1n].map((index) => {
    const chunk = contentChunk(heads[Number(index)]!.subarray(0, 400));
    return { index, chunk, made: ownerChunk({ key: feedKey, id: updatePlace(feed, index).id, chunk }) };
  });
  const owner = hexOf(ethereumAddress(feedKey));
  const seven = new Uint8Array(32).fill(7);
  const fork = {
    type: "remote-log/fork@v1",
    genesis: hexOf(parts[0]!.genesis),
    smaller: cosigned,
    larger: cosigned,
    path: [hexOf(seven)],
  };
  const root = parseCheckpoint(texts[0]!).root;
  const key64 = (digest: Uint8Array): string =>
    `<Contents><Key>logs/contents/${hexOf(digest)}</Key><Size>1</Size></Contents>`;
  const list = `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>${key64(seven)}${key64(root)}<IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b&#43;&quot;</NextContinuationToken></ListBucketResult>`;
  const size = new Uint8Array(8);
  size[7] = 3;

  const withManifest = await writeManifests();
  const said = withManifest.map((head) => decodeRemoteLog(head).manifest!);
  const rotated = await successionsCorpus();

  const corpus: Record<string, readonly Uint8Array[]> = {
    "remote-log": [
      ...heads.slice(0, 4),
      ...pages.slice(0, 3),
      encodeHeadPointer(address),
      withManifest.at(-1)!,
    ],
    pair: [heads[3]!, ...pages.slice(0, 3), encodeRemoteLog(removed(parts[1]!))],
    "index-node": [...nodes.slice(0, 4), ...bundled.nodes],
    "bundle-message": bundled.messages,
    bundle: bundled.bundles,
    genesis: logs.map((_, i) => parts[[0, 4, 7][i]!]!.genesis),
    manifest: [...said.map(({ bytes: version }) => version), wholeManifest],
    ...(await keyringCorpus()),
    "stored-object": [encodeStoredObject({ hash: seven, address: address.bytes })],
    "head-with-manifest": [...withManifest, ...rotated.heads],
    succession: rotated.succession,
    "succession-of-hostile-owner": rotated.succession,
    "successions-of-hostile-owner": rotated.successions,
    ...syncCorpus(seven, root),
    ...groupsCorpus(),
    ...(await carsCorpus()),
    "name-content": [heads[1]!, encodeHeadPointer(address), withManifest.at(-1)!],
    address: [address.bytes, Address.create(0x70, 0x12, seven).bytes, Address.create(0xfa, 0x1b, root).bytes],
    "address-text": [`${address}`, `${Address.create(0xfa, 0x1b, root)}`].map(bytes),
    head: heads,
    "head-of-hostile-writer": heads,
    page: pages.slice(0, 6),
    node: [...nodes.slice(0, 6), ...bundled.nodes],
    "verified-checkpoint": notes,
    "signed-note": [...notes.slice(0, 2), bytes(cosigned)],
    checkpoint: texts
      .slice(0, 3)
      .map(bytes)
      .concat(
        bytes(
          formatCheckpoint({ origin: checkpointOrigin(small.logId), size: Number.MAX_SAFE_INTEGER, root }),
        ),
      ),
    "inclusion-proof": inclusion.map(({ sequence, path, checkpoint }, i) =>
      bytes(
        formatInclusionProof({
          index: sequence,
          path,
          checkpointNote: checkpoint,
          ...(i === 1 && { extra: seven }),
        }),
      ),
    ),
    "consistency-proof": consistency.map(({ first, second, path }) =>
      bytes(formatConsistencyProof({ first, second, path })),
    ),
    base64: ["", "aGVsbG8=", "aGVsbG8h", "/+8=", texts[0]!.split("\n")[2]!].map(bytes),
    link: [
      formatLink({ logId: small.logId, remotes: [] }),
      formatLink({
        logId: small.logId,
        remotes: ["https://example.org/log", "s3://bucket/prefix?region=eu-1&endpoint=http://127.0.0.1:9000"],
        floor: { size: 12, root },
      }),
      formatLink({
        logId: other.logId,
        remotes: [`ipns://${name}?gateway=https://example.org`],
        floor: { size: 1 },
      }),
    ].map(bytes),
    "clean-text": [
      "Access denied for https://user:secret@example.org/",
      "authorization: Bearer abc.def token=0123456789",
      `{"secretAccessKey": "${"a".repeat(80)}"}`,
    ].map(bytes),
    "s3-uri": [
      "s3://bucket",
      "s3://bucket/a/b%20c?region=eu-1&endpoint=https://example.org:9000&compare-and-set=none",
    ].map(bytes),
    "swarm-uri": [
      `bee+http://127.0.0.1:1633?stamp=${hexOf(seven)}&owner=${owner}&upload=deferred&mutable=allow`,
      `swarm://${feed.text}?gateway=https://example.org`,
    ].map(bytes),
    "gateway-uri": [
      `ipns://${name}`,
      `ipns://${name}?gateway=https://example.org&gateway=http://127.0.0.1:8080`,
      `https://example.org/ipns/${name}`,
    ].map(bytes),
    "ipfs-uri": [
      "ipfs+http://127.0.0.1:5001",
      `ipfs+https://example.org:5001?name=${name}&delegated=https://example.org`,
    ].map(bytes),
    "ipns-name": [
      `${name}`,
      `/ipns/${name}`,
      `${IpnsName.fromPublicKey(seven)}`,
      "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN",
    ].map(bytes),
    "feed-name": [feed.text, small.logId, "a name"].map(bytes),
    "ipns-revision": [`7-${address}`, `18446744073709551615-${address}`].map(bytes),
    "swarm-revision": updates.map(({ index, chunk }) =>
      bytes(formatRevision(feed, { index, chunk: hexOf(chunk.address) })),
    ),
    "ipns-record": signedRecords,
    "ipns-data": data,
    "content-chunk": updates.map(({ chunk }) => chunk.data),
    "owner-chunk": updates.map(({ made }) => made.data),
    "owner-chunk-of-hostile-writer": updates.map(({ chunk }) => chunk.data),
    "chunk-tree": [heads[3]!, new Uint8Array(0), Uint8Array.from({ length: 9000 }, (_, i) => i % 251)],
    "s3-list": [bytes(list)],
    "journal-record": [bytes("value"), notes[0]!].map((value) => withChecksum(bytes("k"), value)),
    journal: [
      bytes('{"size":7,"revision":"3","content":"ab"}'),
      bytes(`{"pages":9,"nodes":[{"address":"${address}","refs":3},null]}`),
      concatBytes([size, seven, root]),
      concatBytes([seven, address.bytes]),
      bytes('{"size":7}'),
      bytes("3 9"),
      concatBytes([Uint8Array.of(2, 0x80, 1, 7), address.bytes]),
    ],
    "reader-state": [mark, bytes(JSON.stringify(await realFork())), bytes('{"next":17}'), rotated.mark],
    "fork-file": [
      bytes(JSON.stringify(fork)),
      bytes(JSON.stringify({ ...fork, larger: new TextDecoder().decode(notes[1]) })),
      ...rotated.forkFiles,
    ],
  };
  return new Map(Object.entries(corpus));
}

/** The proof that a key signed two histories of one size. */
async function realFork(): Promise<Readonly<Record<string, unknown>>> {
  const { log, branch } = await makeParts();
  const [one, other] = [log, branch].map(({ heads }) => decodeRemoteLog(heads.at(-1)!));
  const [smaller, larger] = [one!, other!].map(({ checkpoint }) => new TextDecoder().decode(checkpoint));
  return { genesis: hexOf(one!.genesis), smaller, larger, path: [] };
}

/** The signed data of an IPNS record: its field 9, the last one. */
function fieldNine(record: Uint8Array): Uint8Array {
  for (let at = 0; at < record.length; at++) {
    if (record[at] !== 0x4a) continue;
    const [low = 0, high = 0] = record.subarray(at + 1);
    const [length, start] = low < 128 ? [low, at + 2] : [(low & 0x7f) + high * 128, at + 3];
    if (start + length === record.length) return record.slice(start);
  }
  throw new Error("The record has no data at its end.");
}
