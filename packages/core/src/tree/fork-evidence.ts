// The proof that a key signed two histories; docs/protocol.md, "States over time". Readers load this when they need it.

import { bytesEqual } from "../bytes.ts";
import { type Checkpoint, checkpointOrigin, parseSignedNote, verifyCheckpoint } from "../checkpoint/index.ts";
import { type ForkEvidence, IntegrityError } from "../errors/index.ts";
import { type IdentifiedGenesis, readGenesis } from "../log/genesis.ts";
import { manifestOrigin } from "../log/head-manifest.ts";
import { nextRecoveryKeyHash, signingKeyAfter, verifySuccessions } from "../log/signing-keys.ts";
import { type SignedSuccession, successionOrigin, verifySuccession } from "../log/succession.ts";
import { consistencyRoots, explicitConsistencyPath, type SubtreeSource } from "../merkle/index.ts";

/** What a proof of a fork shows, once checked. */
export interface ForkVerdict {
  /** The log whose key signed both. */
  readonly logId: string;
  /** Of what there are two histories: of the log's entries, of what the log says of itself, or of its signing keys. */
  readonly of: "entries" | "manifest" | "succession";
  /**
   * Whose key contradicts: the one that signed both (`"signing-key"`); one that the owner of the log has replaced, and that signed
   * what it says was never part of the log (`"former-key"`); or the recovery key, which named two successors (`"recovery-key"`).
   */
  readonly by: "signing-key" | "former-key" | "recovery-key";
  /** Size of the smaller signed checkpoint: number of entries, or of versions of the manifest. Of a former key, what it signed. */
  readonly smaller: number;
  /** Size of the larger signed checkpoint. Of a former key, how many it signed for the owner of the log. */
  readonly larger: number;
}

/**
 * Checks a proof of a fork without anything else: that one key signed two checkpoints of one log, or of its manifest, and that
 * the larger tree begins with something else than the smaller one has; or that a former key signed what the succession that ended
 * it does not have.
 *
 * @returns what it shows, or `undefined` if it proves nothing
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY` if a checkpoint is not signed by the key of the log, or a
 * succession not by its recovery key
 *
 * @example
 * ```ts
 * import { type ForkError, verifyForkEvidence } from "@remote-log/core";
 *
 * // Shows a fork to somebody who believes nobody.
 * export async function explain({ evidence }: ForkError): Promise<string> {
 *   const verdict = await verifyForkEvidence(evidence);
 *   if (verdict === undefined) return "It proves nothing.";
 *   const what = verdict.of === "entries" ? "entries" : "versions of its manifest";
 *   return `The key of log ${verdict.logId} signed two histories, of ${verdict.smaller} and ${verdict.larger} ${what}.`;
 * }
 * ```
 */
export async function verifyForkEvidence(evidence: ForkEvidence): Promise<ForkVerdict | undefined> {
  const genesis = readGenesis(evidence.genesis);
  const { logId } = genesis;
  const successions = await verifySuccessions(genesis, evidence.successions ?? []);
  const known: Known = { genesis, successions };
  if (isSuccession(evidence.larger, logId)) return verifyFormerKey(evidence, known);
  const ofManifest = isOfManifest(evidence.smaller, logId);
  const [smaller, larger] = await verifyBoth(evidence, known);
  const of = ofManifest ? "manifest" : "entries";
  const verdict: ForkVerdict = { logId, of, by: "signing-key", smaller: smaller.size, larger: larger.size };
  return contradicts(smaller, larger, evidence.path) ? verdict : undefined;
}

interface Known {
  readonly genesis: IdentifiedGenesis;
  readonly successions: readonly SignedSuccession[];
}

function isSuccession(note: string, logId: string): boolean {
  return `${note}`.startsWith(`${successionOrigin(logId)}\n`);
}

function isOfManifest(note: string, logId: string): boolean {
  return `${note}`.startsWith(`${manifestOrigin(logId)}\n`);
}

async function verifyBoth(
  { smaller, larger }: ForkEvidence,
  known: Known,
): Promise<readonly [Checkpoint, Checkpoint]> {
  const ofManifest = isOfManifest(smaller, known.genesis.logId);
  return [await verifyNote(smaller, known, ofManifest), await verifyNote(larger, known, ofManifest)];
}

