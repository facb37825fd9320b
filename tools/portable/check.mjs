// `pnpm lint` runs this: what not every runtime has is used in one place alone, which copes without it.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { faultsOf, HOMES, PLACES } from "./rules.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = PLACES.flatMap((place) =>
  readdirSync(join(root, place), { recursive: true, withFileTypes: true }),
)
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
  .filter((path) => !HOMES.test(path));
const faults = files.flatMap((path) => faultsOf(path, readFileSync(join(root, path), "utf8")));

for (const fault of faults) console.error(fault);
console.log(`${files.length} files that run on phones and in browsers, ${faults.length} faults.`);
if (faults.length > 0) process.exitCode = 1;
