// The schemes of remotes that `rlog` comes with. `registry.ts` adds those of other programs.

import type { RemoteKind } from "./remote-kind.ts";
import { beeNodeKind } from "./schemes/bee-node.ts";
import { carKind } from "./schemes/car.ts";
import { fileKind } from "./schemes/file.ts";
import { httpsKind } from "./schemes/https.ts";
import { ipfsNodeKind } from "./schemes/ipfs-node.ts";
import { ipnsKind } from "./schemes/ipns.ts";
import { s3Kind } from "./schemes/s3.ts";
import { staticKind } from "./schemes/static.ts";
import { swarmKind } from "./schemes/swarm.ts";

/** The kind of remote of each scheme, in the order in which messages list them. */
export const builtInSchemes: readonly (readonly [string, RemoteKind])[] = [
  ["file", fileKind],
  ["car", carKind],
  ["static", staticKind],
  ["s3", s3Kind],
  ["https", httpsKind],
  ["http", httpsKind],
  ["ipfs+http", ipfsNodeKind],
  ["ipfs+https", ipfsNodeKind],
  ["ipns", ipnsKind],
  ["bee+http", beeNodeKind],
  ["bee+https", beeNodeKind],
  ["swarm", swarmKind],
];
