// Checkpoints and proofs as text that other tools for transparency logs read.

export {
  type Checkpoint,
  checkpointOrigin,
  formatCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from "./checkpoint.ts";
export {
  type ConsistencyProof,
  formatConsistencyProof,
  formatInclusionProof,
  type InclusionProof,
  parseConsistencyProof,
  parseInclusionProof,
} from "./proof-text.ts";
export {
  bearsLineOf,
  formatSignedNote,
  type NoteKey,
  type NoteSignature,
  parseSignedNote,
  type SignedNote,
  signNote,
  verifierKeyText,
  verifySignedNote,
} from "./signed-note.ts";
