// The leaves of a log's tree, for whoever serves it to other tools: C2SP tlog-tiles.

import { concatBytes } from "../bytes.ts";
import { NotFoundError } from "../errors/index.ts";
import { checkCount } from "../options/check-option-types.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import type { LogSource } from "../tree/log-source.ts";
import { readPairs } from "../tree/read-entries.ts";

/**
 * Reads the leaves of the newest verified state, without the contents of entries: 64 bytes each, the id of the entry (in a private log what it
 * has instead) and the SHA-256 of its stored bytes. `hashLeaf` gives the leaf hash. Sync the reader first.
 *
 * @param from - the sequence number of the first
 * @throws NotFoundError `ERR_NOT_FOUND` if nothing was synced yet
 */
export async function* readLeaves(
  log: LogSource,
  from: number,
  { signal }: OperationOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  checkCount(from, { name: "from", operation: "leaves.read" });
  const [view] = log.views;
  if (view === undefined) {
    throw new NotFoundError("Nothing of the log was read yet: sync the reader first.", {
      operation: "leaves.read",
    });
  }
  const options = { limits: view.limits, signal: signal ?? view.closing };
  for await (const [, { localHash, contentHash }] of readPairs(view, { from, to: view.size }, options)) {
    yield concatBytes([localHash, contentHash]);
  }
}
