// The proof that a key signed two histories; docs/protocol.md, "States over time". Readers load this when they need it.

import { bytesEqual } from "../bytes.ts";
import { checkpointOrigin, verifyCheckpoint } from "../checkpoint/index.ts";
import { type ForkEvidence, IntegrityError } from "../errors/index.ts";
import { type IdentifiedGenesis, readGenesis } from "../log/genesis.ts";
import { manifestOrigin } from "../log/head-manifest.ts";
import { consistencyRoots, explicitConsistencyPath, type SubtreeSource } from "../merkle/index.ts";

/** What a proof of a fork shows, once checked. */
export interface ForkVerdict {
  /** The log whose key signed both. */
  readonly logId: string;
  /** Of what there are two histories: of the log's entries, or of what the log says of itself. */
  readonly of: "entries" | "manifest";
  /** Size of the smaller signed checkpoint: number of entries, or of versions of the manifest. */
  readonly smaller: number;
  /** Size of the larger signed checkpoint. */
  readonly larger: number;
}

/**
 * Checks a proof of a fork without anything else: that one key signed two checkpoints of one log, or of its manifest, and that
 * the larger tree begins with something else than the smaller one has.
 *
 * @returns what it shows, or `undefined` if it proves nothing
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY` if a checkpoint is not signed by the
 * genesis key
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
  const { logId, genesis } = readGenesis(evidence.genesis);
  const ofManifest = manifestOrigin(logId);
  const of: ForkVerdict["of"] = `${evidence.smaller}`.startsWith(`${ofManifest}\n`) ? "manifest" : "entries";
  const origin = of === "manifest" ? ofManifest : checkpointOrigin(logId);
  const signer = { origin, publicKey: genesis.signingKey };
  const smaller = await verifyCheckpoint(evidence.smaller, signer);
  const larger = await verifyCheckpoint(evidence.larger, signer);
  const verdict = { logId, of, smaller: smaller.size, larger: larger.size };
  if (smaller.size === larger.size) return bytesEqual(smaller.root, larger.root) ? undefined : verdict;
  const roots = consistencyRoots(smaller.size, larger.size, evidence.path);
  if (roots === undefined || !bytesEqual(roots.secondRoot, larger.root)) return undefined;
  return bytesEqual(roots.firstRoot, smaller.root) ? undefined : verdict;
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

/** Two signed checkpoints of one log, of which one contradicts the other. */
interface Contradiction {
  /** The genesis record of the log, and its id. */
  readonly genesis: Pick<IdentifiedGenesis, "bytes" | "logId">;
  readonly smaller: { readonly note: string; readonly size: number };
  readonly larger: { readonly note: string; readonly size: number };
}

/**
 * Makes the proof of a fork, and checks it: whoever hears of one freezes the log for good, so evidence that does not hold must
 * not leave this module.
 *
 * @param source - where the hashes of the larger tree come from
 * @throws IntegrityError `ERR_INTEGRITY` if it proves nothing
 */
export async function proveFork(
  { genesis, smaller, larger }: Contradiction,
  source: SubtreeSource,
): Promise<ForkEvidence> {
  const path =
    smaller.size === larger.size ? [] : await explicitConsistencyPath(smaller.size, larger.size, source);
  const evidence = { genesis: genesis.bytes, smaller: smaller.note, larger: larger.note, path };
  await checkForkEvidence(evidence, genesis.logId);
  return evidence;
}
