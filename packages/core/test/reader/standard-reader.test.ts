import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { Address, type GenesisSettings } from "../../src/index.ts";
import { content, contents, type WrittenLog, writeLog } from "./written-log.ts";

// The message of 3/REMOTE-LOG alone, and a library that knows nothing of ours.
const RemoteLog = protobuf
  .parse(
    `syntax = "proto3"; package vac.cas;
     message RemoteLog {
       repeated Pair pair = 1;
       bytes tail = 2;
       message Pair { bytes remoteHash = 1; bytes localHash = 2; bytes data = 3; }
     }`,
    { keepCase: true },
  )
  .root.lookupType("vac.cas.RemoteLog");

interface StandardPage {
  readonly pair: {
    readonly remoteHash: Uint8Array;
    readonly localHash: Uint8Array;
    readonly data: Uint8Array;
  }[];
  readonly tail: Uint8Array;
}

/** Walks from the head along `tail`, newest first, as 3/REMOTE-LOG describes. */
function walk(log: WrittenLog): { pages: number; entries: { localHash: Uint8Array; content: Uint8Array }[] } {
  const get = (address: Uint8Array): Uint8Array => log.contents.get(Address.fromBytes(address).toString())!;
  const entries: { localHash: Uint8Array; content: Uint8Array }[] = [];
  let bytes: Uint8Array | undefined = log.head;
  let pages = 0;
  while (bytes !== undefined) {
    const page = RemoteLog.toObject(RemoteLog.decode(bytes), {
      defaults: true,
      arrays: true,
    }) as StandardPage;
    pages++;
    for (const { remoteHash, localHash, data } of page.pair) {
      entries.push({ localHash, content: remoteHash.length > 0 ? get(remoteHash) : data });
    }
    bytes = page.tail.length > 0 ? get(page.tail) : undefined;
  }
  return { pages, entries: entries.reverse() };
}

test.each<[string, Partial<GenesisSettings>, number, number]>([
  ["paged", { leafSize: 4, fanOut: 4 }, 300, 75],
  ["paged by default", {}, 300, 38],
  ["a linked list", { leafSize: 1, fanOut: 4 }, 100, 100],
  ["fully replicated", { leafSize: 1024 }, 300, 1],
])(
  "a log that is %s can be walked from the head by a reader of the standard alone",
  async (_how, settings, size, pages) => {
    const written = contents(size);
    const walked = walk(await writeLog(written, { settings, bundles: "off" }));
    expect(walked.pages).toBe(pages);
    expect(walked.entries.length).toBe(size);
    for (const [i, entry] of walked.entries.entries()) {
      expect(new Uint8Array(entry.content)).toEqual(content(i));
      const digest = await crypto.subtle.digest("SHA-256", written[i]! as Uint8Array<ArrayBuffer>);
      expect(new Uint8Array(entry.localHash)).toEqual(new Uint8Array(digest));
    }
  },
);

test.each([
  ["imported at once", [600]],
  [
    "appended piece by piece",
    [
      ...Array.from({ length: 65 }, (_, size) => 4 * size),
      ...Array.from({ length: 35 }, (_, i) => 260 + 10 * i),
    ],
  ],
] as const)("and so can one with bundles that was %s", async (_how, publishAt) => {
  const written = contents(600);
  const walked = walk(await writeLog(written, { settings: {}, publishAt, bundles: "writer" }));
  // 2 bundles, 10 pages and the head.
  expect(walked.pages).toBe(13);
  expect(walked.entries.map((entry) => new Uint8Array(entry.content))).toEqual(written);
  // In a bundle, an identifier is left out that is the hash of an embedded content.
  const leftOut = walked.entries.filter((entry) => entry.localHash.length === 0);
  expect(leftOut).toEqual(walked.entries.slice(0, 512).filter((entry) => entry.localHash.length === 0));
  expect(leftOut.length).toBeGreaterThan(400);
});
