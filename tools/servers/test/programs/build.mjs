// Builds a file with what was built of the launcher: node build.mjs <sources> <script> <key>
// The script is run with the path of the file to make. Says the path that it got.
import { cachedBuild } from "../../dist/cached-build.js";

const [sources, script, key] = process.argv.slice(2);
const path = await cachedBuild({
  name: "made",
  key,
  sources,
  command: process.execPath,
  args: (output) => [script, output],
  env: process.env,
  takes: "no time",
});
process.stdout.write(`${path}\n`);
