// Where a log lives, as its manifest says it: sealed in a private log; docs/protocol.md, "Where a log lives".

import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { concatBytes } from "../bytes.ts";
import { TAG_BYTES } from "../crypto/chacha20-poly1305.ts";
import { NONCE_BYTES, XChaCha20Poly1305 } from "../crypto/xchacha20-poly1305.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import type { IdentifiedGenesis } from "./genesis.ts";
import type { ReadKey } from "./read-key.ts";

const KEY_BYTES = 32;

/** The length of what is sealed is a multiple of this, so that it tells little. */
const UNIT = 256;

/** A key: a `ReadKey` is one. */
type SecretBytes = Pick<ReadKey, "toBytes">;

type Log = Pick<IdentifiedGenesis, "genesis" | "logId">;

/**
 * The URIs of remotes as a manifest holds them.
 *
 * @param key - the key of the newest epoch of a private log
 */
export function sealRemotes(uris: readonly string[], log: Log, key: SecretBytes | undefined): Uint8Array {
  const text = encodeUtf8(uris.join("\n"));
  if (key === undefined) return text;
  const padded = new Uint8Array(Math.ceil(text.length / UNIT) * UNIT);
  padded.set(text);
  const { cipher, nonceOf } = keysOf(log, key);
  const nonce = nonceOf(padded);
  const sealed = new Uint8Array(padded.length + TAG_BYTES);
  cipher.seal(nonce, [text, padded.subarray(text.length)], sealed);
  return concatBytes([nonce, sealed]);
}

/**
 * The URIs that a manifest holds; `undefined` if the key is not the one that they were sealed with, or they are no text. Nothing
 * else is checked of them.
 */
export function openRemotes(
  sealed: Uint8Array,
  log: Log,
  key: SecretBytes | undefined,
): string[] | undefined {
  const bytes = log.genesis.visibility === "public" ? sealed : key && unseal(sealed, log, key);
  const text = bytes && decodeUtf8(bytes)?.replace(/\0+$/, "");
  if (text === undefined) return undefined;
  return text === "" ? [] : text.split("\n");
}

function unseal(sealed: Uint8Array, log: Log, key: SecretBytes): Uint8Array | undefined {
  const { cipher } = keysOf(log, key);
  try {
    return cipher.open(sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES));
  } catch {
    // The manifest is signed: it was sealed with another key, for readers of another epoch.
    return undefined;
  }
}

function keysOf({ logId }: Log, key: SecretBytes) {
  const associated = hexToBytes(logId);
  const derive = (label: string): Uint8Array =>
    hkdf(nobleSha256, key.toBytes(), associated, encodeUtf8(`remote-log/v1/${label}`), KEY_BYTES);
  // It follows from what is sealed: no two texts share one.
  const nonceOf = (text: Uint8Array): Uint8Array =>
    hmac(nobleSha256, derive("remotes-nonce"), text).subarray(0, NONCE_BYTES);
  return { cipher: new XChaCha20Poly1305(derive("remotes"), associated), nonceOf };
}
