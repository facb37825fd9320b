import { createHash, hash } from "node:crypto";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bytesOfDigest, putDigest, sha256, sha256Digest } from "../../src/crypto/sha256.ts";

test("the chosen SHA-256, the portable one and the system's give the same digest", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
      const expected = new Uint8Array(createHash("sha256").update(content).digest());
      expect(sha256(content)).toEqual(expected);
      expect(bytesOfDigest(sha256Digest(content))).toEqual(expected);
      expect(nobleSha256(content)).toEqual(expected);
    }),
  );
});

test("a digest is put into other bytes at its place, whatever its form, and nothing beside it changes", () => {
  const bytes = sha256(new Uint8Array([1]));
  for (const digest of [bytes, String.fromCharCode(...bytes)]) {
    const into = new Uint8Array(40).fill(7);
    putDigest(digest, into, 3);
    expect(into).toEqual(Uint8Array.of(7, 7, 7, ...bytes, 7, 7, 7, 7, 7));
    const own = bytesOfDigest(digest);
    expect([own, own === bytes]).toEqual([bytes, false]);
  }
});

test("a digest is a plain Uint8Array with memory of its own", () => {
  const one = sha256(new Uint8Array([1]));
  expect(Object.getPrototypeOf(one)).toBe(Uint8Array.prototype);
  sha256(new Uint8Array([2]));
  expect(one).toEqual(sha256(new Uint8Array([1])));
});

describe("SHA-256 of a runtime", () => {
  const content = new Uint8Array([1, 2, 3]);
  const expected = new Uint8Array(createHash("sha256").update(content).digest());

  beforeEach(() => {
    vi.resetModules();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** How often the function that the runtime has under `crypto.hash` is called for a digest, which must be right. */
  async function callsOf(native: ((...args: never[]) => unknown) | undefined): Promise<number> {
    const counted = vi.fn<(...args: never[]) => unknown>(native);
    const getBuiltinModule = (name: string) =>
      name === "node:crypto" ? { hash: native && counted } : undefined;
    vi.stubGlobal("process", { ...process, getBuiltinModule });
    const fresh = await import("../../src/crypto/sha256.ts");
    counted.mockClear();
    expect(fresh.sha256(content)).toEqual(expected);
    const { calls } = counted.mock;
    const byBytes = calls.length;
    const digest = fresh.sha256Digest(content);
    expect(fresh.bytesOfDigest(digest)).toEqual(expected);
    // Both are hashed in the same way, and nothing is made into another form.
    expect([calls.length, typeof digest]).toEqual([2 * byBytes, byBytes === 1 ? "string" : "object"]);
    return byBytes;
  }

  test("in JavaScript gives the digests of the system, of any length, wherever the bytes begin", async () => {
    vi.stubGlobal("process", { ...process, getBuiltinModule: () => undefined });
    const fresh = await import("../../src/crypto/sha256.ts");
    const around = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 31) % 251);
    for (const length of [...Array.from({ length: 200 }, (_, at) => at), 4096, 65_537]) {
      for (const offset of [0, 1, 2, 3]) {
        const bytes = around.subarray(offset, offset + length);
        const system = createHash("sha256").update(bytes).digest("hex");
        expect(Buffer.from(fresh.sha256(bytes)).toString("hex"), `${length} from ${offset}`).toBe(system);
      }
    }
    const copy = around.slice();
    fresh.sha256(around.subarray(1));
    expect(Buffer.compare(around, copy)).toBe(0);
  });

  test("is used if it is right", async () => {
    expect(
      await callsOf((algorithm: string, data: Uint8Array, encoding: "buffer") =>
        hash(algorithm, data, encoding),
      ),
    ).toBe(1);
  });

  test.each([
    ["is missing", undefined],
    ["gives another digest", () => "\0".repeat(32)],
    ["gives something else", () => new Uint8Array(32)],
    [
      "throws",
      () => {
        throw new Error("no such algorithm");
      },
    ],
  ])("is not used if it %s", async (_, native) => {
    expect(await callsOf(native)).toBe(0);
  });
});
