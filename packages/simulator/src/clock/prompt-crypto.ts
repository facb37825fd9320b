// Ed25519 of the Web Cryptography API without threads: results come at once, so that the order of events does not depend on
// how busy the machine is.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

type Bytes = Uint8Array<ArrayBuffer>;

/** The bytes before a public key in its SPKI form (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** What is used of `SubtleCrypto` for Ed25519. */
const promptEd25519 = {
  async importKey(format: string, key: Bytes): Promise<KeyObject> {
    if (format === "pkcs8") return createPrivateKey({ key: Buffer.from(key), format: "der", type: "pkcs8" });
    return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: "der", type: "spki" });
  },
  async exportKey(_format: string, key: KeyObject): Promise<unknown> {
    return key.export({ format: "jwk" });
  },
  async sign(_algorithm: string, key: KeyObject, message: Bytes): Promise<ArrayBuffer> {
    return new Uint8Array(sign(undefined, message, key)).buffer;
  },
  async verify(_algorithm: string, key: KeyObject, signature: Bytes, message: Bytes): Promise<boolean> {
    return verify(undefined, message, key, signature);
  },
};

/**
 * Lets the whole process compute Ed25519 at once.
 *
 * @returns what gives the former one back
 */
export function usePromptCrypto(): () => void {
  const { crypto } = globalThis;
  Object.defineProperty(crypto, "subtle", { configurable: true, value: promptEd25519 });
  return () => {
    Reflect.deleteProperty(crypto, "subtle");
  };
}
