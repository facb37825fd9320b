// Opens the log of a journal, or begins a new one.

import { bytesEqual } from "../bytes.ts";
import { WriterKeys } from "../crypto/index.ts";
import { lookForNativeCipher } from "../crypto/xchacha20-poly1305.ts";
import { InvalidInputError, JournalCorruptError } from "../errors/index.ts";
import { AppendTimes } from "../journal/append-times.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import { corrupt, type Journal } from "../journal/journal.ts";
import { type Acknowledged, loadAcknowledged, type WitnessRecord } from "../journal/witness.ts";
import { EpochSealing } from "../log/epoch-sealing.ts";
import { EpochSecrets } from "../log/epoch-secrets.ts";
import {
  checkLogId,
  createGenesis,
  defaultSettings,
  type Genesis,
  type IdentifiedGenesis,
  readGenesis,
} from "../log/genesis.ts";
import { checkNewLog } from "../log/log-limits.ts";
import { publicSealing } from "../log/public-sealing.ts";
import type { Sealing } from "../log/sealing.ts";
import type { CompactRange } from "../merkle/index.ts";
import { withDefaults } from "../with-defaults.ts";
import { loadHeld } from "./check-acknowledged.ts";
import { CheckpointSigner } from "./checkpoint-signer.ts";
import { EpochKeeper } from "./epoch-keeper.ts";
import { ManifestKeeper } from "./manifest-keeper.ts";
import { largestContentOf } from "./remote-room.ts";
import type { WriterOptions } from "./writer-options.ts";

const none = new Uint8Array(0);

/** A log whose journal is open: who it is, and what it signs with. */
export interface OpenLog {
  readonly genesis: IdentifiedGenesis;
  /** The keys that the seed leads to. */
  readonly keys: WriterKeys;
  readonly sealing: Sealing;
  /** Who may read, and with which key; `undefined` if the log is public. */
  readonly epochs: EpochKeeper | undefined;
  readonly signer: CheckpointSigner;
  /** What the log says of itself. */
  readonly manifests: ManifestKeeper;
  /** The tree of every entry in the journal. */
  readonly tree: CompactRange;
  /** Whether the journal lacks something, so that it has to recover first. Only if it was opened for that. */
  readonly incomplete: boolean;
  /** What was acknowledged before, if that is known. */
  readonly acknowledged: Acknowledged | undefined;
  /** Where the writer states what it acknowledges. */
  readonly witnessed: WitnessRecord;
  /** When entries were appended. */
  readonly times: AppendTimes;
}

/**
 * Opens the log of a journal, or begins a new one in an empty journal.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed is not that of the journal's log, the journal's log is not the one
 * that is meant, or a new log can't have these settings
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if something in it is damaged or missing
 */
export async function openLog(journal: Journal, options: WriterOptions): Promise<OpenLog> {
  const { seed, logId, forRecovery = false } = options;
  if (logId !== undefined) checkLogId(logId);
  const keys = new WriterKeys(seed);
  const held = await loadGenesis(journal, keys);
  const genesis = held ?? (await beginLog(journal, keys, options));
  if (logId !== undefined && genesis.logId !== logId) throw otherLog(genesis.logId, logId);
  const manifests = await loadManifests(journal, genesis, { keys, forRecovery });
  const isPublic = genesis.genesis.visibility === "public";
  const secrets = new EpochSecrets(keys, genesis.logId);
  if (!isPublic) await lookForNativeCipher();
  const sealing = isPublic
    ? publicSealing(genesis.genesis.identifiers)
    : new EpochSealing(secrets, genesis, () => manifests.content.epochs);
  const log = await loadHeld(journal, { logId: genesis.logId, sealing, forRecovery });
  const { witnessed, largest } = log;
  const incomplete = log.incomplete || manifests.isDamaged || (forRecovery && held === undefined);
  const signer = new CheckpointSigner(
    () => manifests.signing.key,
    genesis.logId,
    largest,
    (size) => witnessed.signed(size),
  );
  const parts = { secrets, genesis, journal, manifests, rotation: options.rotateKey };
  const epochs = isPublic ? undefined : await EpochKeeper.load(parts);
  const times = await AppendTimes.load(journal, log.tree.size);
  return { ...log, times, incomplete, genesis, keys, sealing, epochs, signer, manifests };
}

