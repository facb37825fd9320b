// A seed that is made once and then kept in a file.

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, open, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { generateSeed, InvalidInputError, UnsupportedError } from "@remote-log/core";
import { isSealedSeed, openSeed, sealSeed } from "@remote-log/core/keyring";
import { removeLeftovers, syncFolder, writeNewFile } from "./durable.ts";
import { errnoOf, fromErrno } from "./errors.ts";

/** More bytes than a file with a seed has, sealed or not. */
const TOO_MANY_BYTES = 4096;
/** What the owner's group and all others may do with a file. */
const OTHERS = 0o077;

const operation = "seed.load";

/** Options of {@link loadOrCreateSeed}. */
export interface LoadOrCreateSeedOptions {
  /**
   * Keeps the seed sealed in an age file, and opens it: whoever reads the file then needs this, too. It takes about a second each time,
   * and 256 MiB of memory. Default: the file holds the seed as it is.
   */
  readonly passphrase?: string | undefined;
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The seed in a file; a new one if there is no such file yet. Of several processes that ask at once, one makes the file, and all
 * get the same seed. It is durable when this resolves, and a crash at any moment leaves the whole file or none.
 *
 * The file holds 64 hexadecimal digits and a line end, as the file `seed` of `rlog` does, or with a passphrase an age file with
 * these. Only its owner may read it (mode
 * 0600). As `ssh` does with its keys, this refuses a file of the calling user that others may read or write. A file of another
 * owner is taken as it is, and so are links: secrets of containers are mounted in that way. Windows has no such modes.
 *
 * Keep a copy of the file elsewhere: whoever has it can write the log, and without it nobody can.
 *
 * @param path - the file. Its folder must exist: a folder that is not mounted must not become a new log
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a path that can't be used; with the reason `"not-a-seed"` if the file holds
 * something else, `"open-permissions"` if others may read or write it, `"passphrase-needed"` and `"wrong-passphrase"` if the
 * passphrase is missing or another one, and `"not-sealed"` if there is one and the seed is kept without. The file is left as it is.
 * @throws UnsupportedError `ERR_UNSUPPORTED` if a new file is needed and the filesystem has no hard links
 * @throws DeniedError `ERR_DENIED`, QuotaExhaustedError `ERR_QUOTA`, UnreachableError `ERR_UNREACHABLE` if the system refuses or
 * fails
 *
 * @example
 * ```ts
 * import { openWriter } from "@remote-log/core";
 * import { loadOrCreateSeed } from "@remote-log/fs";
 * import { MemoryLevel } from "memory-level";
 *
 * const writer = await openWriter({
 *   seed: await loadOrCreateSeed("log.seed"), // the same at every start
 *   journal: new MemoryLevel(), // on a real device: new ClassicLevel("journal")
 * });
 * await writer.close();
 * ```
 */
export async function loadOrCreateSeed(
  path: string,
  { passphrase, signal }: LoadOrCreateSeedOptions = {},
): Promise<Uint8Array> {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw invalid("The path of a seed must be a text: not empty, without NUL.");
  }
  signal?.throwIfAborted();
  const file = resolve(path);
  try {
    return (await load(file, passphrase)) ?? (await create(file, passphrase, signal));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") {
      throw invalid(`The folder of the seed ${file} does not exist. Nothing was made. Make it first.`, error);
    }
    throw fromErrno(error, { operation, action: `loading the seed ${file}` });
  }
}

async function load(file: string, passphrase: string | undefined): Promise<Uint8Array | undefined> {
  // Without waiting: to open a pipe that nobody writes to would take for ever.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(
    (error: unknown) => {
      if (errnoOf(error) !== "ENOENT") throw error;
      return undefined;
    },
  );
  if (handle === undefined) return undefined;
  try {
    const { mode, uid } = await handle.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw notASeed(file, "it is no file");
    if (uid === process.getuid?.() && (mode & OTHERS) !== 0) throw tooOpen(file, mode);
    const bytes = Buffer.alloc(TOO_MANY_BYTES);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    const text = bytes.toString("latin1", 0, bytesRead);
    if (!/^[0-9a-f]{64}\s*$/i.test(text) && !isSealedSeed(text))
      throw notASeed(file, "it holds something else");
    const seed = await openSeed(text, passphrase, { name: `the seed ${file}` });
    // Whoever made the file may not have come to this, and what the seed signs must not outlive it.
    await syncParent(file).catch(() => undefined);
    return seed;
  } finally {
    await handle.close();
  }
}

async function create(
  file: string,
  passphrase: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const seed = generateSeed();
  const temporary = join(dirname(file), `.tmp-${randomBytes(16).toString("hex")}`);
  const content = Buffer.from(
    passphrase === undefined ? `${Buffer.from(seed).toString("hex")}\n` : await sealSeed(seed, passphrase),
  );
  const context = { operation, action: `making the seed ${file}` };
  await writeNewFile(temporary, content, { sync: true, mode: 0o600, signal, context });
  try {
    // A link, for it fails if there is such a file: of several processes one makes it, and it is whole from the start.
    await link(temporary, file);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return await loadMade(file, passphrase);
    if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV"].includes(errnoOf(error) ?? "")) {
      throw new UnsupportedError(
        `The seed ${file} can't be made: the filesystem has no hard links (${errnoOf(error)}), without which two processes could ` +
          "make two seeds. Keep it on another filesystem, or write the file yourself: 64 hexadecimal digits, mode 0600.",
        { operation, cause: error },
      );
    }
    throw error;
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
  await syncParent(file);
  await removeLeftovers(dirname(file), basename(file));
  return seed;
}

async function loadMade(file: string, passphrase: string | undefined): Promise<Uint8Array> {
  const seed = await load(file, passphrase);
  if (seed !== undefined) return seed;
  throw notASeed(file, "it was removed, or is a link that leads nowhere");
}

async function syncParent(file: string): Promise<void> {
  // Windows syncs no folders.
  if (process.platform === "win32") return;
  await syncFolder(dirname(file), { operation, action: `making the seed ${file} durable` });
}

function notASeed(file: string, why: string): InvalidInputError {
  return invalid(
    `${file} is no seed: ${why}, and a seed is 64 hexadecimal digits. It was left as it is. Restore it from a backup, or name ` +
      "another file for a new log.",
    undefined,
    "not-a-seed",
  );
}

function tooOpen(file: string, mode: number): InvalidInputError {
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  return invalid(
    `Others than its owner may read or write the seed ${file} (mode ${octal}), and whoever has it can write the log. It was not ` +
      `used. If nobody can have read it: chmod 600 ${JSON.stringify(file)}. Otherwise begin a new log.`,
    undefined,
    "open-permissions",
  );
}

function invalid(message: string, cause?: unknown, reason?: string): InvalidInputError {
  return new InvalidInputError(message, { operation, cause, reason });
}
