import { checkpointOrigin, signCheckpoint } from "../../src/checkpoint/index.ts";
import { deriveKeys, generateSeed, type SigningKey, signingKeyFromSeed } from "../../src/crypto/index.ts";
import { type Address, addressOf, rawSha256 } from "../../src/index.ts";
import {
  createGenesis,
  defaultSettings,
  type GenesisSettings,
  type IdentifiedGenesis,
} from "../../src/log/genesis.ts";
import { type HeadLevel, rootOf } from "../../src/log/head.ts";
import { unpackRefs } from "../../src/log/index-node.ts";
import { type Pair, pairLeafHash, pairToWire } from "../../src/log/pair.ts";
import { peakCount, treeShape } from "../../src/log/tree-shape.ts";
import { encodeRemoteLog, type WireLevel, type WireRemoteLog } from "../../src/wire/remote-log-message.ts";

/** A writer who has the key, and signs whatever suits it. */
export interface MaliciousWriter {
  readonly genesis: IdentifiedGenesis;
  /** A head of a size with refs to nothing, which add up to the root that is signed, for any log id. */
  head(
    size: number,
    change?: (wire: WireRemoteLog) => WireRemoteLog,
    signedFor?: string,
  ): Promise<Uint8Array>;
}

/** Begins a log of a malicious writer. */
export async function maliciousWriter(
  settings: Partial<GenesisSettings>,
  refAddress?: Address,
  signer?: { readonly key: SigningKey; readonly genesis?: IdentifiedGenesis },
): Promise<MaliciousWriter> {
  const key = signer?.key ?? (await signingKeyFromSeed(deriveKeys(generateSeed()).signing));
  const genesis =
    signer?.genesis ??
    createGenesis({
      ...defaultSettings,
      visibility: "public",
      ...settings,
      signingKey: key.publicKey,
    });
  const address = refAddress ?? (await addressOf(new Uint8Array([1, 2, 3]), rawSha256));
  const hash = new Uint8Array(32).fill(7);
  const pair: Pair = { localHash: hash, contentHash: hash, place: { kind: "removed" } };
  return {
    genesis,
    async head(size, change = (wire) => wire, signedFor = genesis.logId) {
      const shape = treeShape(size, genesis.genesis);
      const wires: WireLevel[] = [];
      const levels: HeadLevel[] = shape.levels.map(({ refs }) => {
        const inHead = Math.min(refs, 3);
        const stored = refs - inHead;
        const addresses = Array.from({ length: inHead }, () => address.bytes);
        const hashes = new Uint8Array(32 * inHead).fill(7);
        const peaks = Array.from({ length: peakCount(stored) }, () => hash);
        const node = stored > 0 ? address.bytes : new Uint8Array(0);
        wires.push({ node, peaks: new Uint8Array(32 * peaks.length).fill(7), addresses, hashes });
        const columns = unpackRefs(addresses, hashes);
        return stored > 0 ? { node: { address, refs: stored, peaks }, refs: columns } : { refs: columns };
      });
      const pairs = Array.from({ length: size - shape.pages * genesis.genesis.leafSize }, () => pair);
      const root = rootOf(levels, shape, pairs.map(pairLeafHash));
      const note = await signCheckpoint({ origin: checkpointOrigin(signedFor), size, root }, key);
      return encodeRemoteLog(
        change({
          pairs: pairs.map(pairToWire),
          tail: wires[0]?.addresses.at(-1) ?? new Uint8Array(0),
          genesis: genesis.bytes,
          checkpoint: new TextEncoder().encode(note),
          levels: wires,
          head: new Uint8Array(0),
        }),
      );
    },
  };
}
