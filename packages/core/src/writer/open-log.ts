// Opens the log of a journal, or begins a new one.

import { bytesEqual } from "../bytes.ts";
import { parseCheckpoint, parseSignedNote } from "../checkpoint/index.ts";
import { deriveKeys, type SigningKey, signingKeyFromSeed } from "../crypto/index.ts";
import { InvalidInputError } from "../errors/index.ts";
import { corrupt, type Journal } from "../journal/journal.ts";
import {
  checkLogId,
  createGenesis,
  defaultSettings,
  type IdentifiedGenesis,
  readGenesis,
} from "../log/genesis.ts";
import { checkNewLog } from "../log/log-limits.ts";
import { type Sealing, sealingOf } from "../log/sealing.ts";
import type { CompactRange } from "../merkle/index.ts";
import { CheckpointSigner, type SignedCheckpoint } from "./checkpoint-signer.ts";
import { largestContentOf } from "./remote-room.ts";
import type { WriterOptions } from "./writer-options.ts";

/** A log whose journal is open: who it is, and what it signs with. */
export interface OpenLog {
  readonly genesis: IdentifiedGenesis;
  readonly sealing: Sealing;
  readonly signer: CheckpointSigner;
  /** The tree of every entry in the journal. */
  readonly tree: CompactRange;
}

/**
 * Opens the log of a journal, or begins a new one in an empty journal.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed is not that of the journal's log, the journal's log is not the one
 * that is meant, or a new log can't have these settings
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if something in it is damaged or missing
 */
export async function openLog(journal: Journal, options: WriterOptions): Promise<OpenLog> {
  const { seed, logId } = options;
  if (logId !== undefined) checkLogId(logId);
  const key = await signingKeyFromSeed(deriveKeys(seed).signing);
  const genesis = (await loadGenesis(journal, key)) ?? (await beginLog(journal, key, options));
  if (logId !== undefined && genesis.logId !== logId) throw otherLog(genesis.logId, logId);
  const sealing = sealingOf(genesis.genesis);
  const note = await journal.loadSigned();
  const largest =
    note === undefined ? undefined : { note, checkpoint: parseCheckpoint(parseSignedNote(note).text) };
  const tree = await journal.loadTree(sealing);
  if (largest !== undefined) checkCovers(tree, largest);
  return { genesis, sealing, signer: new CheckpointSigner(key, genesis.logId, largest), tree };
}

// Where signed entries are gone, others would get their sequence numbers and be signed in their place.
function checkCovers(tree: CompactRange, { checkpoint }: SignedCheckpoint): void {
  const { size, root } = checkpoint;
  if (tree.size < size) throw corrupt(`${size} entries were signed, and it has ${tree.size}`);
  if (tree.size === size && !bytesEqual(tree.root(), root))
    throw corrupt(`its ${size} entries are not the ones that were signed`);
}

async function loadGenesis(journal: Journal, key: SigningKey): Promise<IdentifiedGenesis | undefined> {
  const bytes = await journal.loadGenesis();
  if (bytes === undefined) return undefined;
  const genesis = readGenesis(bytes);
  if (bytesEqual(genesis.genesis.signingKey, key.publicKey)) return genesis;
  throw new InvalidInputError(
    `The seed does not belong to log ${genesis.logId}, which this journal holds. Use that log's seed, or another journal.`,
    { operation: "writer.open" },
  );
}

async function beginLog(
  journal: Journal,
  key: SigningKey,
  options: WriterOptions,
): Promise<IdentifiedGenesis> {
  const { settings, logId } = options;
  if (!(await journal.isEmpty())) throw corrupt("its genesis record is missing");
  const genesis =
    logId === undefined
      ? createGenesis({ ...defaultSettings, ...settings, signingKey: key.publicKey })
      : findGenesis(key.publicKey, logId);
  // Refuse what cannot be written before anything is. A log that exists is continued as it is.
  if (logId === undefined) checkNewLog(genesis.genesis, options.leastCapacity);
  sealingOf(genesis.genesis);
  largestContentOf(options, genesis.genesis);
  await journal.saveGenesis(genesis.bytes);
  return genesis;
}

// The id of a log is the hash of its key and settings, and there are only a few hundred settings.
function findGenesis(signingKey: Uint8Array, logId: string): IdentifiedGenesis {
  for (const identifiers of ["sha256", "mvds"] as const) {
    for (const visibility of ["public", "private"] as const) {
      for (let leafSize = 1; leafSize <= 65_536; leafSize *= 2) {
        for (let fanOut = 2; fanOut <= 256; fanOut *= 2) {
          const genesis = createGenesis({ signingKey, identifiers, visibility, leafSize, fanOut });
          if (genesis.logId === logId) return genesis;
        }
      }
    }
  }
  throw new InvalidInputError(
    `The seed does not belong to log ${logId}. Nothing was written. Use that log's seed.`,
    { operation: "writer.open" },
  );
}

function otherLog(held: string, meant: string): InvalidInputError {
  return new InvalidInputError(
    `The journal holds log ${held}, and log ${meant} is meant. Nothing was changed. Use that log's journal, or an empty one to ` +
      "recover it.",
    { operation: "writer.open", reason: "other-log" },
  );
}
