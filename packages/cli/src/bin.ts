#!/usr/bin/env node
// The executable `rlog`.

import { asksForVersion, ownVersion } from "./program/own-version.ts";

// Others on this machine see the arguments of a process, and a link can hold a key. Where the system allows it, this replaces them.
if (process.argv.some((argument) => argument.startsWith("rlog:"))) process.title = "rlog";

const code = await run(process.argv.slice(2));
// Everything written must reach its reader before the process ends, even if the reader is slow.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write("", () => resolve())),
  ),
);
process.exit(code);

async function run(words: readonly string[]): Promise<number> {
  if (asksForVersion(words)) {
    // Nobody may read it; then there is nothing to say.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
    process.stdout.write(`${ownVersion()}\n`);
    return 0;
  }
  const { runRlog } = await import("./program/program.ts");
  return runRlog(words);
}
