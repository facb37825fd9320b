import { createHash, hash } from "node:crypto";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bytesOfDigest, sha256, sha256Text } from "../../src/crypto/sha256.ts";

test("the chosen SHA-256, the portable one and the system's give the same digest", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
      const expected = new Uint8Array(createHash("sha256").update(content).digest());
      expect(sha256(content)).toEqual(expected);
      expect(bytesOfDigest(sha256Text(content))).toEqual(expected);
      expect(nobleSha256(content)).toEqual(expected);
    }),
  );
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
    const text = fresh.sha256Text(content);
    expect([...text].map((one) => one.charCodeAt(0))).toEqual([...expected]);
    // Both are hashed in the same way.
    expect(calls.length).toBe(2 * byBytes);
    return byBytes;
  }

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
