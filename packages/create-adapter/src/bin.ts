#!/usr/bin/env node
// The command `create-adapter`.

import { runCreateAdapter } from "./program.ts";

process.exitCode = await runCreateAdapter(process.argv.slice(2), {
  folder: process.cwd(),
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
});
