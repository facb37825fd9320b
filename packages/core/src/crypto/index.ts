// The room of keys, signatures and hashes.

export { signingKeyFromSeed, verifySignature } from "./ed25519.ts";
export { deriveKeys, generateSeed, type LogKeys } from "./keys.ts";
export type { SigningKey } from "./signing-key.ts";
export { type LoadOrCreateSeedOptions, loadOrCreateSeed, type SeedStore } from "./stored-seed.ts";
