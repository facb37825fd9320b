// The keys of an epoch: what seals its entries, its id, and how the keys of earlier epochs follow; docs/protocol.md, "Epochs".

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { bytesEqual } from "../bytes.ts";
import { encodeUtf8 } from "../utf8.ts";
import { EARLIER_BYTES, KEY_ID_BYTES } from "../wire/manifest-message.ts";
import type { Epoch } from "./manifest.ts";

const KEY_BYTES = 32;

/** What seals the key of the epoch before seals nothing else, ever: so its nonce is fixed. */
const NONCE: Uint8Array = new Uint8Array(24);

/** An epoch of a log. */
export interface EpochOfLog {
  /** The log id, 64 hexadecimal digits. */
  readonly logId: string;
  /** The number of the epoch, from 0. */
  readonly epoch: number;
}

/**
 * The key that seals the entries of an epoch, from its read key: it opens these alone, and not those of the epochs before.
 *
 * @param readKey - the read key of the epoch, 32 bytes
 */
export function epochKeyOf(readKey: Uint8Array, { logId, epoch }: EpochOfLog): Uint8Array {
  // Before the first there is nothing to keep apart, and logs without a manifest have that one alone.
  return epoch === 0 ? readKey : derive(readKey, logId, "epoch-key");
}

/** The id of the key of an epoch, 16 bytes: it tells which key it is, and nothing else about it. */
export function keyIdOf(epochKey: Uint8Array, logId: string): Uint8Array {
  return derive(epochKey, logId, "key-id").subarray(0, KEY_ID_BYTES);
}

/**
 * Seals the read key of the epoch before, for whoever has that of an epoch: so the newest opens all of them.
 *
 * @param readKey - the read key of the epoch, 32 bytes
 * @param before - that of the epoch before, 32 bytes
 */
export function sealEarlierKey(readKey: Uint8Array, before: Uint8Array, logId: string): Uint8Array {
  return earlierCipher(readKey, logId).encrypt(before);
}

/** Opens what {@link sealEarlierKey} sealed; `undefined` if it was sealed with another key. */
function openEarlierKey(readKey: Uint8Array, sealed: Uint8Array, logId: string): Uint8Array | undefined {
  if (sealed.length !== EARLIER_BYTES) return undefined;
  try {
    return earlierCipher(readKey, logId).decrypt(sealed);
  } catch {
    return undefined;
  }
}

/** The number of the epoch in which an entry stands: 0 in a log that names none. */
export function epochAt(epochs: readonly Pick<Epoch, "first">[], sequence: number): number {
  let epoch = Math.max(0, epochs.length - 1);
  while (epoch > 0 && epochs[epoch]!.first > sequence) epoch--;
  return epoch;
}

/**
 * The keys of all epochs to which one key leads, by their numbers: a read key to its own epoch and those before, the key of an
 * epoch to that one. None if it belongs to no epoch of the log.
 *
 * @param given - a read key, or the key of an epoch, 32 bytes
 */
export function epochKeys(
  given: Uint8Array,
  logId: string,
  epochs: readonly Epoch[],
): Map<number, Uint8Array> {
  const keys = new Map<number, Uint8Array>();
  // If it is a read key, this is what seals; but in the first epoch both are one.
  const sealing = epochKeyOf(given, { logId, epoch: 1 });
  const [ownId, sealingId] = [keyIdOf(given, logId), keyIdOf(sealing, logId)];
  for (let epoch = epochs.length - 1; epoch >= 0; epoch--) {
    const { keyId } = epochs[epoch]!;
    if (bytesEqual(keyId, epoch === 0 ? ownId : sealingId)) {
      addEarlier(keys, given, { logId, epochs, epoch });
      break;
    }
    if (bytesEqual(keyId, ownId)) {
      keys.set(epoch, given);
      break;
    }
  }
  return keys;
}

function addEarlier(
  keys: Map<number, Uint8Array>,
  readKey: Uint8Array,
  { logId, epochs, epoch }: EpochOfLog & { readonly epochs: readonly Epoch[] },
): void {
  keys.set(epoch, epochKeyOf(readKey, { logId, epoch }));
  const sealed = epochs[epoch]!.earlier;
  const before = sealed && openEarlierKey(readKey, sealed, logId);
  if (epoch > 0 && before !== undefined) addEarlier(keys, before, { logId, epochs, epoch: epoch - 1 });
}

function earlierCipher(readKey: Uint8Array, logId: string): ReturnType<typeof xchacha20poly1305> {
  return xchacha20poly1305(derive(readKey, logId, "earlier"), NONCE);
}

function derive(key: Uint8Array, logId: string, label: string): Uint8Array {
  return hkdf(nobleSha256, key, hexToBytes(logId), encodeUtf8(`remote-log/v1/${label}`), KEY_BYTES);
}
