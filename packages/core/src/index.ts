// The entry `@remote-log/core`, in the order in which an application meets it.

// Keys of a log.

export {
  type DeviceKeys,
  DeviceSeed,
  type DeviceSeedParts,
  deriveKeys,
  deviceSeed,
  generateSeed,
  type LoadOrCreateSeedOptions,
  type LogKeys,
  loadOrCreateSeed,
  type SeedStore,
} from "./crypto/index.ts";
export { ReadKey } from "./log/read-key.ts";

// Writing.

export { openWriter } from "./writer/open-writer.ts";
export type { Writer } from "./writer/writer.ts";
export type { RepairOptions, RepairProgress, RepairResult } from "./writer/repair.ts";
export type {
  AppendOptions,
  EntriesOptions,
  PublishOptions,
  WriterOptions,
  RemoteStatus,
  WriterStatus,
} from "./writer/writer-options.ts";
export type { KeyRotation } from "./writer/epoch-keeper.ts";
export type { GrantedReader, GrantOptions } from "./writer/named-readers.ts";
export type { Receipt } from "./writer/receipt.ts";
export type { RemoteProgress, Stage, StageOptions } from "./writer/progress.ts";
export type { Forgets, RemovalProgress } from "./writer/removal-progress.ts";
export type { Removable, RemovalResult } from "./writer/removal.ts";
export type { Retention } from "./writer/retention.ts";
export type { RecoverOptions, RecoveryResult } from "./writer/recover.ts";
export type { JournalWitness } from "./journal/witness.ts";
export type { BatchOperation, KeyRange, KeyValueDatabase, ViewEncoding } from "./journal/database.ts";

// Reading.

export { type LinkReaderOptions, openReader } from "./open-reader.ts";
export type { Reader } from "./reader/reader.ts";
export type {
  FollowOptions,
  FromOptions,
  ReaderOptions,
  SyncOutcome,
  SyncResult,
} from "./reader/reader-options.ts";
export type { ReaderStatus } from "./reader/reader-status.ts";
export type { RemoteContact } from "./reader/contacts.ts";
export type { RemoteReport } from "./reader/remote-report.ts";
export type { Retry } from "./async/retry.ts";
export { databaseReaderStore } from "./reader/database-reader-store.ts";
export type { CachePutOptions, ReaderCache } from "./reader/reader-cache.ts";
export { memoryReaderStore, type MemoryReaderStoreOptions, type ReaderStore } from "./reader/reader-store.ts";
export type { Entry } from "./tree/entry.ts";
export type { Floor } from "./tree/floor.ts";
export { defaultLimits, type ReaderLimits } from "./tree/reader-limits.ts";

// Mirroring.

export { logIdIn, showsHead } from "./log/head.ts";
export { mirrorLog } from "./mirror/mirror-log.ts";
export type {
  CosignedCopy,
  MirrorCosigning,
  MirrorOptions,
  MirrorPart,
  MirrorProgress,
  MirrorResult,
  MirrorTarget,
} from "./mirror/mirror-options.ts";
export type { MissingEntries } from "./mirror/missing-entries.ts";
export { readLeaves } from "./mirror/read-leaves.ts";
export type { LogSource } from "./tree/log-source.ts";

// Links.

export { formatLink, type LogLink, parseLink } from "./link/link.ts";
export { openLink, type OpenLinkOptions, type Schemes } from "./open-link.ts";

// Remotes: the two interfaces that an adapter implements, and addresses.

export type { Remote } from "./remote/remote.ts";
export type { RemoteTraffic } from "./remote/traffic.ts";
export type * from "./remote/storage-backend.ts";
export { compareAndSetOf } from "./remote/name-resolver.ts";
export type * from "./remote/name-resolver.ts";
export { Address } from "./address/address.ts";
export { addressOf, checkContent, type HashType, hashTypeOf, rawSha256 } from "./address/hash-type.ts";

// What a log fixes for good.

export {
  defaultSettings,
  type Genesis,
  type GenesisSettings,
  type IdentifiedGenesis,
  type Identifiers,
  type Padding,
  readGenesis,
  type Visibility,
} from "./log/genesis.ts";

// What a log says of itself.

export type { EntryRange, Epoch, Manifest, ManifestContent } from "./log/manifest.ts";
export type { HeadManifest, StoredObject, VerifiedManifest } from "./log/head-manifest.ts";

// Proofs, and their verification.

export type { ConsistencyStatement, InclusionStatement } from "./reader/proofs.ts";
export {
  type ConsistencyClaim,
  hashLeaf,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from "./merkle/index.ts";
export { type ForkVerdict, verifyForkEvidence } from "./tree/fork-evidence.ts";

// Checkpoints and proofs as text that other tools for transparency logs read.

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

// Messages of 2/MVDS, for logs whose entries are such messages.

export {
  decodeMvdsMessage,
  encodeMvdsMessage,
  type MvdsMessage,
  mvdsMessageId,
} from "./wire/mvds-message.ts";
export type { WireLimits } from "./wire/limits.ts";

// Errors.

export * from "./errors/index.ts";
