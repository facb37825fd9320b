// Proofs of a fork, and of what former keys signed (docs/protocol.md, "States over time", "The manifest", "Key rotation").

import { equal, originOf } from "./bytes.mjs";
import { consistencyRoots } from "./merkle.mjs";
import { decodeGenesis } from "./messages.mjs";
import { decodeNote, verifyCheckpoint } from "./note.mjs";
import { verifySuccessions } from "./successions.mjs";

/**
 * @typedef {{ size: number, root: Uint8Array }} State
 * @typedef {object} Evidence
 * @property {Uint8Array} genesis
 * @property {readonly string[]} [successions] that led to the key which signed
 * @property {string} smaller
 * @property {string} larger of a former key: the succession that ended it
 * @property {readonly Uint8Array[]} path
 * @typedef {{ by: "signing-key" | "former-key" | "recovery-key", smaller: number, larger: number }} Proven
 */

/**
 * @param {Evidence} evidence
 * @returns {Proven | undefined} whose key contradicts, and the sizes; `undefined` if it proves nothing
 */
export function verifyForkEvidence({ genesis: record, successions = [], smaller, larger, path }) {
  const genesis = decodeGenesis(record);
  const origin = originOf(genesis.logId);
  const [one, other, ...notes] = [smaller, larger, ...successions].map(
    (note) => new Uint8Array(Buffer.from(note)),
  );
  const led = verifySuccessions(notes, genesis);
  const textOf = (/** @type {Uint8Array} */ note) => decodeNote(note).text;
  const isOf = (/** @type {Uint8Array} */ note, /** @type {string} */ what) =>
    textOf(note).startsWith(`${origin}/${what}\n`);
  const ended = isOf(other, "succession") ? verifySuccessions([...notes, other], genesis).at(-1) : undefined;
  if (ended !== undefined && isOf(one, "succession")) {
    const twin = verifySuccessions([...notes, one], genesis).at(-1);
    if (twin === undefined || textOf(one) === textOf(other)) return undefined;
    return { by: "recovery-key", smaller: twin.entries.size, larger: ended.entries.size };
  }
  const ofManifest = isOf(one, "manifest");
  const signed = (/** @type {Uint8Array} */ note) =>
    verifyCheckpoint(
      note,
      ofManifest ? `${origin}/manifest` : origin,
      led.at(-1)?.signingKey ?? genesis.signingKey,
    );
  const m = signed(one);
  const n = ended === undefined ? signed(other) : ofManifest ? ended.versions : ended.entries;
  const contradiction = (ended !== undefined && m.size > n.size) || contradicts(m, n, path);
  if (!contradiction) return undefined;
  return { by: ended === undefined ? "signing-key" : "former-key", smaller: m.size, larger: n.size };
}

/**
 * @param {State} m
 * @param {State} n
 * @param {readonly Uint8Array[]} path from m to n
 */
function contradicts(m, n, path) {
  if (m.size === n.size) return path.length === 0 && !equal(m.root, n.root);
  const roots = consistencyRoots(m.size, n.size, path);
  return roots !== undefined && equal(roots.second, n.root) && !equal(roots.first, m.root);
}
