// A reader's identity in a file: what `rlog reader-key` makes, and `age-keygen` too.

import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { generateIdentity, type RecipientKind, recipientOf } from "@remote-log/core/keyring";
import { CommandError } from "../errors/command-error.ts";
import { makeFolder } from "../files/make-folder.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import { warnIfOpen } from "../files/warn-if-open.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { writeNew } from "../writing/durable-files.ts";

/** The longest file that is read, in bytes. */
const LONGEST = 16 * 1024;

/** Where the identity is, if nothing else is said: `rlog/reader-key` in the user's folder for settings. */
export function defaultIdentityFile(): string {
  return join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "rlog", "reader-key");
}

/**
 * Reads a file with identities. Warns if others may read it.
 *
 * @throws CommandError `ERR_IDENTITY` if it is missing or can't be used
 */
export async function readIdentityFile(invocation: Invocation, path: string): Promise<string> {
  try {
    const text = await readText(path, LONGEST);
    await warnIfOpen(invocation, path, "whoever has the identity can read what was granted to you");
    return text;
  } catch (error) {
    if (error instanceof UnusableFile) throw noIdentity(path, error.message);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw noIdentity(path, "there is no such file");
  }
}

/**
 * Makes a file with a new identity, for its owner alone; leaves one alone that is there.
 *
 * @returns the recipient, and whether the file was made
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"identity"` if something else is in the file
 */
export async function identityFile(
  invocation: Invocation,
  path: string,
  kind: RecipientKind,
): Promise<{ readonly recipient: string; readonly made: boolean }> {
  const identity = await generateIdentity(kind);
  const recipient = await recipientOf(identity);
  const text = `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`;
  await makeFolder(dirname(path), 0o700);
  try {
    await writeNew(path, text);
    return { recipient, made: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return { recipient: await recipientOf(await readIdentityFile(invocation, path)), made: false };
  }
}

function noIdentity(path: string, why: string): CommandError {
  return new CommandError(
    "ERR_IDENTITY",
    `${path} can't be used as a reader's identity: ${why}. rlog reader-key makes one.`,
  );
}
