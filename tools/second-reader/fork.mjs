// Proofs of a fork (docs/protocol.md, "States over time", "The manifest").

import { equal, originOf } from "./bytes.mjs";
import { consistencyRoots } from "./merkle.mjs";
import { decodeGenesis } from "./messages.mjs";
import { decodeNote, verifyCheckpoint } from "./note.mjs";

/**
 * @param {{ genesis: Uint8Array, smaller: string, larger: string, path: readonly Uint8Array[] }} evidence
 * @returns {{ smaller: number, larger: number } | undefined} the sizes; `undefined` if it proves no fork
 */
export function verifyForkEvidence({ genesis, smaller, larger, path }) {
  const { logId, signingKey } = decodeGenesis(genesis);
  const notes = [smaller, larger].map((note) => new Uint8Array(Buffer.from(note)));
  const manifest = decodeNote(notes[0]).text.startsWith(`${originOf(logId)}/manifest\n`);
  const origin = manifest ? `${originOf(logId)}/manifest` : originOf(logId);
  const [m, n] = notes.map((note) => verifyCheckpoint(note, origin, signingKey));
  const proven = { smaller: m.size, larger: n.size };
  if (m.size === n.size) return path.length === 0 && !equal(m.root, n.root) ? proven : undefined;
  const roots = consistencyRoots(m.size, n.size, path);
  if (roots === undefined || !equal(roots.second, n.root) || equal(roots.first, m.root)) return undefined;
  return proven;
}
