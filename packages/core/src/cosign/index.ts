// The entry `@remote-log/core/cosign`: mirrors and witnesses that sign what they keep, and policies that ask for it.

export { type CosignerIdentity, cosignedAt } from "./cosignature.ts";
export { Cosigner, type CosignerOptions, type CosignerStore, type CosignRequest } from "./cosigner.ts";
export {
  cosignerKeyText,
  cosignerSecretText,
  parseCosignerSecret,
  parseVerifierKey,
  type VerifierKey,
} from "./key-text.ts";
export { Policy, type PolicyReport, type PolicyVerdict, type WitnessVerdict } from "./policy.ts";
