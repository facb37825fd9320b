// The program of the Bee nodes, and how it is built.

import { fileURLToPath } from "node:url";
import type { GoProgram } from "../go-program.ts";

/** Bee's own HTTP API over a network and a chain in memory: the program in `tools/bee`. */
export const bee: GoProgram = {
  name: "bee",
  folder: fileURLToPath(new URL("../../../bee", import.meta.url)),
  package: ".",
  module: "github.com/ethersphere/bee/v2",
  variable: "BEE_BINARY",
  takes: "about 1½ minutes on 2 cores, and 25 MB",
};
