import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToNumberBE, concatBytes, numberToBytesBE } from "@noble/curves/utils.js";

/**
 * A signature that everybody can make of another one, of the same key over the same hash: s turned into its negative, so
 * that r's point is the other one of the two.
 */
export function turned(signature: Uint8Array): Uint8Array {
  const s = secp256k1.Point.Fn.neg(bytesToNumberBE(signature.subarray(32, 64)));
  return concatBytes(
    signature.subarray(0, 32),
    numberToBytesBE(s, 32),
    Uint8Array.of(27 + 28 - signature[64]!),
  );
}
