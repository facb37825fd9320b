import { expect, test } from "vitest";
import { checkExpected, isAddress, limitOf, signalOf } from "../../src/adapter/check-arguments.ts";
import { addressOf, rawSha256 } from "../../src/index.ts";

const context = { operation: "fake.get", action: "reading" };
const address = await addressOf(new Uint8Array(3), rawSha256);
const parts = {
  bytes: address.bytes,
  codec: address.codec,
  hash: address.hash,
  digest: address.digest,
  toString: () => `${address}`,
};

test("an address is what has all parts of one, of whatever class", () => {
  expect([isAddress(address), isAddress(parts)]).toEqual([true, true]);
});

test.each(["bytes", "codec", "hash", "digest"] as const)("what has a wrong %s is no address", (part) => {
  expect(isAddress({ ...parts, [part]: "12" })).toBe(false);
});

test("what has no text of its own is no address", () => {
  const { toString: _, ...silent } = parts;
  expect(isAddress(silent)).toBe(false);
  expect(isAddress({ ...parts, toString: "a text" })).toBe(false);
});

test("a limit is whole, and at most what the adapter takes", () => {
  const limits = [undefined, 0, 0.5, 7.9, 100, 101, Number.POSITIVE_INFINITY];
  expect(limits.map((given) => limitOf(given, 100, context))).toEqual([100, 0, 0, 7, 100, 100, 100]);
  for (const given of [-1, Number.NaN, "7", null]) {
    expect(() => limitOf(given, 100, context)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "fake.get" }),
    );
  }
});

test("a signal is what can be asked and listened to, of whatever class", () => {
  const own = { aborted: false, addEventListener: () => undefined } as unknown as AbortSignal;
  expect(signalOf({ signal: own }, context)).toBe(own);
  expect(signalOf({}, context)).toBeUndefined();
  expect(signalOf({ signal: null as unknown as undefined }, context)).toBeUndefined();
  for (const part of [{ aborted: false }, { addEventListener: () => undefined }]) {
    expect(() => signalOf({ signal: part as unknown as AbortSignal }, context)).toThrow("an AbortSignal");
  }
});

test("a revision that is expected is a text, or null for none", () => {
  for (const given of ["7", null]) expect(() => checkExpected(given, context)).not.toThrow();
  for (const given of [7, undefined]) expect(() => checkExpected(given, context)).toThrow("`expected`");
});
