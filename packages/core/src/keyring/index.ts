// The entry `@remote-log/core/keyring`: readers by name, and seeds behind a passphrase. It loads the age library when it is used.

export {
  isSealedSeed,
  type OpenSeedOptions,
  openSeed,
  openWriterSeed,
  type SealSeedOptions,
  sealSeed,
} from "../crypto/sealed-seed.ts";
export { seedText } from "../crypto/seed-text.ts";
export type { EpochOfLog } from "../log/epoch-keys.ts";
export {
  generateIdentity,
  LARGEST_KEYRING,
  ReaderIdentity,
  recipientOf,
} from "./identity.ts";
export type { OpenedKeyring } from "./opened-keyring.ts";
export { checkRecipient, MOST_READERS, type RecipientKind } from "./recipients.ts";
export { type KeyringContent, type NamedReader, sealKeyring } from "./seal-keyring.ts";
