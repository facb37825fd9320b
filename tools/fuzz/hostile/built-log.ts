// A small log that is put together by hand: it does not depend on how today's writer cuts and folds one.

import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { checkpointOrigin, formatCheckpoint, signNote } from "../../../packages/core/src/checkpoint/index.ts";
import type { SigningKey } from "../../../packages/core/src/crypto/index.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { createGenesis, type GenesisSettings } from "../../../packages/core/src/log/genesis.ts";
import { CompactRange, hashLeaf } from "../../../packages/core/src/merkle/index.ts";
import type { WirePair } from "../../../packages/core/src/wire/remote-log-message.ts";
import { Random } from "../random.ts";
import { buildTree, type Plan } from "../trees/build-tree.ts";

/** A log at some sizes. */
export interface BuiltLog {
  readonly logId: string;
  /** The heads at the sizes, the smallest first. */
  readonly heads: readonly Uint8Array[];
  /** Every object, by the text of its address. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** The contents, oldest first. */
  readonly entries: readonly Uint8Array[];
}

/** Which entry is an object of its own. */
const APART = 3;
const none = new Uint8Array(0);
const addressOf = (digest: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(1, 0x55, 0x12, 32), digest]);

/**
 * Builds a log whose entries are a word and their number.
 *
 * @param put - how the text of an address is made of a content
 * @param bundle - writes the nodes that lead to pages; default: they name no bundles
 */
export async function builtLog(
  sizes: readonly number[],
  settings: Pick<GenesisSettings, "leafSize" | "fanOut"> & { readonly recoveryKeyHash?: Uint8Array },
  word: string,
  key: SigningKey,
  put: (content: Uint8Array) => string,
  bundle?: Plan["bundle"],
): Promise<BuiltLog> {
  const { bytes: genesis, logId } = createGenesis({
    ...settings,
    identifiers: "sha256",
    visibility: "public",
    signingKey: key.publicKey,
  });
  const count = sizes.at(-1) ?? 0;
  const entries: Uint8Array[] = Array.from({ length: count }, (_, i) =>
    new TextEncoder().encode(`${word} ${i}`),
  );
  entries[APART] = new TextEncoder().encode(`${word} ${APART}, an object`);
  const objects = new Map<string, Uint8Array>([[put(entries[APART]), entries[APART]]]);
  const pairs = entries.map((content, i): WirePair => {
    const localHash = sha256(content);
    const apart = i === APART;
    return {
      localHash,
      contentHash: undefined,
      remoteHash: apart ? addressOf(localHash) : none,
      data: apart ? none : content,
    };
  });
  const heads: Uint8Array[] = [];
  for (const size of sizes) {
    const range = CompactRange.empty();
    for (const { localHash } of pairs.slice(0, size))
      range.appendLeaf(hashLeaf(concatBytes([localHash, localHash])));
    const origin = checkpointOrigin(logId);
    const note = await signNote(formatCheckpoint({ origin, size, root: range.root() }), origin, key);
    const plan: Plan = {
      ...{ ...settings, pairs: pairs.slice(0, size), genesis, note: new TextEncoder().encode(note) },
      ...(bundle && { bundle }),
    };
    const built = buildTree(plan, new Random(0, "a built log"));
    heads.push(built.head);
    for (const [address, content] of built.objects) objects.set(address, content);
  }
  return { logId, heads, objects, entries };
}
