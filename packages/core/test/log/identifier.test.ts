import { expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { identify, identifyOpened } from "../../src/log/identifier.ts";

const hash = sha256(Uint8Array.of(255));

test("what is no message has no identifier: a mistake of the caller, or of the writer who signed it", () => {
  expect(() => identify("mvds", Uint8Array.of(255), hash)).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED" }),
  );
  expect(() => identifyOpened("mvds", 3, Uint8Array.of(255), hash)).toThrow(
    expect.objectContaining({ code: "ERR_INTEGRITY", message: expect.stringContaining("entry 3") }),
  );
  expect(identifyOpened("sha256", 3, Uint8Array.of(255), hash)).toBe(hash);
});

test("a fault of the program is taken for neither", () => {
  expect(() => identifyOpened("mvds", 3, undefined as never, hash)).toThrow(TypeError);
});
