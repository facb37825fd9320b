// Which key signs by the word of a manifest; docs/protocol.md, "Key rotation".

import type { SigningKey, WriterKeys } from "../crypto/index.ts";
import { SupersededError } from "../errors/index.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import { verifySuccessions } from "../log/signing-keys.ts";
import type { SignedSuccession } from "../log/succession.ts";

/** The key that signs, and how it came to be the one. */
export interface SigningBy {
  readonly key: SigningKey;
  /** None if it is the key of the genesis record. */
  readonly successions: readonly SignedSuccession[];
}

/**
 * The key that signs after some successions.
 *
 * @throws SupersededError `ERR_SUPERSEDED` if the seed does not lead to it: the owner of the log has replaced its key
 * @throws IntegrityError `ERR_INTEGRITY`, MalformedError `ERR_MALFORMED` if they are not those of the log
 */
export async function signingBy(
  keys: WriterKeys,
  genesis: IdentifiedGenesis,
  notes: readonly string[],
): Promise<SigningBy> {
  const successions = await verifySuccessions(genesis, notes);
  if (successions.length > keys.newest) throw oldSeed(genesis.logId, "writer.open");
  return { successions, key: await keys.signingKey(successions.length) };
}

/** The error for a device whose seed signs no more. */
export function oldSeed(logId: string, operation: string): SupersededError {
  return new SupersededError(
    `The signing key of log ${logId} has been replaced, and the seed of this device does not lead to the new one. Nothing was signed. ` +
      "If this log is yours, make the seed of this device anew from its recovery seed.",
    { operation },
  );
}
