// The key of a mirror in a file, and beside it what it signed: what `rlog mirror --cosign` uses and makes.

import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "@remote-log/core";
import { Cosigner, cosignerKeyText, cosignerSecretText, parseCosignerSecret } from "@remote-log/core/cosign";
import { CommandError } from "../errors/command-error.ts";
import { makeFolder } from "../files/make-folder.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import { warnIfOpen } from "../files/warn-if-open.ts";
import { ReaderState } from "../reading/reader-state.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { writeNew } from "../writing/durable-files.ts";

/** The longest file with a key that is read, in bytes. */
const LONGEST = 4096;
/** Under which key the state says whose it is. */
const OWNER = "cosigner";

/** A cosigner whose key is in a file. */
export interface FileCosigner {
  readonly cosigner: Cosigner;
  /** Closes what it keeps. */
  close(): Promise<void>;
}

/** How a cosigner is opened. */
export interface CosignerFileOptions {
  /** The name of a key that is made. Default: one that follows from chance. */
  readonly name?: string | undefined;
  /** How old a signature on the newest state gets before it is made anew, in seconds. */
  readonly refreshSeconds?: number | undefined;
}

/**
 * Opens the cosigner of a file, and makes its key first if there is none: a line that Go's tools for signed notes read, for its owner alone.
 * What it signed is in a folder beside it, `<file>.signed`.
 *
 * @throws CommandError `ERR_COSIGNER` if the file can't be used, or if what its key signed is gone
 */
export async function openCosignerFile(
  invocation: Pick<Invocation, "warn" | "note" | "signal">,
  path: string,
  { name, refreshSeconds }: CosignerFileOptions = {},
): Promise<FileCosigner> {
  const folder = `${path}.signed`;
  if (!(await isThere(path))) await makeKey(invocation, path, folder, name);
  const { name: own, key } = await readKey(path);
  await warnIfOpen(invocation, path, "whoever has the key can sign what this mirror never kept");
  if (name !== undefined && name !== own) {
    throw unusable(path, `its key is called ${own}, and not ${name}. Name another file to make another key`);
  }
  if (!(await isThere(folder))) throw lost(path, folder);
  const store = await ReaderState.open(folder, invocation.signal);
  const cosigner = new Cosigner({ name: own, key, store, refreshSeconds });
  try {
    const owner = await store.get(OWNER);
    if (owner === undefined || new TextDecoder().decode(owner) !== cosigner.verifierKey)
      throw lost(path, folder);
  } catch (error) {
    await store.close();
    throw error;
  }
  return { cosigner, close: () => store.close() };
}

// What it signed comes first: a key without that would sign anything.
async function makeKey(
  invocation: Pick<Invocation, "note" | "signal">,
  path: string,
  folder: string,
  name = `mirror.invalid/${randomBytes(8).toString("hex")}`,
): Promise<void> {
  const secret = await cosignerSecretText(name, randomBytes(32));
  const { key } = await parseCosignerSecret(secret);
  const verifierKey = cosignerKeyText({ name, publicKey: key.publicKey });
  await makeFolder(dirname(path), 0o700);
  const store = await ReaderState.open(folder, invocation.signal);
  try {
    await store.put(OWNER, new TextEncoder().encode(verifierKey));
  } finally {
    await store.close();
  }
  await writeNew(path, `${secret}\n`);
  await invocation.note(
    `The key of this mirror was made: ${path}. Keep the file and the folder ${folder} together. Readers name it in a policy:\n` +
      `witness NAME ${verifierKey}`,
  );
}

async function readKey(path: string): ReturnType<typeof parseCosignerSecret> {
  try {
    return await parseCosignerSecret(await readText(path, LONGEST));
  } catch (error) {
    if (error instanceof UnusableFile) throw unusable(path, error.message, error);
    if (hasCode(error, "ERR_MALFORMED")) throw unusable(path, "it does not hold such a key", error);
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function unusable(path: string, why: string, cause?: unknown): CommandError {
  return new CommandError("ERR_COSIGNER", `${path} can't be used as the key of a mirror: ${why}.`, 1, cause);
}

function lost(path: string, folder: string): CommandError {
  return new CommandError(
    "ERR_COSIGNER",
    `What the key in ${path} signed is not in ${folder}: it could sign what contradicts that. Restore the folder, or make another key: ` +
      "move the file away, and tell readers the new key.",
  );
}
