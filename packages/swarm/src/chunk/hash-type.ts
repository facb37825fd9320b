// The address of a content, as a CID: multihash `bmt` (0xd6) of the multicodec table.

import type { HashType } from "@remote-log/core";
import { HASH_BYTES } from "./keccak.ts";
import { rootAddress } from "./tree.ts";

/**
 * Bytes under the address of their tree of Swarm chunks: CIDv1, codec `raw` (0x55), multihash `bmt` (0xd6), 32 bytes. The
 * digest is what `POST /bytes` of a Bee node answers if neither redundancy nor encryption is asked for.
 */
export const swarmBmt: HashType = {
  name: "swarm bmt",
  codec: 0x55,
  hash: 0xd6,
  digestBytes: HASH_BYTES,
  digest: rootAddress,
};
