// Writes files in the age format, version 1 (c2sp.org/age), for X25519 recipients: the same bytes each time, since all secrets in
// them follow from what they hold. Nobody may use such a file for anything but tests.

import {
  createCipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from "node:crypto";
import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";

/** The identity that the fixtures are read with. The secret is 32 bytes 0x1d. */
export const readerIdentity = "AGE-SECRET-KEY-1R5W368GAR5W368GAR5W368GAR5W368GAR5W368GAR5W368GAR5WSF5S2TD";

const reader = new Uint8Array(32).fill(0x1d);
const stranger = new Uint8Array(32).fill(0x2e);
const [privateKeyPrefix, publicKeyPrefix] = ["302e020100300506032b656e04220420", "302a300506032b656e032100"];
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replace(/=+$/, "");

/** For whom a file is. */
export type Named = "reader" | "stranger";

/** How a file differs from what `age` writes. */
export interface AgeChanges {
  /** Lines before the others that name recipients. */
  readonly before?: string;
  /** The text in the place of the first line. */
  readonly version?: string;
}

/** Encrypts a plaintext of at most 64 KiB. */
export function ageFile(
  named: readonly Named[],
  plaintext: Uint8Array,
  { before = "", version = "age-encryption.org/v1" }: AgeChanges = {},
): Uint8Array {
  const secret = sha256(concatBytes([text("a file key of the hostile fixtures"), plaintext]));
  const fileKey = secret.subarray(0, 16);
  const stanzas = named.map((one, i) => stanza(one === "reader" ? reader : stranger, fileKey, i));
  const header = `${version}\n${before}${stanzas.join("")}---`;
  const mac = createHmac("sha256", derive(fileKey, new Uint8Array(0), "header"))
    .update(header)
    .digest();
  const nonce = secret.subarray(16);
  // One chunk, which is the last: its number is 0, and the byte behind it says that nothing follows.
  const chunk = seal(
    derive(fileKey, nonce, "payload"),
    Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    plaintext,
  );
  return concatBytes([text(`${header} ${base64(mac)}\n`), nonce, chunk]);
}

/** The lines that name one recipient. */
function stanza(secret: Uint8Array, fileKey: Uint8Array, number: number): string {
  const ephemeral = sha256(concatBytes([fileKey, Uint8Array.of(number)]));
  const [share, recipient] = [publicKeyOf(ephemeral), publicKeyOf(secret)];
  const shared = diffieHellman({ privateKey: privateKey(ephemeral), publicKey: publicKey(recipient) });
  const wrapKey = derive(shared, concatBytes([share, recipient]), "age-encryption.org/v1/X25519");
  return `-> X25519 ${base64(share)}\n${base64(seal(wrapKey, new Uint8Array(12), fileKey))}\n`;
}

function publicKeyOf(secret: Uint8Array): Uint8Array {
  const der = createPublicKey(privateKey(secret)).export({ format: "der", type: "spki" });
  return new Uint8Array(der.subarray(-32));
}

function privateKey(secret: Uint8Array): ReturnType<typeof createPrivateKey> {
  const key = Buffer.concat([Buffer.from(privateKeyPrefix, "hex"), secret]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function publicKey(point: Uint8Array): ReturnType<typeof createPublicKey> {
  const key = Buffer.concat([Buffer.from(publicKeyPrefix, "hex"), point]);
  return createPublicKey({ key, format: "der", type: "spki" });
}

function derive(secret: Uint8Array, salt: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, info, 32));
}

function seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}
