import { ed25519 as library } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { bytesEqual, concatBytes } from "../../src/bytes.ts";
import { littleEndian } from "../../src/crypto/ed25519-encoding.ts";
import { nobleEd25519 } from "../../src/crypto/ed25519-noble.ts";
import { webCryptoEd25519 } from "../../src/crypto/ed25519-web-crypto.ts";
import { verifySignature } from "../../src/crypto/index.ts";

/** What the implementations of Ed25519 say of one signature. */
export interface SignatureVerdict {
  readonly what: string;
  /** Whether it is good by the rules of {@link verifySignature}. */
  readonly good: boolean;
  readonly webCrypto: boolean;
  readonly noble: boolean;
  readonly chosen: boolean;
}

interface Case {
  readonly what: string;
  readonly good: boolean;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const { Point } = library;
const { Fn } = Point;
const TORSION = Point.fromBytes(
  hexToBytes("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
);
const a = 1234567890123456789012345678901234567890n;
const r = 9876543210987654321098765432109876543210n;
const A = Point.BASE.multiply(a);
const encodedR = Point.BASE.multiply(r).toBytes();

/** Puts good signatures, bad ones and those on which libraries differ to every implementation in this runtime. */
export async function signatureVerdicts(): Promise<SignatureVerdict[]> {
  const verdicts: SignatureVerdict[] = [];
  for (const { what, good, publicKey, message, signature } of [...(await signed()), ...made()]) {
    verdicts.push({
      what,
      good,
      webCrypto: await webCryptoEd25519.verify(publicKey, message, signature),
      noble: await nobleEd25519.verify(publicKey, message, signature),
      chosen: await verifySignature(publicKey, message, signature),
    });
  }
  return verdicts;
}

/** Signatures by each implementation, which have to be the same bytes, and what flipping a bit makes of them. */
async function signed(): Promise<Case[]> {
  const seed = new Uint8Array(32).fill(7);
  const message = new TextEncoder().encode("signed here");
  const keys = [await webCryptoEd25519.signingKey(seed), await nobleEd25519.signingKey(seed)] as const;
  const publicKey = keys[0].publicKey;
  const signature = await keys[0].sign(message);
  if (!bytesEqual(publicKey, keys[1].publicKey)) throw new Error("The public keys differ.");
  if (!bytesEqual(signature, await keys[1].sign(message))) throw new Error("The signatures differ.");
  const cases: Case[] = [{ what: "a signature", good: true, publicKey, message, signature }];
  for (let bit = 0; bit < 512; bit += 5) {
    const flipped = new Uint8Array(signature);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    cases.push({ what: `bit ${bit} flipped`, good: false, publicKey, message, signature: flipped });
  }
  for (const length of [0, 31, 63, 65]) {
    const cut = new Uint8Array(length);
    cases.push({ what: `${length} bytes`, good: false, publicKey, message, signature: cut });
    cases.push({ what: `a key of ${length} bytes`, good: false, publicKey: cut, message, signature });
  }
  return cases;
}

/** Signatures made from their parts. */
function made(): Case[] {
  const mixed = A.add(TORSION).toBytes();
  const plain = makeSignature("made from its parts", true, A.toBytes(), 0n);
  const s = littleEndian(plain.signature.subarray(32));
  const withS = (value: bigint): Uint8Array => concatBytes([encodedR, encode(value)]);
  const cases: Case[] = [
    plain,
    { ...plain, what: "S + L", good: false, signature: withS(s + Fn.ORDER) },
    { ...plain, what: "S = L", good: false, signature: withS(Fn.ORDER) },
    { ...plain, what: "another key", good: false, publicKey: A.double().toBytes() },
    makeSignature("a key of mixed order, exact", true, mixed, 0n),
  ];
  for (let rest = 1n; rest < 8n; rest++) {
    cases.push(makeSignature(`good with the cofactor only, ${rest}`, false, mixed, rest));
  }
  for (let i = 0n; i < 8n; i++) {
    const publicKey = TORSION.multiplyUnsafe(i).toBytes();
    // S = r fulfils the equation where [k]A is the neutral element, so that anybody can sign.
    cases.push({ ...makeSignature(`a key of small order, ${i}`, false, publicKey, 0n), signature: withS(r) });
  }
  for (let y = 0n; y < 19n; y++) {
    const publicKey = encode(Point.Fp.ORDER + y);
    cases.push(makeSignature(`a key that is not canonical, p + ${y}`, false, publicKey, undefined));
  }
  for (const y of [2n, 7n, 8n, 12n]) {
    cases.push(makeSignature(`a key with y = ${y}, which nobody holds`, false, encode(y), undefined));
  }
  return cases;
}

/** Signs a message whose challenge leaves the wanted rest modulo 8. */
function makeSignature(what: string, good: boolean, publicKey: Uint8Array, rest: bigint | undefined): Case {
  for (let i = 0; i < 10_000; i++) {
    const message = new TextEncoder().encode(`message ${i}`);
    const k = Fn.create(littleEndian(sha512(concatBytes([encodedR, publicKey, message]))));
    if (rest !== undefined && k % 8n !== rest) continue;
    const signature = concatBytes([encodedR, encode(Fn.create(r + k * a))]);
    return { what, good, publicKey, message, signature };
  }
  throw new Error("No message has the wanted challenge.");
}

/** A whole number as 32 bytes, least significant first. */
function encode(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}
