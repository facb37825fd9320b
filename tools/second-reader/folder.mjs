// Remotes in a folder (packages/fs/README.md, "Contents", "Names", "A folder for web servers").

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folderDigest } from "./address.mjs";
import { concat, equal, hex, sha256 } from "./bytes.mjs";
import { Refused, verified, wellFormed } from "./refused.mjs";

const LINE = "remote-log name 2\n";
const REVISION = /^([0-9]{16})-([0-9a-f]{32})$/;

/** @param {string} path */
function fileAt(path) {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * @param {Uint8Array} file
 * @returns {{ id: string, content: Uint8Array }}
 */
function decodeValue(file) {
  const line = new Uint8Array(Buffer.from(LINE));
  wellFormed(equal(file.subarray(0, line.length), line), "a name of another kind of folder");
  const hash = file.subarray(line.length, line.length + 32);
  const rest = file.subarray(line.length + 32);
  verified(equal(sha256(rest), hash), "a name that does not fit its hash");
  const [id, length, check] = [rest.subarray(0, 16), rest.subarray(16, 20), rest.subarray(20, 24)];
  const content = rest.slice(24);
  verified(
    equal(sha256(concat(line, id, length)).subarray(0, 4), check),
    "the beginning of a name is damaged",
  );
  wellFormed(Buffer.from(length).readUInt32BE() === content.length, "a name of another length");
  return { id: hex(id), content };
}

/**
 * The newest value of a name: the last in the chain of revisions.
 *
 * @param {string} folder of the name
 */
function newestValue(folder) {
  const first = fileAt(join(folder, "first"));
  if (first === undefined) return undefined;
  const newest = readdirSync(folder)
    .flatMap((entry) => {
      const [, number, id] = REVISION.exec(entry) ?? [];
      return number === undefined ? [] : [{ entry, number: Number(number), id }];
    })
    .sort((a, b) => b.number - a.number);
  for (const { entry, number } of newest) {
    const value = fileAt(join(folder, entry, "next"));
    if (value === undefined) continue;
    const next = decodeValue(value);
    // What this revision leads to is the newest, unless something follows it.
    const following = `${String(number + 1).padStart(16, "0")}-${next.id}`;
    if (!existsSync(join(folder, following)))
      throw new Refused("missing", "a revision of the name is missing");
    return next.content;
  }
  return decodeValue(first).content;
}

/**
 * A remote in a folder.
 *
 * @param {string} root
 */
export function openFolder(root) {
  const names = join(root, "names");
  return {
    /**
     * What stands under an address. It is checked by whoever asks.
     *
     * @param {Uint8Array} address
     */
    read(address) {
      const digest = hex(folderDigest(address));
      return (
        fileAt(join(root, "contents", digest.slice(0, 2), digest.slice(2))) ??
        fileAt(join(root, "contents", digest))
      );
    },

    /**
     * What the name of a log holds, or `undefined` if there is none.
     *
     * @param {Uint8Array} logId
     */
    nameOf(logId) {
      const key = hex(sha256(hex(logId)));
      const path = join(names, key);
      return existsSync(join(path, "first")) ? newestValue(path) : fileAt(path);
    },
  };
}
