import { ed25519 as library } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../../src/bytes.ts";
import { isStrictlyEncoded } from "../../src/crypto/ed25519-encoding.ts";
import { nobleEd25519 } from "../../src/crypto/ed25519-noble.ts";
import { webCryptoEd25519 } from "../../src/crypto/ed25519-web-crypto.ts";
import { verifySignature } from "../../src/crypto/index.ts";
import { bytesFromHex } from "./vectors.ts";

const { Point } = library;
const { Fn } = Point;
type CurvePoint = InstanceType<typeof Point>;

const FIELD = Point.Fp.ORDER;
const TORSION = Point.fromBytes(
  bytesFromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
);
const smallOrder = Array.from({ length: 8 }, (_, i) => TORSION.multiplyUnsafe(BigInt(i)));

const a = scalar("a secret");
const r = scalar("a nonce");
const A = Point.BASE.multiply(a);
const R = Point.BASE.multiply(r);
const message = new TextEncoder().encode("a message");

interface Triple {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

describe("all implementations accept", () => {
  test("a signature made from its parts", async () => {
    expect(await verdict(signed(A.toBytes(), R.toBytes()))).toBe(true);
  });

  test("one of a key of mixed order whose equation holds without the cofactor", async () => {
    const publicKey = A.add(TORSION).toBytes();
    const exact = mixedOrder(publicKey, R.toBytes(), (k) => k % 8n === 0n);
    expect(await verdict(exact)).toBe(true);
  });

  test("one whose R is of mixed order and cancels that of the key", async () => {
    const publicKey = A.add(TORSION).toBytes();
    const mixedR = R.add(TORSION.negate()).toBytes();
    const exact = mixedOrder(publicKey, mixedR, (k) => k % 8n === 1n);
    expect(await verdict(exact)).toBe(true);
  });
});

test("the largest canonical y is no reason to refuse a key", () => {
  const good = signed(A.toBytes(), R.toBytes());
  expect(isStrictlyEncoded(littleEndian(FIELD - 2n), good.signature)).toBe(true);
});

test("S is strictly encoded if it is below the group's order", () => {
  const withS = (s: bigint) => concatBytes([R.toBytes(), littleEndian(s)]);
  expect(isStrictlyEncoded(A.toBytes(), withS(Fn.ORDER - 1n))).toBe(true);
  expect(isStrictlyEncoded(A.toBytes(), withS(Fn.ORDER))).toBe(false);
});

test("a public key of any other length is not strictly encoded", () => {
  const { publicKey, signature } = signed(A.toBytes(), R.toBytes());
  expect(isStrictlyEncoded(publicKey, signature)).toBe(true);
  for (const other of [publicKey.subarray(0, 31), concatBytes([publicKey, new Uint8Array(1)])]) {
    expect(isStrictlyEncoded(other, signature)).toBe(false);
  }
});

describe("all implementations refuse", () => {
  test("a second signature with S + L", async () => {
    const good = signed(A.toBytes(), R.toBytes());
    const s = numberFrom(good.signature.subarray(32));
    for (let n = 1n; s + n * Fn.ORDER < 2n ** 256n; n++) {
      const signature = concatBytes([R.toBytes(), littleEndian(s + n * Fn.ORDER)]);
      expect(await verdict({ ...good, signature })).toBe(false);
    }
  });

  test("S = 0, S = L and S = 2^256 - 1, without an error", async () => {
    for (const s of [0n, Fn.ORDER, 2n ** 256n - 1n]) {
      const signature = concatBytes([R.toBytes(), littleEndian(s)]);
      expect(await verdict({ publicKey: A.toBytes(), message, signature })).toBe(false);
    }
  });

  test("a public key of small order, for which anybody can sign", async () => {
    for (const point of smallOrder) {
      const publicKey = point.toBytes();
      const forgery = search((tried) => {
        const k = challenge(R.toBytes(), publicKey, tried);
        return point.multiplyUnsafe(k).is0();
      });
      // S = r fulfils the equation, since [k]A is the neutral element.
      const signature = concatBytes([R.toBytes(), littleEndian(r)]);
      expect(await verdict({ publicKey, message: forgery, signature })).toBe(false);
    }
  });

  test("an R of small order, though the equation holds", async () => {
    for (const point of smallOrder) {
      const encodedR = point.toBytes();
      const publicKey = A.add(TORSION).toBytes();
      // [S]B − [k]A is point where S = k·a and −[k]T is point.
      const tried = search((candidate) => {
        const k = challenge(encodedR, publicKey, candidate);
        return TORSION.multiplyUnsafe(k).negate().equals(point);
      });
      const k = challenge(encodedR, publicKey, tried);
      const signature = concatBytes([encodedR, littleEndian(Fn.create(k * a))]);
      expect(library.verify(signature, tried, publicKey)).toBe(true); // the library's lax mode
      expect(await verdict({ publicKey, message: tried, signature })).toBe(false);
    }
  });

  test("public keys and R with a y that is not below the prime", async () => {
    const good = signed(A.toBytes(), R.toBytes());
    for (let y = 0n; y < 19n; y++) {
      for (const sign of [0n, 2n ** 255n]) {
        const encoding = littleEndian(FIELD + y + sign);
        expect(await verdict({ ...good, publicKey: encoding })).toBe(false);
        // Nobody knows a secret of such a key, so only the check itself can show that it is there.
        expect(isStrictlyEncoded(encoding, good.signature)).toBe(false);
        const signature = concatBytes([encoding, good.signature.subarray(32)]);
        expect(await verdict({ ...good, signature })).toBe(false);
        expect(await verdict(signed(encoding, R.toBytes()))).toBe(false);
        expect(await verdict(signed(A.toBytes(), encoding))).toBe(false);
      }
    }
  });

  test("a key that differs from one of small order by its sign bit alone", async () => {
    for (const y of [1n, FIELD - 1n]) {
      const publicKey = littleEndian(y + 2n ** 255n); // x = 0 with the sign of an odd x
      const even = search((tried) => challenge(R.toBytes(), publicKey, tried) % 2n === 0n);
      const signature = concatBytes([R.toBytes(), littleEndian(r)]);
      expect(await verdict({ publicKey, message: even, signature })).toBe(false);
    }
  });

  test("signatures that are good with the cofactor only, by a key of mixed order", async () => {
    const publicKey = A.add(TORSION).toBytes();
    for (let rest = 1n; rest < 8n; rest++) {
      const loose = mixedOrder(publicKey, R.toBytes(), (k) => k % 8n === rest);
      expect(library.verify(loose.signature, loose.message, publicKey, { zip215: false })).toBe(true);
      expect(await verdict(loose)).toBe(false);
    }
  });

  test("signatures that are good with the cofactor only, with an R of mixed order", async () => {
    for (const torsion of smallOrder.slice(1)) {
      const loose = signed(A.toBytes(), R.add(torsion).toBytes());
      expect(library.verify(loose.signature, message, loose.publicKey, { zip215: false })).toBe(true);
      expect(await verdict(loose)).toBe(false);
    }
  });

  test("a public key or an R that is no point of the curve", async () => {
    const good = signed(A.toBytes(), R.toBytes());
    let seen = 0;
    for (let y = 2n; y < 40n; y++) {
      const encoding = littleEndian(y);
      if (isPoint(encoding)) continue;
      seen++;
      expect(await verdict({ ...good, publicKey: encoding })).toBe(false);
      expect(await verdict(signed(A.toBytes(), encoding))).toBe(false);
    }
    expect(seen).toBeGreaterThan(5);
  });

  test("a good signature under another key, or over another message", async () => {
    const good = signed(A.toBytes(), R.toBytes());
    expect(await verdict({ ...good, publicKey: A.negate().toBytes() })).toBe(false);
    expect(await verdict({ ...good, publicKey: A.double().toBytes() })).toBe(false);
    expect(await verdict({ ...good, message: new Uint8Array(0) })).toBe(false);
    expect(await verdict({ ...good, signature: new Uint8Array(64) })).toBe(false);
    expect(await verdict({ ...good, signature: new Uint8Array(64).fill(255) })).toBe(false);
  });
});

/** The verdict of all implementations, which have to agree. */
async function verdict({ publicKey, message, signature }: Triple): Promise<boolean> {
  const native = await webCryptoEd25519.verify(publicKey, message, signature);
  const portable = await nobleEd25519.verify(publicKey, message, signature);
  const chosen = await verifySignature(publicKey, message, signature);
  expect({ portable, chosen }).toEqual({ portable: native, chosen: native });
  return native;
}

/** Signs with the secret `a` and the nonce `r`, whatever is claimed for A and R. */
function signed(publicKey: Uint8Array, encodedR: Uint8Array, text: Uint8Array = message): Triple {
  const s = Fn.create(r + challenge(encodedR, publicKey, text) * a);
  return { publicKey, message: text, signature: concatBytes([encodedR, littleEndian(s)]) };
}

/** Signs a message whose challenge is as wanted. */
function mixedOrder(publicKey: Uint8Array, encodedR: Uint8Array, wanted: (k: bigint) => boolean): Triple {
  return signed(
    publicKey,
    encodedR,
    search((tried) => wanted(challenge(encodedR, publicKey, tried))),
  );
}

function search(isWanted: (message: Uint8Array) => boolean): Uint8Array {
  for (let i = 0; i < 10_000; i++) {
    const tried = new TextEncoder().encode(`message ${i}`);
    if (isWanted(tried)) return tried;
  }
  throw new Error("No message has the wanted challenge.");
}

function challenge(encodedR: Uint8Array, publicKey: Uint8Array, text: Uint8Array): bigint {
  return Fn.create(numberFrom(sha512(concatBytes([encodedR, publicKey, text]))));
}

function scalar(text: string): bigint {
  return Fn.create(numberFrom(sha512(new TextEncoder().encode(text))));
}

function isPoint(encoding: Uint8Array): boolean {
  try {
    const point: CurvePoint = Point.fromBytes(encoding);
    return !point.is0();
  } catch {
    return false;
  }
}

function numberFrom(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

function littleEndian(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse());
}
