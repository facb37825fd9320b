// Ed25519 without waiting: what answers at once answers in the same order in every run.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify, type webcrypto } from "node:crypto";
import type { SigningApi } from "@remote-log/core/environment";

/** What comes before the 32 bytes of a public key in its SPKI form (RFC 8410 §4). */
const SPKI_PREFIX = Uint8Array.of(
  ...[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00],
);

type BufferSource = ArrayBuffer | ArrayBufferView<ArrayBuffer>;
type CryptoKey = webcrypto.CryptoKey;

const bytesOf = (source: BufferSource): Uint8Array =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);

const keyOf = (key: CryptoKey): KeyObject => (key as unknown as { readonly object: KeyObject }).object;

const rawOf = (key: CryptoKey): Uint8Array => (key as unknown as { readonly raw: Uint8Array }).raw;

/** Keys and verdicts of the few logs that there are, by what they follow from. */
class Memory<T> {
  readonly #known = new Map<string, T>();

  of(bytes: readonly Uint8Array[], make: () => T): T {
    const key = bytes.map((part) => Buffer.from(part).toString("latin1")).join("\0");
    let value = this.#known.get(key);
    if (value === undefined) {
      if (this.#known.size > LARGEST_MEMORY) this.#known.clear();
      value = make();
      this.#known.set(key, value);
    }
    return value;
  }
}

const LARGEST_MEMORY = 10_000;
const privateKeys = new Memory<KeyObject>();
const publicKeys = new Memory<KeyObject>();
const verdicts = new Memory<boolean>();

function publicKeyOf(bytes: Uint8Array): KeyObject {
  const key = Buffer.concat([SPKI_PREFIX, bytes]);
  return publicKeys.of([bytes], () => createPublicKey({ key, format: "der", type: "spki" }));
}

function privateKeyOf(bytes: Uint8Array): KeyObject {
  const key = Buffer.from(bytes);
  return privateKeys.of([bytes], () => createPrivateKey({ key, format: "der", type: "pkcs8" }));
}

const api = {
  async importKey(format: string, bytes: BufferSource): Promise<CryptoKey> {
    const object = format === "pkcs8" ? privateKeyOf(bytesOf(bytes)) : publicKeyOf(bytesOf(bytes));
    return { object, raw: new Uint8Array(bytesOf(bytes)) } as unknown as CryptoKey;
  },
  async exportKey(_format: string, key: CryptoKey): Promise<object> {
    return keyOf(key).export({ format: "jwk" });
  },
  async sign(_algorithm: unknown, key: CryptoKey, content: BufferSource): Promise<ArrayBuffer> {
    return new Uint8Array(sign(null, bytesOf(content), keyOf(key))).buffer;
  },
  async verify(
    _algorithm: unknown,
    key: CryptoKey,
    signature: BufferSource,
    content: BufferSource,
  ): Promise<boolean> {
    const [text, proof] = [bytesOf(content), bytesOf(signature)];
    return verdicts.of([rawOf(key), proof, text], () => verify(null, text, keyOf(key), proof));
  },
};

/** Node's own Ed25519, whose promises are fulfilled at once. */
export const promptSigning = api as unknown as SigningApi;
