// Whether the journal still holds what was acknowledged and signed.

import { bytesEqual } from "../bytes.ts";
import { parseCheckpoint, parseSignedNote } from "../checkpoint/index.ts";
import { JournalCorruptError } from "../errors/index.ts";
import { EntriesAside } from "../journal/entries-aside.ts";
import { corrupt, type Journal } from "../journal/journal.ts";
import { type Acknowledged, loadAcknowledged, WitnessRecord } from "../journal/witness.ts";
import type { Sealing } from "../log/sealing.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { SignedCheckpoint } from "./checkpoint-signer.ts";

/** What a journal holds, compared with what was acknowledged. */
export interface Held {
  /** The tree of its entries; of those before the first that is damaged or missing, if it is to be recovered. */
  readonly tree: CompactRange;
  /** The largest checkpoint that was signed; `undefined` before the first. */
  readonly largest: SignedCheckpoint | undefined;
  /** Whether it lacks something, so that appending and signing wait for a recovery. */
  readonly incomplete: boolean;
  /** What was acknowledged before it was opened; `undefined` if nothing states it, or the journal is newer. */
  readonly acknowledged: Acknowledged | undefined;
  /** Where the writer states what it acknowledges from now on. */
  readonly witnessed: WitnessRecord;
}

/** What is compared. */
export interface HeldOptions {
  readonly logId: string;
  readonly sealing: Sealing;
  /** Whether a journal that lacks something is read as far as it is intact, instead of being refused. */
  readonly forRecovery: boolean;
}

/**
 * Reads the tree of a journal, and checks that it has everything that was acknowledged or signed.
 *
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if something is damaged or missing, unless it is to be recovered
 */
export async function loadHeld(journal: Journal, options: HeldOptions): Promise<Held> {
  const { logId, sealing, forRecovery } = options;
  let [underWay, recoveries, incomplete] = [false, 0, false];
  let largest: SignedCheckpoint | undefined;
  let acknowledged: Acknowledged | undefined;
  let tree: CompactRange;
  try {
    underWay = await EntriesAside.underWay(journal);
    recoveries = await journal.loadRecoveries();
    acknowledged = await newestAcknowledged(journal, logId, recoveries);
    largest = await loadSigned(journal);
    let root: Uint8Array | undefined;
    tree = await journal.loadTree(sealing, acknowledged?.size, (then) => {
      root = then.root();
    });
    if (largest !== undefined) checkCovers(tree, largest);
    // While a recovery is unfinished, what was acknowledged is partly aside.
    if (acknowledged !== undefined && !underWay) checkAcknowledged(tree, root, acknowledged);
    // Opening reads the newest entries alone; a recovery mends the others, too.
    if (forRecovery && !underWay) await checkEvery(journal, tree, sealing);
  } catch (error) {
    if (!forRecovery || !(error instanceof JournalCorruptError)) throw error;
    incomplete = true;
    tree = await journal.loadIntactTree(sealing);
  }
  const signed = Math.max(largest?.checkpoint.size ?? 0, acknowledged?.signed ?? 0);
  const completed = Math.max(recoveries, acknowledged?.recoveries ?? 0);
  const now = { logId, size: tree.size, root: tree.root(), signed, recoveries: completed };
  const witnessed = new WitnessRecord(journal.witness, now);
  // A witness that is new, as that of an earlier version's journal is, or that has missed the end of a recovery.
  if (acknowledged === undefined && !incomplete && !underWay) await witnessed.renew();
  return { tree, largest, incomplete, acknowledged, witnessed };
}

async function loadSigned(journal: Journal): Promise<SignedCheckpoint | undefined> {
  const note = await journal.loadSigned();
  return note === undefined ? undefined : { note, checkpoint: parseCheckpoint(parseSignedNote(note).text) };
}

// What the witness states, unless the journal has completed a recovery since.
async function newestAcknowledged(
  journal: Journal,
  logId: string,
  recoveries: number,
): Promise<Acknowledged | undefined> {
  const stated = journal.witness && (await loadAcknowledged(journal.witness));
  if (stated === undefined) return undefined;
  if (stated.logId !== logId) {
    throw new JournalCorruptError(
      `The journal's witness is that of log ${stated.logId}, and the journal holds log ${logId}. Nothing was written. ` +
        "Give each journal the witness that was made for it.",
      { operation: "journal.open", reason: "witness" },
    );
  }
  return recoveries > stated.recoveries ? undefined : stated;
}

// If signed entries are gone, others would get their sequence numbers and be signed in their place.
function checkCovers(tree: CompactRange, { checkpoint }: SignedCheckpoint): void {
  const { size, root } = checkpoint;
  if (tree.size < size) {
    const lost = { from: tree.size, to: size };
    throw corrupt(`${size} entries were signed, and it has ${tree.size}`, undefined, {
      reason: "lost",
      lost,
    });
  }
  if (tree.size === size && !bytesEqual(tree.root(), root))
    throw corrupt(`its ${size} entries are not the ones that were signed`, undefined, { reason: "lost" });
}

// If acknowledged entries are gone, others would get their sequence numbers.
function checkAcknowledged(
  tree: CompactRange,
  root: Uint8Array | undefined,
  { size, root: known }: Acknowledged,
): void {
  if (root !== undefined && bytesEqual(root, known)) return;
  if (root !== undefined) {
    throw corrupt(`its first ${size} entries are not the ones that were acknowledged`, undefined, {
      reason: "lost",
    });
  }
  const lost = { from: tree.size, to: size };
  throw corrupt(
    `it has ${tree.size} entries, and ${size} were acknowledged: ${describeLost(lost)} missing`,
    undefined,
    { reason: "lost", lost },
  );
}

async function checkEvery(journal: Journal, tree: CompactRange, sealing: Sealing): Promise<void> {
  const { size } = await journal.loadIntactTree(sealing);
  if (size < tree.size) throw corrupt(`entry ${size} is damaged or missing`);
}

/** Lost entries as a message names them, with the verb. */
export function describeLost({ from, to }: { readonly from: number; readonly to: number }): string {
  return to - from === 1 ? `entry ${from} is` : `entries ${from} to ${to - 1} are`;
}
