// Replaces the signing key of a log, by the word of its recovery key; docs/protocol.md, "Key rotation". Loaded when that happens.

import { bytesEqual } from "../bytes.ts";
import { LAST_GENERATION, recoveryKey } from "../crypto/index.ts";
import { sha256 } from "../crypto/sha256.ts";
import { hasCode, InvalidInputError, TooLargeError } from "../errors/index.ts";
import { nextRecoveryKeyHash } from "../log/signing-keys.ts";
import { signSuccession } from "../log/succession.ts";
import type { WriterState } from "./writer-state.ts";

const operation = "writer.rotateSigningKey";

/**
 * Makes the next signing key the one that signs, and begins an epoch of read keys in a private log. Durable when it resolves. Nothing
 * may be appended meanwhile.
 */
export async function rotateSigningKey(
  { genesis, manifests, epochs, tree, keys }: WriterState,
  recoverySeed: Uint8Array,
): Promise<void> {
  const { successions } = manifests.signing;
  const generation = successions.length;
  const expected = nextRecoveryKeyHash(genesis, successions);
  if (expected === undefined) {
    throw invalid(
      "This log has no recovery key: its seed is all on this device, so that whoever has it has everything. Start a new log with a " +
        "device seed (`deviceSeed`).",
      "no-recovery-key",
    );
  }
  if (generation >= LAST_GENERATION) throw full();
  const key = await recoveryKey(recoverySeed, generation);
  if (!bytesEqual(sha256(key.publicKey), expected))
    throw invalid("This is not the recovery seed of this log. Nothing was changed.", "other-recovery-seed");
  if (keys.newest <= generation) {
    throw invalid(
      `The seed of this device signs with the present key and not with the next. Nothing was changed. Keep ` +
        `deviceSeed(recoverySeed, ${generation + 1}) on this device, open the writer with it, and call this again.`,
      "old-device-seed",
    );
  }
  const next = await keys.signingKey(generation + 1);
  const { version } = manifests;
  const nextRecoveryKey = await recoveryKey(recoverySeed, generation + 1);
  const succession = {
    ...{ index: generation + 1, size: tree.size, root: tree.root() },
    ...{ versions: version, manifestRoot: manifests.prefix(version).root() },
    signingKey: next.publicKey,
    nextRecoveryKeyHash: sha256(nextRecoveryKey.publicKey),
  };
  const note = await signSuccession(genesis.logId, succession, key);
  const notes = [...successions.map((one) => one.note), note];
  try {
    if (epochs === undefined) await manifests.change((content) => ({ ...content, successions: notes }));
    else await epochs.succeeded(notes, tree.size);
  } catch (cause) {
    // What can't be encoded was not written.
    throw hasCode(cause, "ERR_INVALID_INPUT") ? noRoom(generation, cause) : cause;
  }
}

function invalid(message: string, reason: string): InvalidInputError {
  return new InvalidInputError(message, { operation, reason });
}

function noRoom(generation: number, cause: unknown): TooLargeError {
  return new TooLargeError(
    `The manifest of this log has no room for another change of its signing key, which was replaced ${generation} times. Nothing was ` +
      "changed. Take out what else it says, such as single ranges of removed entries and remotes, or start a new log.",
    { operation, reason: "keys-full", limit: generation, cause },
  );
}

function full(): TooLargeError {
  return new TooLargeError(
    `The signing key of this log has been replaced ${LAST_GENERATION} times, which is as often as it can. Nothing was changed. Start a ` +
      "new log.",
    { operation, reason: "keys-full", limit: LAST_GENERATION },
  );
}
