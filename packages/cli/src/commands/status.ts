// `rlog status`: how far the log is on this device and on its remotes.

import { shownUri } from "../remotes/shown-uri.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { jsonText, printable } from "../terminal/terminal-text.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { loadLastPublish } from "../writing/last-publish.ts";
import { viewWriterFolder } from "../writing/writer-folder.ts";

/** Options of `rlog status`. */
export interface StatusOptions {
  readonly dir: string;
  readonly json?: boolean;
  /** Where the passphrase of the seed is. */
  readonly passphraseFile?: string;
}

/** Shows how many entries are on this device and on each remote. Makes no request, and works beside a running writer. */
export async function status(
  invocation: Invocation,
  { dir, json, passphraseFile }: StatusOptions,
): Promise<void> {
  const seeds = FolderSeeds.of(invocation, { passphraseFile });
  await viewWriterFolder(dir, { signal: invocation.signal, seeds }, async (writer, config) => {
    const { size, remotes } = writer.status();
    const keyReplaced = writer.manifest?.successions.length ?? 0;
    const last = await loadLastPublish(dir);
    const shown = remotes.map(({ label, stored, published }) => {
      const uri = config.remotes.find((one) => one.label === label)!.uri;
      const { confirmed = 0, error } = last.get(label) ?? {};
      const counts = { stored, published, confirmed: Math.min(confirmed, published) };
      return { label, uri: shownUri(uri), ...counts, ...(error && { lastError: error }) };
    });
    if (json === true) {
      await invocation.out.write(`${jsonText({ logId: writer.logId, size, keyReplaced, remotes: shown })}\n`);
      return;
    }
    const lines = [
      `log ${writer.logId}`,
      `on this device: ${counted(size, "entry", "entries")}`,
      ...(keyReplaced > 0 ? [`signing key: replaced ${counted(keyReplaced, "time")}`] : []),
    ];
    for (const { label, uri, stored, published, confirmed, lastError } of shown) {
      lines.push(
        printable(`${label} (${uri})`),
        `  stored ${stored}, published ${published}, confirmed ${confirmed}`,
      );
      if (lastError !== undefined) {
        const code = lastError.code === undefined ? "" : ` [${lastError.code}]`;
        const { at, since = at } = lastError;
        const times = since === at ? at : `${at}; no publish has succeeded since ${since}`;
        lines.push(`  last error (${times}): ${printable(lastError.message)}${code}`);
      }
    }
    if (shown.length === 0) lines.push("no remotes");
    await invocation.out.write(`${lines.join("\n")}\n`);
  });
}
