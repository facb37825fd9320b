#!/usr/bin/env node
// The executable `rlog`.

import { runRlog } from "./program/program.ts";

// Others on this machine see the arguments of a process, and a link can hold a key. Where the system allows it, this replaces them.
if (process.argv.some((argument) => argument.startsWith("rlog:"))) process.title = "rlog";

const code = await runRlog(process.argv.slice(2));
// Everything written must reach its reader before the process ends, even if the reader is slow.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write("", () => resolve())),
  ),
);
process.exit(code);
