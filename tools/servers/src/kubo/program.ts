// The program of Kubo, and how it is built.

import type { GoProgram } from "../go-program.ts";

/** Kubo, the IPFS node that most people run. */
export const kubo: GoProgram = {
  name: "kubo",
  package: "github.com/ipfs/kubo/cmd/ipfs",
  module: "github.com/ipfs/kubo",
  variable: "KUBO_BINARY",
  takes: "about 2 to 4 minutes on 2 cores, and 63 MB",
};
