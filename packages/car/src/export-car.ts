// A log becomes one file.

import {
  type Address,
  InvalidInputError,
  type MirrorOptions,
  type MirrorResult,
  mirrorLog,
  type OperationOptions,
  type Remote,
} from "@remote-log/core";
import { checkOptionTypes, type OptionKind, optionKinds, withAnySignal } from "@remote-log/core/adapter";
import { BlockWriter } from "./block-writer.ts";
import type { CarSink } from "./sink.ts";

/** Options of {@link exportCar}. */
export interface ExportCarOptions
  extends OperationOptions,
    Pick<MirrorOptions, "reader" | "concurrency" | "onProgress" | "onRetry"> {
  /** Where the file is written: `memoryCar()`, or `carFileSink(path)` of `@remote-log/car/node`. */
  readonly to: CarSink;
  /** The first entry that is exported. Default: 0. */
  readonly from?: number | undefined;
  /** The entry before which the export ends. Default: the end of the log. */
  readonly until?: number | undefined;
  /**
   * An earlier export, as a remote: what it leads to is left out. Whoever has the earlier files, or a remote that took them in, has
   * everything with this one.
   */
  readonly since?: Remote | undefined;
}

/** What `exportCar` did: as a mirroring tells it, and about the file. */
export interface ExportCarResult extends Omit<MirrorResult, "name" | "headAddress"> {
  /** The root of the file: the address of the head. */
  readonly root: Address;
  /** How many blocks the file has. */
  readonly blocks: number;
  /** How many bytes the file has. */
  readonly fileBytes: number;
}

const OPERATION = "car.export";
const { callback, number, required, signal, withMethods } = optionKinds;
const kinds: Readonly<Record<keyof ExportCarOptions, OptionKind>> = {
  signal,
  reader: required(withMethods(["sync"], "a reader of the log, as openReader returns it")),
  to: required(
    withMethods(["write", "finish", "abandon"], "where to write: memoryCar() or carFileSink(path)"),
  ),
  from: number,
  until: number,
  since: optionKinds.record,
  concurrency: number,
  onProgress: callback,
  onRetry: callback,
};

/**
 * Writes a log into one CAR file: contents, pages, bundles, index nodes, what the manifest names, and the head, which is the root of the
 * file. Each is verified before it is written, and none is opened: a private log stays sealed, and no key is in the file. Syncs the
 * reader first.
 *
 * All of the log, or a range of its entries, or what is new since an earlier export. Memory does not grow with the log. If it fails,
 * nothing stays of the file. What no remote can show is in `missing` of the result, and the rest is in the file all the same.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a range that the log does not have, or for `since` of another log
 * @throws UnsupportedError `ERR_UNSUPPORTED` for a log whose contents are not addressed by SHA-256 (on Swarm)
 * @throws whatever the reader and its remotes throw, and what the file's place throws
 *
 * @example
 * ```ts
 * import { type LogLink, openReader, type Remote } from "@remote-log/core";
 * import { exportCar } from "@remote-log/car";
 * import { carFileSink } from "@remote-log/car/node";
 *
 * export async function backUp({ logId }: LogLink, remotes: readonly Remote[], path: string): Promise<void> {
 *   const reader = await openReader({ logId, remotes });
 *   const { size, missingEntries } = await exportCar({ reader, to: await carFileSink(path) });
 *   console.log(`${size - missingEntries} of ${size} entries are in ${path}`);
 *   await reader.close();
 * }
 * ```
 */
export async function exportCar(options: ExportCarOptions): Promise<ExportCarResult> {
  checkOptionTypes(options, kinds, { name: "exportCar", operation: OPERATION });
  try {
    return await withAnySignal([options.signal], (own) => write(options, own));
  } catch (error) {
    await options.to.abandon();
    throw error;
  }
}

async function write(
  { reader, to, from, until, since, concurrency, onProgress, onRetry }: ExportCarOptions,
  own: AbortSignal,
): Promise<ExportCarResult> {
  await reader.sync({ signal: own });
  const { size, head } = reader.views[0]!;
  const range = checkRange(from ?? 0, until ?? size, size);
  const part = await partOf({ range, size, head: head.bytes, since, logId: reader.logId }, own);
  const base = [since, ...(reader.remotes ?? [])].flatMap((remote) => (remote ? [remote.storage] : []));
  const storage = new BlockWriter(to, [...base, ...reader.views.map((view) => view.storage)]);
  const result = await mirrorLog({
    reader,
    to: { storage },
    ...part,
    // A file is written once.
    retries: 0,
    concurrency,
    onProgress,
    onRetry,
    signal: own,
  });
  const root = await storage.finish(result.head, own);
  return { ...result, root, blocks: storage.blocks, fileBytes: storage.bytes };
}

interface Wanted {
  readonly range: { readonly from: number; readonly to: number };
  readonly size: number;
  readonly head: Uint8Array;
  readonly since: Remote | undefined;
  readonly logId: string;
}

// A mirroring that continues another one copies what that one lacks. So does an export of a part.
async function partOf(
  { range, size, head, since, logId }: Wanted,
  own: AbortSignal,
): Promise<Pick<MirrorOptions, "known" | "missing">> {
  const isWhole = range.from === 0 && range.to === size;
  if (since === undefined) return isWhole ? {} : { known: head.slice(), missing: [range] };
  if (!isWhole) throw invalid("`since` goes with neither `from` nor `until`: it says what is left out.");
  const found = await since.names.resolve(since.name ?? logId, { signal: own });
  if (found.status !== "found")
    throw invalid(`\`since\` is no export of log ${logId}. Give one of the same log, or leave it out.`);
  return { known: found.content };
}

function checkRange(from: number, to: number, size: number): { readonly from: number; readonly to: number } {
  const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0;
  if (isRange && to <= size && (from < to || (from === 0 && to === size))) return { from, to };
  throw invalid(`The log has ${size} entries, and none from ${from} to before ${to}.`);
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation: OPERATION });
}
