import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * What is on the disk for some packages of this folder: themselves and all that they need, each counted once.
 *
 * @returns how many packages, and the bytes of their files
 */
export async function installedBy(folder, names) {
  const seen = new Map();
  for (const name of names) await visit(await realpath(join(folder, "node_modules", name)), seen);
  const all = [...seen.values()];
  const [largest] = [...seen].sort(([, a], [, b]) => b - a);
  return {
    packages: all.length,
    bytes: all.reduce((sum, bytes) => sum + bytes, 0),
    largest: {
      name: JSON.parse(await readFile(join(largest[0], "package.json"), "utf8")).name,
      bytes: largest[1],
    },
  };
}

async function visit(folder, seen) {
  if (seen.has(folder)) return;
  const {
    name,
    files,
    dependencies = {},
    optionalDependencies = {},
  } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  // A package of this repository has more in its folder than what is published.
  const published = folder.includes("node_modules")
    ? undefined
    : files.filter((file) => !file.startsWith("!"));
  seen.set(folder, await bytesOf(folder, published));
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = await resolveFrom(folder, name, needed);
    if (found !== undefined) await visit(found, seen);
    else if (needed in dependencies && !(needed in optionalDependencies))
      throw new Error(`${name} lacks ${needed}.`);
  }
}

/** Where a package finds another: below itself, or beside itself, as pnpm lays them. */
async function resolveFrom(folder, name, needed) {
  const beside = name.startsWith("@") ? dirname(dirname(folder)) : dirname(folder);
  for (const place of [join(folder, "node_modules", needed), join(beside, needed)]) {
    const found = await realpath(place).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function bytesOf(path, only) {
  let bytes = 0;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name === "node_modules") continue;
    if (only !== undefined && entry.name !== "package.json" && !only.includes(entry.name)) continue;
    const at = join(path, entry.name);
    bytes += entry.isDirectory() ? await bytesOf(at) : (await stat(at)).size;
  }
  return bytes;
}
