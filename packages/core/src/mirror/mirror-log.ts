// The entry for mirroring: `mirrorLog`.

import type { Address } from "../address/address.ts";
import { addressOf } from "../address/hash-type.ts";
import { withAnySignal } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { InvalidInputError, isRemoteLogError } from "../errors/index.ts";
import { verifyHead } from "../log/head.ts";
import { putChecked } from "../remote/checked-put.ts";
import { namesWithDeadlines, storageWithDeadlines } from "../remote/deadlines.ts";
import type { Remote } from "../remote/remote.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { TreeView } from "../tree/tree-view.ts";
import { checkType, copyTree, TargetFailure } from "./copy-tree.ts";
import { KnownTree } from "./known-tree.ts";
import { lookAtName, setName } from "./mirror-name.ts";
import type { MirrorOptions, MirrorProgress, MirrorResult } from "./mirror-options.ts";

/** Objects copied at once by default. */
const CONCURRENCY = 16;

/**
 * Copies the newest state of a log to another storage, object by object and unchanged: contents, then pages, then index
 * nodes, each verified before it is stored, and finally the name. It needs no key: the head is signed. Syncs the reader
 * first.
 *
 * Memory is bounded by the objects in flight, not by the length of the log. Nothing is retried: after a failure or
 * an abort, call it again; the name never points at what is not there.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED` if contents get other addresses in the target than in the source
 * @throws InvalidInputError `ERR_INVALID_INPUT` if `known` is not a head of this log
 * @throws IntegrityError `ERR_INTEGRITY`, ForkError `ERR_FORK` if the target's name holds what contradicts the log;
 * it is left as it was
 * @throws whatever the reader, and the target's storage and names, throw
 *
 * @example
 * ```ts
 * import { generateSeed, mirrorLog, openReader, openWriter } from "@remote-log/core";
 * import { memoryRemote } from "@remote-log/memory";
 * import { MemoryLevel } from "memory-level";
 *
 * const [from, to] = [memoryRemote({ label: "from" }), memoryRemote({ label: "to" })];
 * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes: [from] });
 * await writer.append(new TextEncoder().encode("hello"));
 * await writer.publish();
 *
 * const reader = await openReader({ logId: writer.logId, remotes: [from] });
 * const { head, pages } = await mirrorLog({ reader, to });
 * await mirrorLog({ reader, to, known: head }); // the next time: only what is new
 * await reader.close();
 * await writer.close();
 * ```
 */
export async function mirrorLog(options: MirrorOptions): Promise<MirrorResult> {
  checkConcurrency(options.concurrency);
  return withAnySignal([options.signal], (signal) => mirror(options, signal));
}

async function mirror(options: MirrorOptions, signal: AbortSignal): Promise<MirrorResult> {
  const { reader } = options;
  await reader.sync({ signal });
  const { milliseconds, label } = {
    milliseconds: reader.views[0]!.limits.requestMilliseconds,
    label: options.to.label ?? options.to.storage.name,
  };
  const storage = storageWithDeadlines(options.to.storage, { milliseconds, label });
  const names = options.to.names && namesWithDeadlines(options.to.names, { milliseconds, label });
  const to: Remote | undefined = names && { ...options.to, label, storage, names };
  // Before much is copied: what would be refused in the end.
  if (to !== undefined && options.known === undefined) await lookAtName(to, reader.views[0]!, signal);
  const known = await knownTree(options, reader.views[0]!, storage, signal);
  const { view, progress } = await copyFromAny(options, { storage, known }, signal);
  const head = view.head.bytes.slice();
  const headAddress = options.storeHead === true ? await storeHead(storage, head, signal) : undefined;
  const replaceEqual = options.known === undefined || !bytesEqual(options.known, head);
  const name = to && (await setName(to, view, { replaceEqual, signal }));
  return { ...progress, head, ...(headAddress && { headAddress }), ...(name && { name }) };
}

async function knownTree(
  { known, reader }: MirrorOptions,
  { limits }: TreeView,
  storage: StorageBackend,
  signal: AbortSignal,
): Promise<KnownTree> {
  if (known === undefined) return new KnownTree(undefined);
  try {
    const head = await verifyHead(known.slice(), reader.logId);
    return new KnownTree(new TreeView(head, storage, limits, signal));
  } catch (cause) {
    throw new InvalidInputError("`known` is not a head of this log. Leave it out to copy everything.", {
      operation: "mirror.open",
      cause,
    });
  }
}

// If one source fails, another that shows the same state may have what is missing.
async function copyFromAny(
  { reader, concurrency = CONCURRENCY, onProgress }: MirrorOptions,
  target: { readonly storage: StorageBackend; readonly known: KnownTree },
  signal: AbortSignal,
): Promise<{ view: TreeView; progress: MirrorProgress }> {
  const views = [...reader.views];
  for (const [i, view] of views.entries()) {
    try {
      checkType(view.hashTypes[0]!, target.storage);
      return { view, progress: await copyTree({ ...target, view, concurrency, onProgress }, signal) };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TargetFailure) throw error.cause;
      if (!isRemoteLogError(error) || i === views.length - 1) throw error;
    }
  }
  throw new Error("The reader has no state after sync.");
}

async function storeHead(storage: StorageBackend, head: Uint8Array, signal: AbortSignal): Promise<Address> {
  const address = await addressOf(head, storage.capabilities.hashTypes[0]!);
  await putChecked(storage, head, address, signal);
  return address;
}

function checkConcurrency(concurrency: number | undefined): void {
  if (concurrency === undefined || (Number.isSafeInteger(concurrency) && concurrency >= 1)) return;
  throw new InvalidInputError(`concurrency must be a whole number of at least 1, not ${concurrency}.`, {
    operation: "mirror.open",
  });
}
