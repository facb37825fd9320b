// Opens the log of a journal, or begins a new one.

import { bytesEqual } from "../bytes.ts";
import { parseCheckpoint, parseSignedNote } from "../checkpoint/index.ts";
import { deriveKeys, type SigningKey, signingKeyFromSeed } from "../crypto/index.ts";
import { InvalidInputError } from "../errors/index.ts";
import { corrupt, type Journal } from "../journal/journal.ts";
import {
  createGenesis,
  defaultSettings,
  type GenesisSettings,
  type IdentifiedGenesis,
  readGenesis,
} from "../log/genesis.ts";
import { type Sealing, sealingOf } from "../log/sealing.ts";
import type { CompactRange } from "../merkle/index.ts";
import { CheckpointSigner, type SignedCheckpoint } from "./checkpoint-signer.ts";

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
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed is not that of the journal's log
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if something in it is damaged or missing
 */
export async function openLog(
  journal: Journal,
  seed: Uint8Array,
  settings: Partial<GenesisSettings> | undefined,
): Promise<OpenLog> {
  const key = await signingKeyFromSeed(deriveKeys(seed).signing);
  const genesis = (await loadGenesis(journal, key)) ?? (await beginLog(journal, key, settings));
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
  settings: Partial<GenesisSettings> | undefined,
): Promise<IdentifiedGenesis> {
  if (!(await journal.isEmpty())) throw corrupt("its genesis record is missing");
  const genesis = createGenesis({ ...defaultSettings, ...settings, signingKey: key.publicKey });
  // Refuse what cannot be written before anything is.
  sealingOf(genesis.genesis);
  await journal.saveGenesis(genesis.bytes);
  return genesis;
}
