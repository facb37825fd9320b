// Ed25519 of the Web Cryptography API, with seeds in PKCS #8 form (RFC 8410 §7).

import { concatBytes } from "../bytes.ts";
import { environment, type SigningApi } from "../runtime/environment.ts";
import { isStrictlyEncoded } from "./ed25519-encoding.ts";
import { copySeed, type Ed25519, type SigningKey } from "./signing-key.ts";

const ALGORITHM = "Ed25519";

/** The bytes before the seed in the PKCS #8 form of an Ed25519 key (RFC 8410, section 7). */
const PKCS8_PREFIX: Uint8Array = Uint8Array.of(
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20],
);

/** Ed25519 of the runtime's Web Cryptography API. Rejects if the runtime has none. */
export const webCryptoEd25519: Ed25519 = {
  async signingKey(seed: Uint8Array): Promise<SigningKey> {
    const api = signingApi();
    const encoded = new Uint8Array(concatBytes([PKCS8_PREFIX, copySeed(seed, "key.create")]));
    try {
      // The API gives a public key only as part of an export; the key that is kept can't be exported.
      const exportable = await api.importKey("pkcs8", encoded, ALGORITHM, true, ["sign"]);
      const { x } = await api.exportKey("jwk", exportable);
      const key = await api.importKey("pkcs8", encoded, ALGORITHM, false, ["sign"]);
      return {
        publicKey: fromBase64Url(x!),
        async sign(message: Uint8Array): Promise<Uint8Array> {
          return new Uint8Array(await api.sign(ALGORITHM, key, new Uint8Array(message)));
        },
      };
    } finally {
      encoded.fill(0);
    }
  },

  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    if (!isStrictlyEncoded(publicKey, signature)) return false;
    const api = signingApi();
    // Copied before the first wait, so that what is verified is what was passed in.
    const copies = [publicKey, message, signature].map((bytes) => new Uint8Array(bytes)) as Triple;
    try {
      const key = await api.importKey("raw", copies[0], ALGORITHM, false, ["verify"]);
      return await api.verify(ALGORITHM, key, copies[2], copies[1]);
    } catch {
      // Some runtimes refuse a key that is not a point of the curve when it is imported, others on use.
      return false;
    }
  },
};

/** Throws if the runtime has none: then there is nothing to choose. */
function signingApi(): SigningApi {
  return environment().signing!;
}

type Copy = Uint8Array<ArrayBuffer>;
type Triple = [Copy, Copy, Copy];

function fromBase64Url(text: string): Uint8Array {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
