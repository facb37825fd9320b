// Successions: changes of the key that signs a log (docs/protocol.md, "Key rotation").

import { equal, fromBase64, fromUtf8, hex, sha256 } from "./bytes.mjs";
import { verifySignedText } from "./note.mjs";
import { verified, wellFormed } from "./refused.mjs";

/**
 * @typedef {{ size: number, root: Uint8Array }} State
 * @typedef {object} Succession
 * @property {State} entries all that count of what the former key signed
 * @property {State} versions the same of the manifest
 * @property {Uint8Array} signingKey the next one
 * @property {Uint8Array} recoveryKeyHash of the next recovery key
 */

/**
 * The successions of a manifest, oldest first, each checked and signed by the recovery key that was named before.
 *
 * @param {readonly Uint8Array[]} notes
 * @param {import("./messages.mjs").Genesis} genesis
 * @returns {Succession[]}
 */
export function verifySuccessions(notes, { logId, recoveryKeyHash }) {
  const origin = `remote-log/v1/${hex(logId)}/succession`;
  /** @type {Succession[]} */
  const successions = [];
  for (const note of notes) {
    const before = successions.at(-1);
    const lines = fromUtf8(note).split("\n");
    wellFormed(lines.length > 10 && lines[9] === "", "a succession that has not nine lines");
    verified(lines[0] === origin, "a succession of another log");
    wellFormed(
      numberIn(lines[1]) === successions.length + 1,
      "a succession with a number that it can't have",
    );
    const recoveryKey = hashIn(lines[8]);
    verified(
      equal(sha256(recoveryKey), before?.recoveryKeyHash ?? recoveryKeyHash),
      "a succession by another key",
    );
    const text = `${lines.slice(0, 9).join("\n")}\n`;
    verified(verifySignedText(note, origin, recoveryKey) === text, "a succession with further lines");
    const succession = {
      entries: { size: numberIn(lines[2]), root: hashIn(lines[3]) },
      versions: { size: numberIn(lines[4]), root: hashIn(lines[5]) },
      signingKey: hashIn(lines[6]),
      recoveryKeyHash: hashIn(lines[7]),
    };
    if (before !== undefined)
      wellFormed(
        succession.entries.size >= before.entries.size && succession.versions.size > before.versions.size,
        "a succession that goes behind the one before",
      );
    successions.push(succession);
  }
  return successions;
}

/** @param {string} line */
function numberIn(line) {
  wellFormed(
    /^(?:0|[1-9][0-9]*)$/.test(line) && Number.isSafeInteger(Number(line)),
    "a line that is no number",
  );
  return Number(line);
}

/** @param {string} line */
function hashIn(line) {
  const bytes = fromBase64(line, "base64");
  wellFormed(bytes.length === 32, "a line that has not 32 bytes");
  return bytes;
}
