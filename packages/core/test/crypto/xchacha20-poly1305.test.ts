// What seals private logs: put together in JavaScript, by the runtime, and by the library as a whole, byte for byte.

import * as crypto from "node:crypto";
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { chacha20, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { bytesEqual } from "../../src/bytes.ts";
import type { ChaCha20Poly1305, SealedWith } from "../../src/crypto/chacha20-poly1305.ts";
import { nativeChaCha20Poly1305 } from "../../src/crypto/chacha20-poly1305-node.ts";
import { portableChaCha20Poly1305 as portable } from "../../src/crypto/chacha20-poly1305-portable.ts";
import { lookForNativeCipher, NONCE_BYTES, XChaCha20Poly1305 } from "../../src/crypto/xchacha20-poly1305.ts";
import { hchacha20 } from "../log/hchacha20.ts";

const TAG_BYTES = 16;
const none = new Uint8Array(0);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const parameters = fc.record({ key: bytesOf(32), nonce: bytesOf(NONCE_BYTES), associated: bytesOf(32) });

/**
 * The lengths from 0 to 2,002 and some beyond, long ones among short ones: what one leaves behind must not show in the next.
 * 2,003 is a prime, so that steps of any width meet all of them.
 */
function lengthsBy(step: number): number[] {
  return [...Array.from({ length: 2003 }, (_, i) => (i * step) % 2003), 70_001, 0, 4096, 1, 4097, 4095];
}

/** A cipher, asked for XChaCha20. */
function extended(cipher: ChaCha20Poly1305) {
  const withNonce = ({ key, nonce, associated }: SealedWith): SealedWith => ({
    key: hchacha20(key, nonce.subarray(0, 16)),
    nonce: Uint8Array.of(0, 0, 0, 0, ...nonce.subarray(16)),
    associated,
  });
  return {
    seal(content: Uint8Array, padding: Uint8Array, given: SealedWith): Uint8Array {
      const sealed = new Uint8Array(content.length + padding.length + TAG_BYTES);
      cipher.seal([content, padding], withNonce(given), sealed);
      return sealed;
    },
    open: (sealed: Uint8Array, given: SealedWith): Uint8Array =>
      new Uint8Array(cipher.open(sealed, withNonce(given))),
  };
}

/** The one that is used, which takes one of the two by the length. */
const chosen: ReturnType<typeof extended> = {
  seal(content, padding, { key, nonce, associated }) {
    const sealed = new Uint8Array(content.length + padding.length + TAG_BYTES);
    new XChaCha20Poly1305(key, associated).seal(nonce, [content, padding], sealed);
    return sealed;
  },
  open: (sealed, { key, nonce, associated }) =>
    new Uint8Array(new XChaCha20Poly1305(key, associated).open(nonce, sealed)),
};

const native = nativeChaCha20Poly1305(portable)!;
beforeAll(lookForNativeCipher);

describe.each([
  ["in JavaScript", extended(portable)],
  ["by the runtime", extended(native)],
  ["by whichever is faster", chosen],
])("XChaCha20-Poly1305 %s", (_by, cipher) => {
  test("gives what the library gives, of all lengths and in all orders, and opens it", () => {
    const steps = fc.integer({ min: 1, max: 2002 });
    fc.assert(
      fc.property(steps, fc.integer(), parameters, (step, odd, given) => {
        const { key, nonce, associated } = given;
        const bytes = Uint8Array.from({ length: 70_001 }, (_, i) => Math.imul(i, odd) >>> 13);
        const wrong = lengthsBy(step).filter((length) => {
          const message = bytes.subarray(0, length);
          const end = length - (length % 37);
          const sealed = cipher.seal(message.subarray(0, end), message.subarray(end), given);
          const expected = xchacha20poly1305(key, nonce, associated).encrypt(message);
          return !bytesEqual(sealed, expected) || !bytesEqual(cipher.open(sealed, given), message);
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: runs(1, 20) },
    );
  });

  test("opens nothing that was changed, or sealed with anything else", () => {
    const changed = fc.record({
      what: fc.constantFrom("key", "nonce", "associated", "sealed"),
      at: fc.nat(),
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1500 }), parameters, changed, (message, given, { what, at }) => {
        const sealed = cipher.seal(message, none, given);
        const other = { ...given, sealed };
        const bytes = Uint8Array.from(other[what as "key"]);
        bytes[at % bytes.length]! ^= 1;
        const { sealed: theirs, ...theirParameters } = { ...other, [what]: bytes };
        expect(() => cipher.open(theirs, theirParameters)).toThrow(Error);
        expect(hex(cipher.open(sealed, given))).toBe(hex(message));
      }),
      { numRuns: 30 },
    );
  });

  test("opens nothing of which one byte of the tag is another", () => {
    const given = { key: new Uint8Array(32), nonce: new Uint8Array(24), associated: new Uint8Array(32) };
    for (const length of [0, 40, 5000]) {
      const sealed = cipher.seal(new Uint8Array(length), none, given);
      for (let at = length; at < sealed.length; at++) {
        const changed = Uint8Array.from(sealed);
        changed[at]! ^= 0x40;
        expect(() => cipher.open(changed, given)).toThrow(Error);
      }
    }
  });

  test("opens nothing that is shorter than a tag", () => {
    const given = { key: new Uint8Array(32), nonce: new Uint8Array(24), associated: new Uint8Array(32) };
    for (const length of [0, 1, 15]) expect(() => cipher.open(new Uint8Array(length), given)).toThrow(Error);
  });
});

test("two keys in turn do not get in each other's way", () => {
  const associated = new Uint8Array(32);
  const nonce = new Uint8Array(24);
  const ciphers = [1, 2].map((byte) => new XChaCha20Poly1305(new Uint8Array(32).fill(byte), associated));
  const message = new Uint8Array(100).fill(3);
  const sealed = ciphers.map((cipher) => {
    const bytes = new Uint8Array(116);
    cipher.seal(nonce, [message, none], bytes);
    return bytes;
  });
  expect(hex(sealed[0]!)).not.toBe(hex(sealed[1]!));
  for (const [i, cipher] of ciphers.entries()) expect(hex(cipher.open(nonce, sealed[i]!))).toBe(hex(message));
});

// If lengths were not looked at: the byte that is missing of it would count as a zero.
test("the last 15 bytes of a tag are none, although the first byte is zero", () => {
  const key = new Uint8Array(32);
  const associated = new Uint8Array(32);
  const nonce = new Uint8Array(12);
  const message = new Uint8Array(48);
  new DataView(message.buffer).setUint32(32, 32, true);
  new DataView(message.buffer).setInt32(40, -1, true);
  const tagOf = (number: number): Uint8Array => {
    new DataView(key.buffer).setUint32(0, number);
    return poly1305(message, chacha20(key, nonce, new Uint8Array(32)));
  };
  let number = 0;
  while (tagOf(number)[0] !== 0) number++;
  expect(() => portable.open(tagOf(number).subarray(1), { key, nonce, associated })).toThrow(Error);
});

test("what is opened is in memory of about its length", () => {
  const key = new Uint8Array(32);
  const given = { key, nonce: new Uint8Array(12), associated: key };
  for (const length of [10, 5000, 100_000]) {
    const sealed = new Uint8Array(length + TAG_BYTES);
    portable.seal([new Uint8Array(length), none], given, sealed);
    expect(portable.open(sealed, given).buffer.byteLength).toBeLessThan(length + 4500);
  }
});

test("the key of a tag is not left in the memory of what was opened", () => {
  const key = new Uint8Array(32).fill(1);
  const given = { key, nonce: new Uint8Array(12), associated: key };
  const sealed = new Uint8Array(100 + TAG_BYTES);
  portable.seal([new Uint8Array(100), none], given, sealed);
  const left = new Uint8Array(portable.open(sealed, given).buffer);
  expect(hex(left)).not.toContain(hex(chacha20(key, given.nonce, new Uint8Array(32))));
});

describe("the cipher of a runtime", () => {
  const key = new Uint8Array(32).fill(1);
  const message = new Uint8Array(5000).fill(2);

  beforeEach(() => {
    vi.resetModules();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  let calls = 0;

  /** The module on a runtime that has these functions. Their calls are counted. */
  async function moduleWith(has: object | undefined) {
    const counted = Object.entries(has ?? {}).map(([name, made]) => [
      name,
      (...given: unknown[]): unknown => {
        calls++;
        return made(...given);
      },
    ]);
    const found = has && { hash: crypto.hash, ...Object.fromEntries(counted) };
    vi.stubGlobal("process", {
      ...process,
      getBuiltinModule: (name: string) => (name === "node:crypto" ? found : undefined),
    });
    return import("../../src/crypto/xchacha20-poly1305.ts");
  }

  /** How often the runtime's functions are called for a message that is sealed and opened, which must come out right. */
  async function callsOf(has: object, length = message.length): Promise<number> {
    const fresh = await moduleWith(has);
    await fresh.lookForNativeCipher();
    calls = 0;
    const cipher = new fresh.XChaCha20Poly1305(key, key);
    const nonce = new Uint8Array(24);
    const part = message.subarray(0, length);
    const made = new Uint8Array(length + TAG_BYTES);
    cipher.seal(nonce, [part, none], made);
    expect(hex(made)).toBe(hex(xchacha20poly1305(key, nonce, key).encrypt(part)));
    expect(hex(cipher.open(nonce, made))).toBe(hex(part));
    return calls;
  }

  const { createSecretKey, createCipheriv, createDecipheriv } = crypto;
  const all = { createSecretKey, createCipheriv, createDecipheriv };

  test("is used for what is long, if it is right", async () => {
    expect(await callsOf(all)).toBe(4);
  });

  test("is not used for what is short: to make one would take longer", async () => {
    expect(await callsOf(all, 100)).toBe(0);
  });

  test("is looked for and compared once", async () => {
    const { lookForNativeCipher } = await moduleWith(all);
    await lookForNativeCipher();
    expect(calls).toBeGreaterThan(0);
    calls = 0;
    await lookForNativeCipher();
    expect(calls).toBe(0);
  });

  test("is not even loaded on a runtime that has none, as a browser", async () => {
    const loaded = vi.fn<() => object>(() => ({ nativeChaCha20Poly1305: () => undefined }));
    vi.doMock("../../src/crypto/chacha20-poly1305-node.ts", loaded);
    const { lookForNativeCipher } = await moduleWith(undefined);
    await lookForNativeCipher();
    vi.doUnmock("../../src/crypto/chacha20-poly1305-node.ts");
    expect(loaded).not.toHaveBeenCalled();
    expect(nativeChaCha20Poly1305(portable)).toBeUndefined();
  });

  const refuses = (): never => {
    throw new Error("Unknown cipher");
  };
  const withoutTag = (...given: Parameters<typeof createDecipheriv>) =>
    Object.assign(createDecipheriv(...given), { final: () => Buffer.alloc(0) });
  const otherCipher = (_name: string, key: crypto.CipherKey, nonce: crypto.BinaryLike) =>
    createCipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });

  const otherDecipher = (_name: string, key: crypto.CipherKey, nonce: crypto.BinaryLike) =>
    createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
  const opensZeros = (...given: Parameters<typeof createDecipheriv>) => {
    const decipher = createDecipheriv(...given);
    const update = decipher.update.bind(decipher);
    return Object.assign(decipher, { update: (bytes: Uint8Array) => update(bytes).fill(0) });
  };

  test.each([
    ["is missing", {}],
    ["is there in part", { createCipheriv, createDecipheriv }],
    ["does not know this cipher, as that of Bun", { ...all, createCipheriv: refuses }],
    ["opens what has another tag", { ...all, createDecipheriv: withoutTag }],
    ["gives something else", { ...all, createCipheriv: otherCipher }],
    ["is another one", { ...all, createCipheriv: otherCipher, createDecipheriv: otherDecipher }],
    ["opens something else", { ...all, createDecipheriv: opensZeros }],
  ])("is not used if it %s", async (_what, has) => {
    expect(await callsOf(has)).toBe(0);
  });
});
