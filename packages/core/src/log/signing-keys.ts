// The keys that have signed a log, one after another; docs/protocol.md, "Key rotation".

import { IntegrityError } from "../errors/index.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import { type SignedSuccession, verifySuccession } from "./succession.ts";

/** The successions that were verified last, by their notes: every head of a log repeats them. */
const verified = new Map<string, Promise<readonly SignedSuccession[]>>();
const MOST_KEPT = 4;

/**
 * Verifies the successions of a log: that each follows the one before, and is signed by the recovery key that was named for it.
 *
 * @param notes - oldest first
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY`
 */
export function verifySuccessions(
  genesis: IdentifiedGenesis,
  notes: readonly string[],
): Promise<readonly SignedSuccession[]> {
  const key = JSON.stringify([genesis.logId, notes]);
  const known = verified.get(key) ?? verifyAll(genesis, notes);
  verified.delete(key);
  verified.set(key, known);
  known.catch(() => verified.delete(key));
  const [oldest] = verified.keys();
  if (verified.size > MOST_KEPT) verified.delete(oldest!);
  return known;
}

/**
 * The key that signs in a generation: after that number of successions.
 *
 * @param successions - verified
 */
export function signingKeyAfter(
  { genesis }: IdentifiedGenesis,
  successions: readonly SignedSuccession[],
  generation: number = successions.length,
): Uint8Array {
  return generation === 0 ? genesis.signingKey : successions[generation - 1]!.signingKey;
}

/** The hash of the recovery key that vouches for the next signing key; `undefined` if that can't change. */
export function nextRecoveryKeyHash(
  { genesis }: IdentifiedGenesis,
  successions: readonly SignedSuccession[],
): Uint8Array | undefined {
  return successions[successions.length - 1]?.nextRecoveryKeyHash ?? genesis.recoveryKeyHash;
}

async function verifyAll(
  genesis: IdentifiedGenesis,
  notes: readonly string[],
): Promise<readonly SignedSuccession[]> {
  const successions: SignedSuccession[] = [];
  for (const note of notes) {
    const recoveryKeyHash = nextRecoveryKeyHash(genesis, successions);
    if (recoveryKeyHash === undefined)
      throw wrong(`has a succession of signing keys, and its genesis record names no recovery key`);
    const before = successions[successions.length - 1];
    const expected = { logId: genesis.logId, index: successions.length + 1, recoveryKeyHash };
    const next = await verifySuccession(note, expected);
    if (before !== undefined && (next.size < before.size || next.versions <= before.versions))
      throw wrong("has a succession of signing keys that goes back behind the one before");
    successions.push(next);
  }
  return successions;
}

function wrong(why: string): IntegrityError {
  return new IntegrityError(`A log ${why}: corrupt or forged. Nothing of it was used.`, {
    operation: "succession.verify",
  });
}
