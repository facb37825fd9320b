#!/usr/bin/env node
import { runRlog } from "./program.ts";

const code = await runRlog(process.argv.slice(2));
// What was written has to reach its reader before the process ends, also where the reader is slow.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write("", () => resolve())),
  ),
);
process.exit(code);
