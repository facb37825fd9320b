// How the contents of a log are sealed and opened: as its genesis record says.

import { NoKeyError } from "../errors/index.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import { publicSealing } from "./public-sealing.ts";
// A type alone: a reader that never has a key does not load the ciphers.
import type { ReadKey } from "./read-key.ts";
import type { Sealing } from "./sealing.ts";

/**
 * The sealing that a log's genesis asks for.
 *
 * @param key - the read key; of no use in a public log
 * @throws NoKeyError `ERR_NO_KEY` for a private log without a key
 */
export function sealingOf(log: IdentifiedGenesis, key: ReadKey | undefined): Sealing {
  const isPrivate = log.genesis.visibility === "private";
  return isPrivate && key !== undefined ? key.sealingOf(log) : sealingWithoutKey(log);
}

/**
 * The sealing of a public log.
 *
 * @throws NoKeyError `ERR_NO_KEY` for a private log
 */
export function sealingWithoutKey({ genesis, logId }: IdentifiedGenesis): Sealing {
  if (genesis.visibility === "public") return publicSealing(genesis.identifiers);
  throw new NoKeyError(
    `Log ${logId} is private, and no key was given. Ask its writer for the link with the key.`,
    { operation: "entry.open", reason: "no-key" },
  );
}

/** The opening of entries as they are, for whoever checks or copies a private log and has no key. */
export const leftSealed: Pick<Sealing, "open"> = {
  open: (_sequence, { localHash, stored }) => ({ id: localHash.slice(), content: stored.slice() }),
};
