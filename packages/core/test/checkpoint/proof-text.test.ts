import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatConsistencyProof,
  formatInclusionProof,
  type InclusionProof,
  parseConsistencyProof,
  parseInclusionProof,
} from "../../src/checkpoint/index.ts";
import { readVectors } from "../crypto/vectors.ts";

const { checkpoints } = readVectors<{ checkpoints: { note: string }[] }>("checkpoint.json");
const checkpointNote = checkpoints[2]!.note;

const malformed = expect.objectContaining({ code: "ERR_MALFORMED" });
const invalidInput = expect.objectContaining({ code: "ERR_INVALID_INPUT" });

const hashA = new Uint8Array(32).fill(1);
const hashB = new Uint8Array(32).fill(2);
const lineA = Buffer.from(hashA).toString("base64");
const lineB = Buffer.from(hashB).toString("base64");
const hashes = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 64 });

describe("an inclusion proof", () => {
  const text = `c2sp.org/tlog-proof@v1\nextra AQID\nindex 73894\n${lineA}\n${lineB}\n\n${checkpointNote}`;
  const proof: InclusionProof = {
    index: 73894,
    path: [hashA, hashB],
    checkpointNote,
    extra: Uint8Array.of(1, 2, 3),
  };

  test("has the form of C2SP tlog-proof", () => {
    expect(formatInclusionProof(proof)).toBe(text);
    expect(parseInclusionProof(text)).toEqual(proof);
    expect(parseInclusionProof(new TextEncoder().encode(text))).toEqual(proof);
  });

  test("may go without extra data and without hashes", () => {
    const least = { index: 0, path: [], checkpointNote };
    expect(formatInclusionProof(least)).toBe(`c2sp.org/tlog-proof@v1\nindex 0\n\n${checkpointNote}`);
    expect(parseInclusionProof(formatInclusionProof(least))).toEqual(least);
  });

  test("is read back as it was written", () => {
    const extras = fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 }), { nil: undefined });
    fc.assert(
      fc.property(fc.nat({ max: 999_999 }), hashes, extras, (index, path, extra) => {
        const any = { index, path, checkpointNote, ...(extra === undefined ? {} : { extra }) };
        expect(parseInclusionProof(formatInclusionProof(any))).toEqual(any);
      }),
    );
  });

  test.each([
    ["is empty", ""],
    ["has another first line", text.replace("@v1", "@v2")],
    ["has carriage returns", text.replaceAll("\n", "\r\n")],
    ["has no index", text.replace("index 73894\n", "")],
    ["has neither index nor hashes", `c2sp.org/tlog-proof@v1\n\n${checkpointNote}`],
    ["has its index under another word", text.replace("index ", "place ")],
    ["has an index with a leading zero", text.replace("73894", "073894")],
    ["has an index of 2^53", text.replace("73894", "9007199254740992")],
    ["has an index that its checkpoint does not cover", text.replace("73894", "1000000")],
    ["has two spaces before its index", text.replace("index ", "index  ")],
    ["has its extra data after its index", text.replace(/(extra .*\n)(index .*\n)/, "$2$1")],
    ["has two lines of extra data", text.replace("extra AQID\n", "extra AQID\nextra AQID\n")],
    ["has empty extra data", text.replace("AQID", "")],
    ["has extra data with stray bits", text.replace("AQID", "AQJ=")],
    ["has a short hash", text.replace(lineA, lineA.slice(4))],
    ["has a hash with stray bits", text.replace(lineA, lineA.replace("E=", "F="))],
    ["has 65 hashes", text.replace(lineB, Array(64).fill(lineB).join("\n"))],
    ["has no checkpoint", text.slice(0, -checkpointNote.length)],
    ["has a checkpoint that is cut short", text.slice(0, -1)],
    ["has no blank line", text.replace("\n\n", "\n")],
    ["has two blank lines after its hashes", text.replace("\n\n", "\n\n\n\n")],
    ["is too long", text.replace("AQID", "AQID".repeat(40_000))],
  ])("that %s is refused with ERR_MALFORMED", (_, source) => {
    expect(source).not.toBe(text);
    expect(() => parseInclusionProof(source)).toThrow(malformed);
  });

  test("that is not one is not written", () => {
    const bad: Partial<InclusionProof>[] = [
      { index: -1 },
      { index: 1_000_000 },
      { index: 2 ** 53 },
      { index: 0.5 },
      { path: [hashA.subarray(1)] },
      { path: Array(65).fill(hashA) },
      { checkpointNote: "a text\n" },
      { extra: new Uint8Array(0) },
      { extra: new Uint8Array(200_000) },
    ];
    for (const part of bad) expect(() => formatInclusionProof({ ...proof, ...part })).toThrow(invalidInput);
  });
});

describe("a consistency proof", () => {
  const text = `remote-log/consistency@v1\n3 8\n${lineA}\n${lineB}\n`;
  const proof = { first: 3, second: 8, path: [hashA, hashB] };

  test("has its two sizes and a line for each hash", () => {
    expect(formatConsistencyProof(proof)).toBe(text);
    expect(parseConsistencyProof(text)).toEqual(proof);
    expect(parseConsistencyProof(new TextEncoder().encode(text))).toEqual(proof);
  });

  test("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), hashes, (a, b, path) => {
        const any = { first: Math.min(a, b), second: Math.max(a, b), path };
        expect(parseConsistencyProof(formatConsistencyProof(any))).toEqual(any);
      }),
    );
  });

  test.each([
    ["is empty", ""],
    ["has another first line", text.replace("@v1", "@v2")],
    ["ends after its first line", "remote-log/consistency@v1\n"],
    ["has no sizes", text.replace("3 8\n", "")],
    ["has one size", text.replace("3 8", "3")],
    ["has three sizes", text.replace("3 8", "3 8 9")],
    ["has two spaces between its sizes", text.replace("3 8", "3  8")],
    ["has a space after its sizes", text.replace("3 8", "3 8 ")],
    ["has the larger size first", text.replace("3 8", "8 3")],
    ["has a size with a leading zero", text.replace("3 8", "03 8")],
    ["has a size over 2^53 - 1", text.replace("3 8", "3 9007199254740992")],
    ["lacks its last newline", text.slice(0, -1)],
    ["has an empty line", `${text}\n`],
    ["has a short hash", text.replace(lineA, lineA.slice(4))],
    ["has 65 hashes", text.replace(lineB, Array(64).fill(lineB).join("\n"))],
    ["is not UTF-8", `${text}\ud800`],
  ])("that %s is refused with ERR_MALFORMED", (_, source) => {
    expect(() => parseConsistencyProof(source)).toThrow(malformed);
  });

  test("may have 64 hashes", () => {
    const longest = { ...proof, path: Array<Uint8Array>(64).fill(hashA) };
    expect(parseConsistencyProof(formatConsistencyProof(longest))).toEqual(longest);
  });

  test("that is not one is not written", () => {
    const bad = [
      { first: -1 },
      { first: 9 },
      { second: 8.5 },
      { second: 2 ** 53 },
      { path: [hashA.subarray(1)] },
    ];
    for (const part of bad) expect(() => formatConsistencyProof({ ...proof, ...part })).toThrow(invalidInput);
  });
});