function verifyNote(note: string, { genesis, successions }: Known, ofManifest: boolean): Promise<Checkpoint> {
  const { logId } = genesis;
  const origin = ofManifest ? manifestOrigin(logId) : checkpointOrigin(logId);
  return verifyCheckpoint(note, { origin, publicKey: signingKeyAfter(genesis, successions) });
}

// What a former key signed, and the succession that ended it; or two successions of one number.
async function verifyFormerKey(evidence: ForkEvidence, known: Known): Promise<ForkVerdict | undefined> {
  const { genesis, successions } = known;
  const { logId } = genesis;
  const recoveryKeyHash = nextRecoveryKeyHash(genesis, successions);
  if (recoveryKeyHash === undefined) return undefined;
  const expected = { logId, index: successions.length + 1, recoveryKeyHash };
  const ended = await verifySuccession(evidence.larger, expected);
  if (isSuccession(evidence.smaller, logId)) {
    const other = await verifySuccession(evidence.smaller, expected);
    if (parseSignedNote(other.note).text === parseSignedNote(ended.note).text) return undefined;
    return { logId, of: "succession", by: "recovery-key", smaller: other.size, larger: ended.size };
  }
  const ofManifest = isOfManifest(evidence.smaller, logId);
  const signed = await verifyNote(evidence.smaller, known, ofManifest);
  const last = ofManifest
    ? { size: ended.versions, root: ended.manifestRoot }
    : { size: ended.size, root: ended.root };
  const of = ofManifest ? "manifest" : "entries";
  const verdict: ForkVerdict = { logId, of, by: "former-key", smaller: signed.size, larger: last.size };
  return signed.size > last.size || contradicts(signed, last, evidence.path) ? verdict : undefined;
}

function contradicts(
  smaller: Pick<Checkpoint, "size" | "root">,
  larger: Pick<Checkpoint, "size" | "root">,
  path: readonly Uint8Array[],
): boolean {
  if (smaller.size === larger.size) return !bytesEqual(smaller.root, larger.root);
  const roots = consistencyRoots(smaller.size, larger.size, path);
  if (roots === undefined || !bytesEqual(roots.secondRoot, larger.root)) return false;
  return !bytesEqual(roots.firstRoot, smaller.root);
}

/**
 * Checks that a proof of a fork proves one, of this log, before anything is frozen because of it.
 *
 * @throws IntegrityError `ERR_INTEGRITY`, MalformedError `ERR_MALFORMED` if it does not
 */
export async function checkForkEvidence(evidence: ForkEvidence, logId: string): Promise<void> {
  const verdict = await verifyForkEvidence(evidence);
  if (verdict?.logId === logId) return;
  throw new IntegrityError(
    `What was seen of log ${logId} looked like a fork, and does not prove one. Nothing of it was used.`,
    { operation: "fork.check" },
  );
}

/** Two signed checkpoints of one log, of which one contradicts the other; or one of a former key, and the succession that ended it. */
export interface Contradiction {
  /** The genesis record of the log, and its id. */
  readonly genesis: Pick<IdentifiedGenesis, "bytes" | "logId">;
  /** The successions that led to the key which signed; none if it is that of the genesis record. */
  readonly successions: readonly SignedSuccession[];
  readonly smaller: { readonly note: string; readonly size: number };
  readonly larger: { readonly note: string; readonly size: number };
}

/**
 * Makes the proof of a fork, and checks it: whoever hears of one freezes the log for good, so evidence that does not hold must
 * not leave this module.
 *
 * @param source - where the hashes of the larger tree come from. Default: nowhere, for proofs that need none
 * @throws IntegrityError `ERR_INTEGRITY` if it proves nothing
 */
export async function proveFork(
  { genesis, successions, smaller, larger }: Contradiction,
  source: SubtreeSource = nowhere,
): Promise<ForkEvidence> {
  const path =
    smaller.size >= larger.size ? [] : await explicitConsistencyPath(smaller.size, larger.size, source);
  const evidence = {
    genesis: genesis.bytes,
    ...(successions.length > 0 && { successions: successions.map(({ note }) => note) }),
    ...{ smaller: smaller.note, larger: larger.note, path },
  };
  await checkForkEvidence(evidence, genesis.logId);
  return evidence;
}

const nowhere: SubtreeSource = { subtree: (): never => undefined as never };
