import { cp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A folder as storage. */
export function openFolder(folder) {
  const remote = join(folder, "remote");
  const old = join(folder, "old-remote");

  // The storage is what it was, but for what it shows while it lies.
  async function lie(shown, told) {
    const honest = join(folder, "honest");
    await rename(remote, honest);
    await cp(shown ?? honest, remote, { recursive: true });
    await told();
    await rm(remote, { recursive: true });
    await rename(honest, remote);
  }

  return {
    about: [],
    uri: pathToFileURL(remote).href,
    folder: remote,
    async keep() {
      await cp(remote, old, { recursive: true });
      return old;
    },
    whileItShows: lie,
    whileOneBitIsFlipped: (told) =>
      lie(undefined, async () => {
        await flipOneBit(await smallestFile(join(remote, "contents")));
        await told();
      }),
    async close() {},
  };
}

async function flipOneBit(path) {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(path, bytes);
}

// The smallest is a page. Larger ones may be index nodes, and one that was replaced since is read by nobody.
async function smallestFile(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { path, size: (await stat(path)).size };
      }),
  );
  return files.reduce((least, file) => (file.size < least.size ? file : least)).path;
}
