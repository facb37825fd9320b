// Which encodings of Ed25519 points and scalars are accepted: stricter than RFC 8032 §5.1.3 and §5.1.7.

const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The prime of the field: coordinates are whole numbers below it. */
const FIELD = 2n ** 255n - 19n;

/** The order of the base point, which RFC 8032 calls L. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const SIGN_BIT = 2n ** 255n;

const ORDER_EIGHT = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/** The y coordinates of the eight points whose order divides the cofactor. */
const SMALL_ORDER: readonly bigint[] = [0n, 1n, FIELD - 1n, ORDER_EIGHT, FIELD - ORDER_EIGHT];

/**
 * Whether a public key and a signature are encoded in the one form that is accepted: the right lengths,
 * S below the group's order, and A and R canonical and not of small order.
 *
 * Implementations differ in what else they let through, so this check comes before each of them. Whether A is
 * a point of the curve at all is left to them.
 */
export function isStrictlyEncoded(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return (
    isStrictPoint(publicKey) &&
    isStrictPoint(signature.subarray(0, 32)) &&
    littleEndian(signature.subarray(32)) < ORDER
  );
}

/** An encoding with x = 0 and the sign bit set, not canonical either, has y = ±1 and so is of small order. */
function isStrictPoint(bytes: Uint8Array): boolean {
  const y = littleEndian(bytes) % SIGN_BIT;
  return y < FIELD && !SMALL_ORDER.includes(y);
}

/** The bytes as a whole number, least significant byte first. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[i]!);
  return value;
}
