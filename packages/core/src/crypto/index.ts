// The room of keys, signatures and hashes.

export { DeviceSeed, type DeviceSeedParts, deviceSeed, LAST_GENERATION, recoveryKey } from "./device-seed.ts";
export { signingKeyFromSeed, verifySignature } from "./ed25519.ts";
export { type DeviceKeys, deriveKeys, generateSeed, type LogKeys, WriterKeys } from "./keys.ts";
export type { SigningKey } from "./signing-key.ts";
export { type LoadOrCreateSeedOptions, loadOrCreateSeed, type SeedStore } from "./stored-seed.ts";
