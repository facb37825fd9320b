// ChaCha20-Poly1305 of the runtime, if it has one that answers at once: Node, Deno. Not Bun, Electron, or a Node of FIPS.

import { bytesEqual } from "../bytes.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type ChaCha20Poly1305, TAG_BYTES } from "./chacha20-poly1305.ts";

const ALGORITHM = "chacha20-poly1305";
const OPTIONS = { authTagLength: TAG_BYTES };

/**
 * The runtime's cipher, if it can be used.
 *
 * @param model - must give the same
 */
export function nativeChaCha20Poly1305(model: ChaCha20Poly1305): ChaCha20Poly1305 | undefined {
  const native = found();
  try {
    return native !== undefined && agree(native, model) ? native : undefined;
  } catch {
    // What is there is not what Node has under this name.
    return undefined;
  }
}

function found(): ChaCha20Poly1305 | undefined {
  const { createCipheriv, createDecipheriv, createSecretKey } = nodeCrypto() ?? {};
  if (createCipheriv === undefined || createDecipheriv === undefined || createSecretKey === undefined)
    return undefined;
  return {
    seal([content, padding], { key, nonce, associated }, sealed) {
      const cipher = createCipheriv(ALGORITHM, createSecretKey(key), nonce, OPTIONS);
      cipher.setAAD(associated);
      sealed.set(cipher.update(content));
      sealed.set(cipher.update(padding), content.length);
      cipher.final();
      sealed.set(cipher.getAuthTag(), content.length + padding.length);
    },
    open(sealed, { key, nonce, associated }) {
      const length = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv(ALGORITHM, createSecretKey(key), nonce, OPTIONS);
      decipher.setAAD(associated);
      decipher.setAuthTag(sealed.subarray(length));
      const plain = decipher.update(sealed.subarray(0, length));
      decipher.final();
      return plain;
    },
  };
}

/** Whether one gives what the other gives, and refuses what is not sealed with its key. */
function agree(native: ChaCha20Poly1305, model: ChaCha20Poly1305): boolean {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const parameters = { key, nonce: key.subarray(0, 12), associated: key };
  const message = [key.subarray(0, 5), key.subarray(5, 31)] as const;
  const [sealed, expected] = [new Uint8Array(31 + TAG_BYTES), new Uint8Array(31 + TAG_BYTES)];
  native.seal(message, parameters, sealed);
  model.seal(message, parameters, expected);
  if (!bytesEqual(sealed, expected)) return false;
  if (!bytesEqual(native.open(sealed, parameters), key.subarray(0, 31))) return false;
  sealed[sealed.length - 1]! ^= 1;
  try {
    native.open(sealed, parameters);
    return false;
  } catch {
    return true;
  }
}
