// What is verified against a signature or a Merkle hash: docs/protocol.md, "Tree and checkpoint", "Pages, nodes, head".

import { bytesEqual, concatBytes } from "../../../packages/core/src/bytes.ts";
import { encodeBase64 } from "../../../packages/core/src/checkpoint/base64.ts";
import { checkpointOrigin, verifyCheckpoint } from "../../../packages/core/src/checkpoint/index.ts";
import { deriveKeys, signingKeyFromSeed } from "../../../packages/core/src/crypto/index.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { logIdOf } from "../../../packages/core/src/log/genesis.ts";
import { rootOf, verifyHead } from "../../../packages/core/src/log/head.ts";
import { decodePage } from "../../../packages/core/src/log/page.ts";
import { pairFromWire, pairLeafHash } from "../../../packages/core/src/log/pair.ts";
import { perfectSubtreeHash } from "../../../packages/core/src/merkle/index.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import { type Corpus, type Decoder, hexOf, printed, promise, UNVERIFIED } from "../decoder.ts";
import { mostly } from "../mutate/bytes.ts";
import { mutateProtobuf } from "../mutate/protobuf.ts";
import { mutateText } from "../mutate/text.ts";
import { remoteLogSchema } from "./messages.ts";

/** The seed of the logs in the corpus. */
export const logSeed: Uint8Array = new Uint8Array(32).fill(0x5e);

/** What a head, page or node in the corpus says. Nothing that was made of it may say anything else. */
interface Signed {
  readonly logId: string;
  readonly size: number;
  readonly root: string;
}

/** Decoders of what is verified. */
export async function signed(corpus: Corpus): Promise<readonly Decoder[]> {
  const key = await signingKeyFromSeed(deriveKeys(logSeed).signing);
  const heads = corpus.get("head") ?? [];
  const states: Signed[] = [];
  for (const bytes of heads) {
    const { genesis, checkpoint } = await verifyHead(bytes, logIdOf(decodeRemoteLog(bytes).genesis));
    states.push({ logId: genesis.logId, size: checkpoint.size, root: hexOf(checkpoint.root) });
  }
  const manifests = (corpus.get("head-with-manifest") ?? []).map((bytes) => {
    const { genesis, manifest } = decodeRemoteLog(bytes);
    return { logId: logIdOf(genesis), hex: hexOf(manifest!.bytes) };
  });
  const isSigned = (state: Signed): boolean => states.some((one) => printed(one) === printed(state));

  const pages = (corpus.get("page") ?? []).map((bytes) => {
    const leafHashes = decodeRemoteLog(bytes)
      .pairs.map((pair) => pairLeafHash(pairFromWire(pair)))
      .reverse();
    return { leafHashes, hash: perfectSubtreeHash(leafHashes) };
  });
  const checkpoints = (corpus.get("verified-checkpoint") ?? []).map((note) => {
    const logId = /remote-log\/v1\/([0-9a-f]{64})/.exec(new TextDecoder().decode(note))?.[1] ?? "";
    return { origin: checkpointOrigin(logId), publicKey: key.publicKey };
  });

  return [
    {
      name: "head",
      share: 8,
      mutate: mostly(mutateProtobuf(remoteLogSchema)),
      refusals: UNVERIFIED,
      check: async (input, origin) => {
        const { genesis, checkpoint, levels, shape, leafHashes } = await verifyHead(
          input,
          states[origin]!.logId,
        );
        const state = { logId: genesis.logId, size: checkpoint.size, root: hexOf(checkpoint.root) };
        promise(isSigned(state), "a head says what its writer never signed");
        promise(
          hexOf(rootOf(levels, shape, leafHashes)) === state.root,
          "a head does not add up to its root",
        );
      },
    },
    {
      name: "head-with-manifest",
      share: 4,
      mutate: mostly(mutateProtobuf(remoteLogSchema)),
      refusals: UNVERIFIED,
      check: async (input, origin) => {
        const { manifest } = await verifyHead(input, manifests[origin]!.logId);
        promise(
          // Without any of its fields a head has none.
          manifest === undefined || manifests.some(({ hex }) => hex === hexOf(manifest.bytes)),
          "a head has a manifest that its writer never signed",
        );
      },
    },
    {
      // A malicious writer: whatever the head says of size and root is signed before it is read.
      name: "head-of-hostile-writer",
      share: 2,
      mutate: mostly(mutateProtobuf(remoteLogSchema)),
      refusals: UNVERIFIED,
      check: async (input) => {
        const wire = decodeRemoteLog(input);
        const logId = logIdOf(wire.genesis);
        const [text = ""] = new TextDecoder().decode(wire.checkpoint).split("\n\n", 1);
        const lines = `${text}\n`.replace(/remote-log\/v1\/[0-9a-f]*/, checkpointOrigin(logId));
        const signature = await key.sign(new TextEncoder().encode(lines));
        const name = checkpointOrigin(logId);
        const named = new TextEncoder().encode(`${name}\n`);
        const keyHash = sha256(concatBytes([named, Uint8Array.of(1), key.publicKey])).slice(0, 4);
        const note = `${lines}\n\u2014 ${name} ${encodeBase64(concatBytes([keyHash, signature]))}\n`;
        const bytes = encodeRemoteLog({ ...wire, checkpoint: new TextEncoder().encode(note) });
        const { checkpoint, levels, shape, leafHashes, pairs } = await verifyHead(bytes, logId);
        promise(
          bytesEqual(rootOf(levels, shape, leafHashes), checkpoint.root),
          "a head does not add up to its root",
        );
        promise(pairs.length <= checkpoint.size, "a head has more entries than its size");
      },
    },
    {
      name: "page",
      share: 16,
      mutate: mostly(mutateProtobuf(remoteLogSchema)),
      refusals: UNVERIFIED,
      check: (input, origin) => {
        const { leafHashes, hash } = pages[origin]!;
        const page = decodePage(input, leafHashes.length, hash);
        promise(
          printed(page.pairs.map(pairLeafHash)) === printed(leafHashes),
          "a page has other entries than the signed ones",
        );
      },
    },
    {
      name: "verified-checkpoint",
      share: 8,
      mutate: mostly(mutateText),
      refusals: UNVERIFIED,
      check: async (input, origin) => {
        const signer = checkpoints[origin]!;
        const { origin: shown, size, root } = await verifyCheckpoint(input, signer);
        const state = { logId: shown.slice("remote-log/v1/".length), size, root: hexOf(root) };
        promise(isSigned(state), "a checkpoint says what its writer never signed");
      },
    },
  ];
}
