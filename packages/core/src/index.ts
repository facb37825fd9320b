// Errors and the two interfaces that a backend implements.

export { Address } from "./address/address.ts";
export { addressOf, checkContent, type HashType, hashTypeOf, rawSha256 } from "./address/hash-type.ts";
// Checkpoints and proofs as texts that other transparency-log tools read.
export {
  type Checkpoint,
  type ConsistencyProof,
  checkpointOrigin,
  formatConsistencyProof,
  formatInclusionProof,
  type InclusionProof,
  type NoteKey,
  type NoteSignature,
  parseCheckpoint,
  parseConsistencyProof,
  parseInclusionProof,
  parseSignedNote,
  type SignedNote,
  verifierKeyText,
  verifyCheckpoint,
} from "./checkpoint/index.ts";
// Keys, genesis, writer.
export { deriveKeys, generateSeed, type LogKeys } from "./crypto/index.ts";
export * from "./errors/index.ts";
export type { BatchOperation, KeyRange, KeyValueDatabase, ViewEncoding } from "./journal/database.ts";
export { formatLink, type LogLink, parseLink } from "./link/link.ts";
export {
  defaultSettings,
  type Genesis,
  type GenesisSettings,
  type IdentifiedGenesis,
  type Identifiers,
  readGenesis,
  type Visibility,
} from "./log/genesis.ts";
export {
  type ConsistencyClaim,
  hashLeaf,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from "./merkle/index.ts";
// Mirrors.
export { mirrorLog } from "./mirror/mirror-log.ts";
export type { MirrorOptions, MirrorProgress, MirrorResult, MirrorTarget } from "./mirror/mirror-options.ts";
export type { RemoteReport } from "./reader/newest-state.ts";
export type { ConsistencyStatement, InclusionStatement } from "./reader/proofs.ts";
export { openReader, type Reader } from "./reader/reader.ts";
export type { FollowOptions, FromOptions, ReaderOptions, SyncResult } from "./reader/reader-options.ts";
export { databaseReaderStore, memoryReaderStore, type ReaderStore } from "./reader/reader-store.ts";
export type * from "./remote/name-resolver.ts";
export type { Remote } from "./remote/remote.ts";
export type * from "./remote/storage-backend.ts";
// Reader.
export type { Entry } from "./tree/entry.ts";
export type { Floor } from "./tree/floor.ts";
export { type ForkVerdict, verifyForkEvidence } from "./tree/fork-evidence.ts";
export { defaultLimits, type ReaderLimits } from "./tree/reader-limits.ts";
export type { WireLimits } from "./wire/limits.ts";
export {
  decodeMvdsMessage,
  encodeMvdsMessage,
  type MvdsMessage,
  mvdsMessageId,
} from "./wire/mvds-message.ts";
export type { RemoteProgress, Stage, StageOptions } from "./writer/progress.ts";
export type { Receipt } from "./writer/receipt.ts";
export type { RecoveryResult } from "./writer/recover.ts";
export { openWriter, type Writer, type WriterStatus } from "./writer/writer.ts";
export type { WriterOptions } from "./writer/writer-options.ts";
