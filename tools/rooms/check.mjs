// `pnpm lint` runs this: the imports of every package, held against tools/rooms/map.mjs, and the first lines of every file.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { checkHeader } from "./check-headers.mjs";
import { checkRooms } from "./check-rooms.mjs";
import * as map from "./map.mjs";
import { readImports } from "./read-imports.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
// Every folder with a `src` of its own: the packages, and the private ones among the tools.
const homes = ["packages", "tools"]
  .flatMap((floor) => readdirSync(join(root, floor)).map((name) => join(floor, name)))
  .filter((home) => existsSync(join(root, home, "src")));
const paths = homes.flatMap((home) => sourcesOf(join(root, home, "src")));
const files = paths.map(read);
const headless = paths.flatMap((path) => checkHeader(fromRoot(path), readFileSync(path, "utf8")));
const { faults: forbidden, arrows, rooms, upwards, circles } = checkRooms(files, map);
const faults = [...forbidden, ...headless];
const excepted = Object.values(map.exceptions).flat().length;

for (const fault of faults) console.error(fault);
console.log(
  `${files.length} files in ${rooms} rooms, ${arrows} arrows: ${upwards} upwards in the core, ${circles} circles of files, ` +
    `${excepted} exceptions, ${faults.length} faults.`,
);
if (faults.length > 0) process.exitCode = 1;

function sourcesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function read(path) {
  const imports = readImports(path).map((target) =>
    target.startsWith(".") ? fromRoot(resolve(dirname(path), target)) : target,
  );
  return { path: fromRoot(path), imports };
}

function fromRoot(path) {
  return relative(root, path).split(sep).join("/");
}
