// `rlog status`: how far the log is on this device and on its remotes.

import type { RemoteTraffic } from "@remote-log/core";
import { type Cost, costOf } from "../remotes/list-prices.ts";
import { shownUri } from "../remotes/shown-uri.ts";
import { bytesText, counted } from "../terminal/counted.ts";
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
      const { confirmed = 0, error, traffic } = last.get(label) ?? {};
      const cost = traffic && costOf(uri, traffic);
      const counts = { stored, published, confirmed: Math.min(confirmed, published) };
      const asked = { ...(traffic && { traffic }), ...(cost && { cost }) };
      return { label, uri: shownUri(uri), ...counts, ...asked, ...(error && { lastError: error }) };
    });
    const { copies = shown.length } = config;
    const whole = shown.filter(({ published }) => published === size).length;
    if (json === true) {
      const all = {
        logId: writer.logId,
        size,
        keyReplaced,
        copies: { wanted: copies, there: whole },
        remotes: shown,
      };
      await invocation.out.write(`${jsonText(all)}\n`);
      return;
    }
    const lines = [
      `log ${writer.logId}`,
      `on this device: ${counted(size, "entry", "entries")}`,
      ...(config.copies === undefined
        ? []
        : [`copies: ${whole} of ${counted(shown.length, "remote")} have everything; ${copies} are enough`]),
      ...(keyReplaced > 0 ? [`signing key: replaced ${counted(keyReplaced, "time")}`] : []),
    ];
    for (const { label, uri, stored, published, confirmed, traffic, cost, lastError } of shown) {
      lines.push(
        printable(`${label} (${uri})`),
        `  stored ${stored}, published ${published}, confirmed ${confirmed}`,
      );
      if (traffic !== undefined) lines.push(`  so far ${trafficText(traffic, cost)}`);
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

function trafficText(
  { reads, writes, bytesRead, bytesWritten }: RemoteTraffic,
  cost: Cost | undefined,
): string {
  const asked = `${counted(reads, "read")} and ${counted(writes, "write")}, ${bytesText(bytesRead)} read and ${bytesText(bytesWritten)} sent`;
  if (cost === undefined) return asked;
  return `${asked}: $${cost.dollars.toPrecision(2)} at the list price of ${cost.service}, ${cost.date}`;
}
