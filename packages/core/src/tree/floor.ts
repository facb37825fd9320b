// The least state that a new reader accepts; docs/protocol.md, "States over time".

import { bytesEqual } from "../bytes.ts";
import { IntegrityError, RollbackError } from "../errors/index.ts";
import type { TreeView } from "./tree-view.ts";

/** The least state that a new reader accepts, as a link to the log can carry it: it stops a rollback on first contact. */
export interface Floor {
  /** Least number of entries. */
  readonly size: number;
  /** The root of the first `size` entries, 32 bytes; if it is given, the log must begin with these. */
  readonly root?: Uint8Array;
}

/**
 * Checks the first state that a reader sees against the floor that it was given.
 *
 * @throws RollbackError `ERR_ROLLBACK` below the floor, IntegrityError `ERR_INTEGRITY` if it does not extend the floor
 */
export async function checkFloor(
  view: TreeView,
  floor: Floor | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (floor === undefined) return;
  if (view.size < floor.size) {
    throw new RollbackError(
      `The log shows ${view.size} entries, and the floor requires at least ${floor.size}. Nothing of it was used.`,
      { operation: "reader.sync", offered: view.size, verified: floor.size },
    );
  }
  if (floor.root === undefined) return;
  const prefix = await view.prefix(floor.size, signal);
  if (!bytesEqual(prefix.root(), floor.root)) {
    throw new IntegrityError(
      `The first ${floor.size} entries of the log are not those of the floor. Nothing of it was used.`,
      { operation: "reader.sync" },
    );
  }
}
