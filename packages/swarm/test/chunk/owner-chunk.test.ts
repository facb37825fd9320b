import { secp256k1 } from "@noble/curves/secp256k1.js";
import { numberToBytesBE } from "@noble/curves/utils.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { runs } from "@remote-log/test-kit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { contentChunk, payloadOf } from "../../src/chunk/content-chunk.ts";
import { ethereumAddress, recoverSigner, signHash } from "../../src/chunk/ethereum.ts";
import {
  type OwnerChunk,
  ownerChunk,
  ownerChunkAddress,
  readOwnerChunk,
} from "../../src/chunk/owner-chunk.ts";
import { beeJsAccepts, beeJsOwnerChunk, hex } from "./chunks-of-bee-js.ts";
import { turned } from "./copies-of-signatures.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const keys = bytes32.filter((key) => secp256k1.utils.isValidSecretKey(key));
const payloads = fc
  .oneof(fc.integer({ min: 1, max: 4096 }), fc.constantFrom(1, 32, 40, 41, 72, 73, 4096))
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
const indexes = fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 64n - 1n));

/** The id of an update: what a sequence feed has at an index. */
function updateId(topic: Uint8Array, index: bigint): Uint8Array {
  return keccak_256(concatBytes(topic, numberToBytesBE(index, 8)));
}

/** An update for tests that change it. */
function anUpdate(payload: Uint8Array = new TextEncoder().encode("a head")): OwnerChunk {
  return ownerChunk({
    key: new Uint8Array(32).fill(7),
    id: new Uint8Array(32).fill(9),
    chunk: contentChunk(payload),
  });
}

/** The same single-owner chunk with other bytes in it. */
function changed(update: OwnerChunk, change: (data: Uint8Array) => void): Uint8Array {
  const data = Uint8Array.from(update.data);
  change(data);
  return data;
}

/** What reading gives: the update, or the code of the refusal. */
function read(data: Uint8Array, place: OwnerChunk): OwnerChunk | string {
  try {
    return readOwnerChunk(data, { id: place.id, owner: place.owner });
  } catch (error) {
    return (error as { code?: string }).code ?? `not of this project: ${error}`;
  }
}

test("random feed updates are those of bee-js, byte for byte", () => {
  fc.assert(
    fc.property(keys, bytes32, indexes, payloads, (key, topic, index, payload) => {
      const id = updateId(topic, index);
      const ours = ownerChunk({ key, id, chunk: contentChunk(payload) });
      const theirs = beeJsOwnerChunk(key, id, payload);
      expect(hex(ours.address)).toBe(theirs.address);
      expect(hex(ours.owner)).toBe(theirs.owner);
      expect(hex(ours.signature)).toBe(theirs.signature);
      expect(hex(ours.data)).toBe(theirs.data);
    }),
    { numRuns: runs(10, 200) },
  );
});

test("a signature is a proper one: the public key proves it, and the signer is found from it", () => {
  fc.assert(
    fc.property(keys, bytes32, (key, hash) => {
      const signature = signHash(key, hash);
      const prefix = new TextEncoder().encode("\x19Ethereum Signed Message:\n32");
      const message = keccak_256(concatBytes(prefix, hash));
      const publicKey = secp256k1.getPublicKey(key);
      const options = { prehash: false, lowS: true };
      expect(secp256k1.verify(signature.subarray(0, 64), message, publicKey, options)).toBe(true);
      expect(signHash(key, hash)).toEqual(signature);
      expect(recoverSigner(signature, hash)).toEqual(ethereumAddress(key));
    }),
    { numRuns: runs(10, 100) },
  );
});

