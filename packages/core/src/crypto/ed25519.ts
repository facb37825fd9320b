// Ed25519 (RFC 8032) with the same signatures and verdicts on every runtime; docs/decisions/0006.

import { hexToBytes } from "@noble/hashes/utils.js";
import { bytesEqual } from "../bytes.ts";
import { webCryptoEd25519 } from "./ed25519-web-crypto.ts";
import { copySeed, type Ed25519, SEED_BYTES, type SigningKey } from "./signing-key.ts";

// Answers that are known. The signature is that of the seed of zeroes over the empty message.
const EMPTY = new Uint8Array(0);
const PUBLIC_KEY = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
const SIGNATURE =
  "8f895b3cafe2c9506039d0e2a66382568004674fe8d237785092e40d6aaf483e" +
  "4fc60168705f31f101596138ce21aa357c0d32a064f423dc3ee4aa3abf53f803";
// A key of mixed order, and a signature over the empty message that is good with the cofactor only.
const MIXED_KEY = "aaedd48c357f52bb6ac9331bdf6a443438137fe0307961e6494f2f75f760df56";
const MIXED_SIGNATURE =
  "cae8aa7fe2b23c782ec08511f39efff5fd1a23472e32eebd326c4cf1e4a106c9" +
  "baec87967460d92b87cfc45a3b53e6752408eb9747d52fe6c758ff4f74c6720c";

let signer: Promise<Ed25519> | undefined;
let verifier: Promise<Ed25519> | undefined;

/**
 * The signing key of a seed of 32 bytes: pure Ed25519 (RFC 8032), by the Web Cryptography API
 * if it signs as the RFC says, else in plain JavaScript. The seed is copied.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed does not have 32 bytes
 */
export async function signingKeyFromSeed(seed: Uint8Array): Promise<SigningKey> {
  const copy = copySeed(seed, "key.create");
  signer ??= choose(signsAsKnown);
  const ed25519 = await signer;
  return ed25519.signingKey(copy);
}

/**
 * Whether a signature by an Ed25519 key is good, with the same verdict on every runtime.
 *
 * Stricter than RFC 8032 asks: S must be below the group's order, A and R must be canonical and not of small
 * order, and the equation is the one without the cofactor.
 *
 * @param publicKey - 32 bytes; any others are no good key, and no error
 * @param message - what was signed
 * @param signature - 64 bytes; any others are no good signature, and no error
 */
export async function verifySignature(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const copies = [publicKey, message, signature].map((bytes) => new Uint8Array(bytes));
  verifier ??= choose(verifiesAsKnown);
  const ed25519 = await verifier;
  return ed25519.verify(copies[0]!, copies[1]!, copies[2]!);
}

/** Imported only if it is needed: it is larger than everything else that a reader loads for its checks. */
async function choose(isFit: (native: Ed25519) => Promise<boolean>): Promise<Ed25519> {
  const fit = await isFit(webCryptoEd25519).catch(() => false);
  return fit ? webCryptoEd25519 : (await import("./ed25519-noble.ts")).nobleEd25519;
}

/** Some runtimes mix randomness into their signatures: good ones, but not the bytes of the RFC. */
async function signsAsKnown(native: Ed25519): Promise<boolean> {
  const key = await native.signingKey(new Uint8Array(SEED_BYTES));
  return (
    bytesEqual(key.publicKey, hexToBytes(PUBLIC_KEY)) &&
    bytesEqual(await key.sign(EMPTY), hexToBytes(SIGNATURE))
  );
}

async function verifiesAsKnown(native: Ed25519): Promise<boolean> {
  return (
    (await native.verify(hexToBytes(PUBLIC_KEY), EMPTY, hexToBytes(SIGNATURE))) &&
    !(await native.verify(hexToBytes(MIXED_KEY), EMPTY, hexToBytes(MIXED_SIGNATURE)))
  );
}
