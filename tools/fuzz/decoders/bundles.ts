// Index nodes and the bundles that they name, verified: docs/protocol.md, "Bundles". Both readers have to say the same of each.

import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { encodeBundle, encodeBundlePart } from "../../../packages/core/src/log/bundle.ts";
import { decodeBundle } from "../../../packages/core/src/log/bundled-node.ts";
import { encodeIndexNode, readIndexNode } from "../../../packages/core/src/log/index-node.ts";
import { pairFromWire, pairLeafHash } from "../../../packages/core/src/log/pair.ts";
import { peaksOf, perfectSubtreeHash } from "../../../packages/core/src/merkle/index.ts";
import { decodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import { decodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import * as second from "../../second-reader/index.mjs";
import { type Corpus, type Decoder, hexOf, printed, promise, UNVERIFIED } from "../decoder.ts";
import { mostly } from "../mutate/bytes.ts";
import { mutateProtobuf } from "../mutate/protobuf.ts";
import { indexNodeSchema, remoteLogSchema } from "./messages.ts";

/** Entries in a page of the bundles of the corpus. */
export const BUNDLED_LEAF = 2;

/** Where the nodes of the corpus begin, in pages: nothing in a node says that. */
const FIRST_PAGE = 64;

/** Whether the second reader accepts something; any error but a refusal is thrown on. */
function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof second.Refused) return false;
    throw error;
  }
}

/** Runs our own reader, and fails unless the second reader has the same verdict. */
async function agreed<T>(own: () => T | Promise<T>, other: () => unknown): Promise<T> {
  const isAccepted = accepts(other);
  let result: T;
  try {
    result = await own();
  } catch (error) {
    promise(!isAccepted, `the second reader accepts what is refused here: ${error}`);
    throw error;
  }
  promise(isAccepted, "the second reader refuses what is accepted here");
  return result;
}

/** Decoders of nodes and bundles. */
export function bundles(corpus: Corpus): readonly Decoder[] {
  const nodes = (corpus.get("node") ?? []).map((bytes) => {
    const { addresses, hashes } = decodeIndexNode(bytes);
    const all = Array.from(addresses, (_, i) => hashes.subarray(i * 32, i * 32 + 32));
    return { count: addresses.length, hashes, peaks: peaksOf(all) };
  });
  const stored = (corpus.get("bundle") ?? []).map((bytes) => {
    const leafHashes = decodeRemoteLog(bytes)
      .pairs.map((pair) => {
        const localHash = pair.localHash.length > 0 ? pair.localHash : sha256(pair.data);
        return pairLeafHash(pairFromWire({ ...pair, localHash }));
      })
      .reverse();
    const pages = Array.from({ length: leafHashes.length / BUNDLED_LEAF }, (_, page) =>
      perfectSubtreeHash(leafHashes.slice(page * BUNDLED_LEAF, (page + 1) * BUNDLED_LEAF)),
    );
    return { leafHashes, pages };
  });

  return [
    {
      name: "node",
      share: 16,
      mutate: mostly(mutateProtobuf(indexNodeSchema)),
      refusals: UNVERIFIED,
      check: async (input, origin) => {
        const { count, hashes, peaks } = nodes[origin]!;
        const node = await agreed(
          () => readIndexNode(input, { count, peaks, firstPage: FIRST_PAGE }),
          () => second.verifyNode(input, count, peaks),
        );
        promise(
          hexOf(concatBytes(node.refs.map(({ hash }) => hash))) === hexOf(hashes),
          "a node has other hashes than the signed ones",
        );
        let end = FIRST_PAGE;
        for (const { first, lengths } of node.bundles) {
          promise(first >= end && first % lengths.length === 0, "bundles overlap, or are not aligned");
          end = first + lengths.length;
        }
        promise(end <= FIRST_PAGE + count, "a bundle has pages without refs");
        const again = await readIndexNode(encodeIndexNode(node.refs, node.bundles, FIRST_PAGE), {
          count,
          peaks,
          firstPage: FIRST_PAGE,
        });
        promise(printed(again) === printed(node), "a node that was written again is another one");
      },
    },
    {
      name: "bundle",
      share: 16,
      mutate: mostly(mutateProtobuf(remoteLogSchema)),
      refusals: UNVERIFIED,
      check: async (input, origin) => {
        const { leafHashes, pages: hashes } = stored[origin]!;
        const { pages } = await agreed(
          () => decodeBundle(input, BUNDLED_LEAF, hashes),
          () => second.verifyBundle(input, BUNDLED_LEAF, hashes),
        );
        promise(
          printed(pages.flatMap(({ pairs }) => pairs.map(pairLeafHash))) === printed(leafHashes),
          "a bundle has other entries than the signed ones",
        );
        const parts = pages.map(({ pairs }) => encodeBundlePart(pairs));
        const again = decodeBundle(encodeBundle(parts, undefined), BUNDLED_LEAF, hashes);
        promise(printed(again.pages) === printed(pages), "a bundle that was written again is another one");
      },
    },
  ];
}
