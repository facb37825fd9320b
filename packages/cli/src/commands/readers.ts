// `rlog grant`, `rlog revoke`, `rlog readers`: who may read a private log by name.

import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { jsonText } from "../terminal/terminal-text.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { NEW_LINK } from "../writing/own-changes.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";
import { viewWriterFolder } from "../writing/writer-folder.ts";

/** Options of `rlog grant`. */
export interface GrantCommandOptions extends WriterCommandOptions {
  readonly withHistory?: boolean;
}

/** Options of `rlog readers`. */
export interface ReadersOptions {
  readonly dir: string;
  readonly json?: boolean;
  /** Where the passphrase of the seed is. */
  readonly passphraseFile?: string;
}

const PUBLISH = "Readers see it after the next rlog publish.";

/** Names readers by the public keys that they made. */
export async function grant(
  invocation: Invocation,
  recipients: readonly string[],
  options: GrantCommandOptions,
): Promise<void> {
  const { withHistory = false } = options;
  const { signal } = invocation;
  await withWriter(invocation, options, async (writer) => {
    const before = writer.manifest?.epochs.length ?? 1;
    if (!(await writer.grant(recipients, { withHistory, signal }))) {
      await invocation.note("That was granted already: nothing has changed.");
      return;
    }
    const what = withHistory ? "may read the whole log" : `may read from entry ${writer.size} on`;
    await invocation.note(`${counted(recipients.length, "reader", "readers")} ${what}. ${PUBLISH}`);
    if (writer.manifest!.epochs.length > before)
      await invocation.note(`The read key has changed. ${NEW_LINK}`);
  });
}

/** Shuts readers out from the next entry on. */
export async function revoke(
  invocation: Invocation,
  recipients: readonly string[],
  options: WriterCommandOptions,
): Promise<void> {
  await withWriter(invocation, options, async (writer) => {
    const known = new Set(writer.readers.map(({ recipient }) => recipient));
    const unknown = recipients.filter((recipient) => !known.has(recipient));
    await writer.revoke(recipients, { signal: invocation.signal });
    for (const recipient of unknown)
      await invocation.warn(
        `rlog: ${recipient} was not among the readers that this device knows. It is shut out all the same.`,
      );
    await invocation.note(
      `The read key changes at entry ${writer.size}, and ${counted(writer.readers.length, "reader gets", "readers get")} the new ` +
        `one. What could be read before stays readable. ${NEW_LINK} ${PUBLISH}`,
    );
  });
}

/** Lists the readers that were named on this device. Makes no request, and works beside a running writer. */
export async function readers(
  invocation: Invocation,
  { dir, json, passphraseFile }: ReadersOptions,
): Promise<void> {
  const seeds = FolderSeeds.of(invocation, { passphraseFile });
  const options = { signal: invocation.signal, seeds, remotes: false };
  await viewWriterFolder(dir, options, async ({ readers: named, manifest }) => {
    const lines = named.map(({ recipient, withHistory, from }) =>
      json === true
        ? jsonText({ recipient, withHistory, from })
        : `${recipient} ${withHistory ? "everything" : `from entry ${from} on`}`,
    );
    await invocation.out.write(lines.map((line) => `${line}\n`).join(""));
    const newest = manifest?.epochs[manifest.epochs.length - 1];
    if (named.length > 0) return;
    await invocation.note(
      newest?.keyring === undefined
        ? "Nobody is named as a reader. rlog grant names somebody."
        : "This device does not know whom the log names: its journal is new, or older than the log. They keep what they have until the " +
            "key changes. Name them again with rlog grant.",
    );
  });
}
