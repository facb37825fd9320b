// `rlog export`: writes a log into one file.

import { carRemote, exportCar } from "@remote-log/car";
import { carFile, carFileSink } from "@remote-log/car/node";
import type { LogSource } from "@remote-log/core";
import { usageError } from "../errors/command-error.ts";
import { exportJson, exportSummary, incomplete, missingLines } from "../mirroring/mirror-report.ts";
import { logArgument } from "../reading/log-argument.ts";
import { type ReaderCommandOptions, type Reading, withReader } from "../reading/with-reader.ts";
import { carPath } from "../remotes/schemes/car.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { withJournalCopy } from "../writing/journal-copy.ts";
import type { WriterCommandOptions } from "../writing/with-writer.ts";

/** Options of `rlog export`. */
export interface ExportCommandOptions extends ReaderCommandOptions, WriterCommandOptions {
  readonly stats?: boolean;
  /** The first entry. */
  readonly from?: number;
  /** The entry before which it ends. */
  readonly until?: number;
  /** An earlier export: what it holds is left out. */
  readonly since?: string;
}

/** Writes a log into a CAR file: that of the remotes, or without LOG that of the journal here, published or not. */
export async function exportLog(
  invocation: Invocation,
  file: string,
  log: string | undefined,
  options: ExportCommandOptions,
): Promise<void> {
  const path = carPath(file);
  const to = { ...options, path };
  if (log !== undefined) {
    const place = await logArgument(invocation, log, options);
    const copy = (reading: Reading): Promise<void> => write(invocation, reading, to);
    return withReader(invocation, place, { ...options, sealed: true }, copy);
  }
  if (options.remote.length > 0)
    throw usageError("--remote goes with LOG. Without LOG, the log here is exported from its journal.");
  await withJournalCopy(invocation, options, (reader) => write(invocation, { reader }, to));
}

async function write(
  invocation: Invocation,
  { reader, onRetry }: { readonly reader: LogSource; readonly onRetry?: Reading["onRetry"] },
  { path, from, until, since, json }: ExportCommandOptions & { readonly path: string },
): Promise<void> {
  const earlier = since === undefined ? undefined : carRemote({ file: carFile(carPath(since)) });
  try {
    const to = await carFileSink(path);
    const result = await invocation.withProgress("export", (bar) =>
      exportCar({
        reader,
        to,
        from,
        until,
        since: earlier,
        signal: invocation.signal,
        onProgress: ({ entries, size }) => bar.update(entries, size),
        onRetry,
      }),
    );
    if (json === true) await invocation.out.write(`${exportJson(result, reader.logId, path)}\n`);
    else await invocation.out.write(`${exportSummary(result, path)}\n`);
    if (result.missingEntries === 0) return;
    for (const line of missingLines(result)) await invocation.warn(line);
    throw incomplete(result, path);
  } finally {
    await earlier?.storage.close?.();
    await earlier?.names.close?.();
  }
}