test("the Ethereum address of a key is the one that the rest of the world knows", () => {
  // The first account of the mnemonic "test test test test test test test test test test test junk".
  const key = Buffer.from("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", "hex");
  expect(hex(ethereumAddress(key))).toBe("f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
});

test("what was made is read, with all its parts", () => {
  fc.assert(
    fc.property(keys, bytes32, payloads, (key, id, payload) => {
      const made = ownerChunk({ key, id, chunk: contentChunk(payload) });
      const update = readOwnerChunk(made.data, { id, owner: ethereumAddress(key) });
      expect(update).toEqual(made);
      expect(payloadOf(update.wrapped.data, payload.length)).toEqual(payload);
    }),
    { numRuns: runs(10, 30) },
  );
});

test("whichever bit of an update is flipped, it is refused, but for the one that says how a key is compressed", () => {
  const update = anUpdate();
  const accepted: number[] = [];
  for (let bit = 0; bit < update.data.length * 8; bit++) {
    const outcome = read(
      changed(update, (data) => {
        data[bit >> 3]! ^= 1 << (bit & 7);
      }),
      update,
    );
    if (typeof outcome === "string") expect(outcome, `bit ${bit}`).toBe("ERR_INTEGRITY");
    else accepted.push(bit);
  }
  // v is 27 or 28; Bee takes 31 and 32 as well.
  const ofV = accepted.map((bit) => update.data[96]! ^ (1 << (bit & 7)));
  expect(accepted.every((bit) => bit >> 3 === 96)).toBe(true);
  expect(ofV.every((v) => v === update.data[96]! + 4)).toBe(true);
});

test("an update that was asked for at another index, or of another owner, is refused", () => {
  const update = anUpdate();
  const other = ownerChunk({ key: new Uint8Array(32).fill(8), id: update.id, chunk: update.wrapped });
  expect(read(other.data, update)).toBe("ERR_INTEGRITY");
  const elsewhere = { ...update, id: new Uint8Array(32).fill(10) };
  expect(read(update.data, elsewhere)).toBe("ERR_INTEGRITY");
  // Under the id that was asked for, with the signature of another one.
  expect(
    read(
      changed(update, (data) => data.set(elsewhere.id)),
      elsewhere,
    ),
  ).toBe("ERR_INTEGRITY");
});

test("another chunk under a good signature is refused", () => {
  const update = anUpdate();
  const swapped = concatBytes(
    update.data.subarray(0, 97),
    contentChunk(new TextEncoder().encode("evil")).data,
  );
  expect(read(swapped, update)).toBe("ERR_INTEGRITY");
});

test("garbage of any length is refused, and never with an error of a library", () => {
  const update = anUpdate();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (garbage, underItsId) => {
      const data = underItsId ? concatBytes(update.id, garbage) : garbage;
      expect(read(data, update)).toBe("ERR_INTEGRITY");
    }),
    { numRuns: runs(75, 300) },
  );
  for (const length of [0, 96, 97, 104, 4202, 5000]) {
    const error = fails(() =>
      readOwnerChunk(concatBytes(update.id, new Uint8Array(length)).subarray(0, length), update),
    );
    expect(error, `${length} bytes`).toMatchObject({ code: "ERR_INTEGRITY" });
    expect(error.message).toContain(
      `The ${length} bytes that came for single-owner chunk ${hex(update.address)}`,
    );
    expect(error.message).toContain("such a chunk has 105 to 4201");
  }
});

test("an update that is cut short anywhere, or is longer than a chunk can be, is refused", () => {
  const update = anUpdate();
  for (let length = 0; length < update.data.length; length++) {
    expect(read(update.data.subarray(0, length), update), `${length} bytes`).toBe("ERR_INTEGRITY");
  }
  const full = anUpdate(new Uint8Array(4096).fill(1));
  expect(read(full.data, full)).toMatchObject({ address: full.address });
  expect(read(concatBytes(full.data, Uint8Array.of(0)), full)).toBe("ERR_INTEGRITY");
});

test("numbers that no signature has are refused: zero, the order of the curve and more, no point, other bytes of recovery", () => {
  const update = anUpdate();
  const order = numberToBytesBE(secp256k1.Point.Fn.ORDER, 32);
  const none = [new Uint8Array(32), order, new Uint8Array(32).fill(0xff)];
  for (const value of none) {
    for (const at of [32, 64]) {
      expect(
        read(
          changed(update, (data) => data.set(value, at)),
          update,
        ),
      ).toBe("ERR_INTEGRITY");
    }
  }
  // No point of the curve has the x coordinate 5.
  expect(
    read(
      changed(update, (data) => data.set(numberToBytesBE(5n, 32), 32)),
      update,
    ),
  ).toBe("ERR_INTEGRITY");
  const good = [update.data[96]!, update.data[96]! + 4];
  for (let v = 0; v < 256; v++) {
    const outcome = read(
      changed(update, (data) => {
        data[96] = v;
      }),
      update,
    );
    expect(typeof outcome === "string", `v = ${v}`).toBe(!good.includes(v));
  }
});

test("copies of an update that anybody can make of it are the same update", () => {
  fc.assert(
    fc.property(keys, bytes32, payloads, fc.integer({ min: 1, max: 100 }), (key, id, payload, zeros) => {
      const chunk = contentChunk(payload);
      const update = ownerChunk({ key, id, chunk });
      const padded = concatBytes(update.data, new Uint8Array(Math.min(zeros, 4096 - payload.length)));
      const signed = changed(update, (data) => data.set(turned(update.signature), 32));
      for (const copy of [padded, signed]) {
        const same = readOwnerChunk(copy, update);
        expect(same.wrapped.address).toEqual(chunk.address);
        expect(payloadOf(same.wrapped.data, payload.length)).toEqual(payload);
      }
      expect(beeJsAccepts(padded, update.address)).toBe(true);
    }),
    { numRuns: 10 },
  );
});

test("a key that is none is refused, and not shown", () => {
  const order = numberToBytesBE(secp256k1.Point.Fn.ORDER, 32);
  for (const key of [
    new Uint8Array(32),
    order,
    new Uint8Array(31).fill(0xab),
    new Uint8Array(33).fill(0xab),
  ]) {
    const error = fails(() => ethereumAddress(key));
    expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
    expect(error.message).not.toContain(hex(key).slice(0, 16));
    expect(fails(() => signHash(key, new Uint8Array(32)))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
});

test("an id or an owner of another length has no address", () => {
  for (const [id, owner] of [
    [31, 20],
    [33, 20],
    [32, 19],
    [32, 32],
  ] as const) {
    const error = fails(() => ownerChunkAddress(new Uint8Array(id), new Uint8Array(owner)));
    expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
});

function fails(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("It did not fail.");
}
