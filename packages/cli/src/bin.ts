#!/usr/bin/env node
// The executable `rlog`.

import { runRlog } from "./program/program.ts";

const code = await runRlog(process.argv.slice(2));
// Everything written must reach its reader before the process ends, even if the reader is slow.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write("", () => resolve())),
  ),
);
process.exit(code);