async function loadManifests(
  journal: Journal,
  genesis: IdentifiedGenesis,
  { keys, forRecovery }: { readonly keys: WriterKeys; readonly forRecovery: boolean },
): Promise<ManifestKeeper> {
  try {
    return await ManifestKeeper.load(journal, genesis, keys);
  } catch (error) {
    if (forRecovery && error instanceof JournalCorruptError)
      return ManifestKeeper.damaged(journal, genesis, keys);
    throw error;
  }
}

async function loadGenesis(journal: Journal, keys: WriterKeys): Promise<IdentifiedGenesis | undefined> {
  const bytes = await journal.loadGenesis();
  if (bytes === undefined) return undefined;
  const genesis = readGenesis(bytes);
  const { signingKey, recoveryKeyHash } = genesis.genesis;
  const isOwn = bytesEqual(signingKey, (await keys.signingKey(0)).publicKey);
  if (isOwn && bytesEqual(recoveryKeyHash ?? none, keys.recoveryKeyHash ?? none)) return genesis;
  throw new InvalidInputError(
    `The seed does not belong to log ${genesis.logId}, which this journal holds. Use that log's seed, or another journal.`,
    { operation: "writer.open" },
  );
}

async function beginLog(
  journal: Journal,
  keys: WriterKeys,
  options: WriterOptions,
): Promise<IdentifiedGenesis> {
  const { settings, logId, forRecovery = false } = options;
  if (!forRecovery) await checkNew(journal, logId);
  const { recoveryKeyHash } = keys;
  const { publicKey: signingKey } = await keys.signingKey(0);
  const own = { signingKey, ...(recoveryKeyHash && { recoveryKeyHash }) };
  const genesis =
    logId === undefined
      ? createGenesis({ ...withDefaults(defaultSettings, settings), ...own })
      : findGenesis(own, logId, settings);
  // Refuse what cannot be written before anything is. A log that exists is continued as it is.
  if (logId === undefined) checkNewLog(genesis.genesis, options.leastCapacity);
  largestContentOf(options, genesis.genesis);
  // A log that exists is recovered before anything is appended, also if this process ends before it has.
  const begins = forRecovery && (await journal.isEmpty());
  await journal.saveGenesis(genesis.bytes, begins ? [EntriesAside.beginOperation()] : []);
  return genesis;
}

// Nothing is begun if there was a log already: its numbers would be given out again.
async function checkNew(journal: Journal, logId: string | undefined): Promise<void> {
  if (!(await journal.isEmpty())) throw corrupt("its genesis record is missing");
  const acknowledged = journal.witness && (await loadAcknowledged(journal.witness));
  if (acknowledged !== undefined && (acknowledged.size > 0 || logId !== undefined)) {
    const { size } = acknowledged;
    throw corrupt(
      `it is empty, and ${size} entries of log ${acknowledged.logId} were acknowledged`,
      undefined,
      {
        reason: "empty",
        ...(size > 0 && { lost: { from: 0, to: size } }),
      },
    );
  }
  if (logId !== undefined)
    throw corrupt(`it is empty, although log ${logId} exists`, undefined, { reason: "empty" });
}

/** How contents can be stored. */
const CONTENTS = [
  { visibility: "public" },
  { visibility: "private", padding: "padme" },
  { visibility: "private", padding: "none" },
] as const;

// The id of a log is the hash of its key and settings, and there are only a few hundred settings.
function findGenesis(
  own: Pick<Genesis, "signingKey" | "recoveryKeyHash">,
  logId: string,
  settings: WriterOptions["settings"],
): IdentifiedGenesis {
  const meant = createGenesis({ ...withDefaults(defaultSettings, settings), ...own });
  if (meant.logId === logId) return meant;
  for (const identifiers of ["sha256", "mvds"] as const) {
    for (const contents of CONTENTS) {
      for (let leafSize = 1; leafSize <= 65_536; leafSize *= 2) {
        for (let fanOut = 2; fanOut <= 256; fanOut *= 2) {
          const genesis = createGenesis({ ...own, identifiers, ...contents, leafSize, fanOut });
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
