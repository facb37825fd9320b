// `rlog link`: prints all that a reader needs.

import { formatLink, type LogLink, parseCheckpoint, parseSignedNote } from "@remote-log/core";
import { CommandError, usageError } from "../errors/command-error.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { readerUris, viewWriterFolder, type WriterView } from "../writing/writer-folder.ts";

/** Options of `rlog link`. */
export interface LinkOptions {
  readonly dir: string;
  /** Where the passphrase of the seed is. */
  readonly passphraseFile?: string;
  /** Whether the link of a private log has its key. Default: it has. */
  readonly key?: boolean;
  /** Other remotes to name, instead of those of the log: a mirror, for example. Default: none. */
  readonly remote?: readonly string[];
  /** Whether it names no remote, for readers who get the log in a file. Default: it does. */
  readonly offline?: boolean;
  /** Whether to print it as a QR code, too. */
  readonly qr?: boolean;
}

/** Prints the link of a log, which holds all that a reader needs. Makes no request. */
export async function link(
  invocation: Invocation,
  { dir, key: withKey = true, remote: others = [], offline = false, qr, passphraseFile }: LinkOptions,
): Promise<void> {
  const seeds = FolderSeeds.of(invocation, { passphraseFile });
  const { signal } = invocation;
  await viewWriterFolder(dir, { signal, seeds }, async (writer, config) => {
    if (offline && others.length > 0)
      throw usageError("A link with --offline names no remote: leave --remote out.");
    if (!offline && config.remotes.length + others.length === 0)
      throw usageError(
        "The log has no remote that a link could hold: add one first, with rlog remote add. For readers who get the log in a file " +
          "(rlog export), add --offline.",
      );
    const floor = floorOf(writer);
    const named = others.length === 0 ? config : { ...config, remotes: others.map(givenRemote) };
    const remotes = offline ? [] : await readerUris(dir, named, seeds);
    const key = withKey ? writer.readKey : undefined;
    const text = formatLink({ logId: writer.logId, remotes, floor, key });
    if (qr === true) await invocation.out.write(await qrCode(text, invocation.out.isTerminal));
    await invocation.out.write(`${text}\n`);
    if (key !== undefined)
      await invocation.note(
        "Whoever has this link can read the log, also what is published later: send it like a password. For a mirror, use --no-key.",
      );
    if (floor === undefined && !offline)
      await invocation.note("Nothing is published yet: readers find the log after rlog publish.");
  });
}

// Two rows of the code in one row of text. Its light parts are what is drawn, so colours are set where they can be.
async function qrCode(text: string, isTerminal: boolean): Promise<string> {
  const { encodeQR } = await import("qr");
  try {
    const rows = encodeQR(text, "ascii").trimEnd().split("\n");
    return rows.map((row) => (isTerminal ? `\u001b[97;40m${row}\u001b[0m\n` : `${row}\n`)).join("");
  } catch (cause) {
    throw new CommandError(
      "ERR_TOO_LARGE",
      `The link has ${text.length} characters, which is more than a QR code holds. Send it as a text.`,
      1,
      cause,
    );
  }
}

// Readers refuse a state below the floor, so it is what is published, not what is only signed.
function floorOf(writer: WriterView): LogLink["floor"] {
  const published = Math.max(0, ...writer.status().remotes.map((remote) => remote.published));
  if (published === 0) return undefined;
  const { size, root } = parseCheckpoint(parseSignedNote(writer.checkpoint!).text);
  return size === published ? { size, root } : { size: published };
}
