import { runs, sample } from "@remote-log/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Checkpoint,
  checkpointOrigin,
  formatCheckpoint,
  parseCheckpoint,
  parseSignedNote,
  signCheckpoint,
  signNote,
  verifierKeyText,
  verifyCheckpoint,
} from "../../src/checkpoint/index.ts";
import { deriveKeys, signingKeyFromSeed } from "../../src/crypto/index.ts";
import { bytesFromHex, hexFrom, readVectors } from "../crypto/vectors.ts";

interface CheckpointVectors {
  readonly seed: string;
  readonly signingPublic: string;
  readonly logId: string;
  readonly origin: string;
  readonly verifierKey: string;
  readonly checkpoints: readonly { readonly size: number; readonly root: string; readonly note: string }[];
}

const vectors = readVectors<CheckpointVectors>("checkpoint.json");
const key = await signingKeyFromSeed(deriveKeys(bytesFromHex(vectors.seed)).signing);
const { origin } = vectors;
const trusted = { origin, publicKey: key.publicKey };
const root = new Uint8Array(32).map((_, i) => i * 7);
const checkpoint: Checkpoint = { origin, size: 1234, root };
const text = formatCheckpoint(checkpoint);

const malformed = expect.objectContaining({ code: "ERR_MALFORMED" });
const integrity = expect.objectContaining({ code: "ERR_INTEGRITY" });
const invalidInput = expect.objectContaining({ code: "ERR_INVALID_INPUT" });

describe("the known checkpoints", () => {
  test("have the origin, key and verifier key that follow from log id and seed", () => {
    expect(checkpointOrigin(vectors.logId)).toBe(origin);
    expect(hexFrom(key.publicKey)).toBe(vectors.signingPublic);
    expect(verifierKeyText(origin, key.publicKey)).toBe(vectors.verifierKey);
  });

  test.each(vectors.checkpoints)("of size $size is signed to the byte, and verified", async (vector) => {
    const known = { origin, size: vector.size, root: bytesFromHex(vector.root) };
    expect(await signCheckpoint(known, key)).toBe(vector.note);
    expect(await verifyCheckpoint(vector.note, trusted)).toEqual(known);
    expect(await verifyCheckpoint(new TextEncoder().encode(vector.note), trusted)).toEqual(known);
  });
});

test("the example of C2SP tlog-checkpoint is read", () => {
  const example = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const read = parseCheckpoint(example);
  expect(read).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20852163 });
  expect(hexFrom(read.root)).toBe("0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
  expect(formatCheckpoint(read)).toBe(example);
});

test("any checkpoint is read back as it was written", () => {
  const anyCheckpoint = fc.record({
    origin: fc.constantFrom(origin, "example.org/log", "é"),
    size: fc.maxSafeNat(),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  });
  fc.assert(
    fc.property(anyCheckpoint, (written) => {
      expect(parseCheckpoint(formatCheckpoint(written))).toEqual(written);
    }),
  );
});

test("a checkpoint with signatures of witnesses is verified", async () => {
  const note = await signCheckpoint(checkpoint, key);
  const cosigned = `${note}— witness.example/w1 ${Buffer.alloc(76, 9).toString("base64")}\n`;
  expect(await verifyCheckpoint(cosigned, trusted)).toEqual(checkpoint);
});

describe("refused with ERR_MALFORMED is a checkpoint", () => {
  const encodedRoot = Buffer.from(root).toString("base64");

  test.each([
    ["that is empty", ""],
    ["of one line", `${origin}\n`],
    ["of two lines", `${origin}\n1234\n`],
    ["without its last newline", text.slice(0, -1)],
    ["with an extension line", `${text}an extension\n`],
    ["with an extension line without its newline", `${text}an extension`],
    ["with an empty extension line", `${text}\n`],
    ["with an empty first line", `\n${text}`],
    ["with an empty origin", `\n1234\n${encodedRoot}\n`],
    ["with a space in its origin", `a b\n1234\n${encodedRoot}\n`],
    ["with a plus in its origin", `a+b\n1234\n${encodedRoot}\n`],
    ["with an empty size", text.replace("1234", "")],
    ["with a leading zero", text.replace("1234", "01234")],
    ["with the size 00", text.replace("1234", "00")],
    ["with a sign", text.replace("1234", "+1234")],
    ["with a negative size", text.replace("1234", "-1")],
    ["with an exponent", text.replace("1234", "1e3")],
    ["with a hexadecimal size", text.replace("1234", "0x10")],
    ["with a fraction", text.replace("1234", "1.0")],
    ["with a space before its size", text.replace("1234", " 1234")],
    ["with a space after its size", text.replace("1234", "1234 ")],
    ["with digits that are not ASCII", text.replace("1234", "１２")],
    ["with the size 2^53", text.replace("1234", "9007199254740992")],
    ["with the size 2^64", text.replace("1234", "18446744073709551616")],
    ["with an empty root", text.replace(encodedRoot, "")],
    ["with a root of 31 bytes", text.replace(encodedRoot, Buffer.alloc(31).toString("base64"))],
    ["with a root of 33 bytes", text.replace(encodedRoot, Buffer.alloc(33).toString("base64"))],
    ["with a root in hex", text.replace(encodedRoot, hexFrom(root))],
    ["with a root in base64url", text.replace(encodedRoot, `${"_".repeat(42)}8=`)],
    ["with a root without padding", text.replace("=", "")],
    ["with stray bits at its root's end", text.replace(encodedRoot, `${"A".repeat(42)}B=`)],
    ["with a space after its root", text.replace("=", "= ")],
  ])("%s, also where it is signed", async (_, source) => {
    expect(() => parseCheckpoint(source)).toThrow(malformed);
    if (!source.endsWith("\n")) return; // not the text of a note
    await expect(verifyCheckpoint(await signNote(source, origin, key), trusted)).rejects.toEqual(malformed);
  });

  test("without signature lines", async () => {
    await expect(verifyCheckpoint(text, trusted)).rejects.toEqual(malformed);
    await expect(verifyCheckpoint(`${text}\n`, trusted)).rejects.toEqual(malformed);
  });
});

describe("refused with ERR_INTEGRITY is a checkpoint", () => {
  const otherOrigin = checkpointOrigin("ab".repeat(32));

  test("of another log, by the same key", async () => {
    const note = await signCheckpoint({ ...checkpoint, origin: otherOrigin }, key);
    await expect(verifyCheckpoint(note, trusted)).rejects.toEqual(integrity);
  });

  test("of another log that the key signed under this log's name", async () => {
    const note = await signNote(formatCheckpoint({ ...checkpoint, origin: otherOrigin }), origin, key);
    await expect(verifyCheckpoint(note, trusted)).rejects.toEqual(integrity);
  });

  test("that the key signed under another name", async () => {
    const note = await signNote(text, otherOrigin, key);
    await expect(verifyCheckpoint(note, trusted)).rejects.toEqual(integrity);
  });

  test("signed by another key", async () => {
    const other = await signingKeyFromSeed(new Uint8Array(32).fill(3));
    const note = await signCheckpoint(checkpoint, other);
    await expect(verifyCheckpoint(note, trusted)).rejects.toEqual(integrity);
  });

  test("that bears the signature of another size", async () => {
    const note = await signCheckpoint(checkpoint, key);
    await expect(verifyCheckpoint(note.replace("\n1234\n", "\n1235\n"), trusted)).rejects.toEqual(integrity);
  });
});

test("every change of one byte is refused, or is in a line that somebody else signed", async () => {
  const note = await signCheckpoint(checkpoint, key);
  const bytes = new TextEncoder().encode(`${note}— w AAAAAAA=\n`);
  const ownEnd = new TextEncoder().encode(note).length;
  let accepted = 0;
  async function tryChange(at: number, change: number): Promise<void> {
    const changed = bytes.map((byte, i) => (i === at ? byte ^ change : byte));
    const result = await verifyCheckpoint(changed, trusted).catch((error: unknown) => error);
    if (malformed.asymmetricMatch(result) || integrity.asymmetricMatch(result)) return;
    expect(result, `byte ${at} changed to ${changed[at]}`).toEqual(checkpoint);
    expect(at).toBeGreaterThanOrEqual(ownEnd);
    accepted++;
  }
  for (let at = 0; at < bytes.length; at++) {
    const changes = sample(
      `byte ${at}`,
      Array.from({ length: 255 }, (_, i) => i + 1),
      48,
    );
    await Promise.all(changes.map((change) => tryChange(at, change)));
  }
  expect(accepted).toBeGreaterThan(runs(30, 300)); // the other line may change freely, within the form
});

test("every note that is cut short is refused", async () => {
  const bytes = new TextEncoder().encode(await signCheckpoint(checkpoint, key));
  for (let length = 0; length < bytes.length; length++) {
    await expect(verifyCheckpoint(bytes.subarray(0, length), trusted)).rejects.toEqual(malformed);
  }
});

test("errors do not repeat what a hostile note says", async () => {
  const hostile = await signCheckpoint({ ...checkpoint, origin: "click-here.example" }, key);
  const refused = await verifyCheckpoint(hostile, trusted).catch((error: unknown) => error);
  expect(String(refused)).not.toContain("click-here");
});

describe("refused with ERR_INVALID_INPUT is to write", () => {
  test.each<[string, Partial<Checkpoint>]>([
    ["a negative size", { size: -1 }],
    ["a size that is not whole", { size: 1.5 }],
    ["a size that is not a number", { size: Number.NaN }],
    ["the size 2^53", { size: 2 ** 53 }],
    ["a root of 31 bytes", { root: root.subarray(1) }],
    ["an empty origin", { origin: "" }],
    ["an origin with a newline", { origin: "a\nb" }],
    ["an origin with a space", { origin: "a b" }],
    ["an origin with a plus", { origin: "a+b" }],
  ])("%s", async (_, part) => {
    expect(() => formatCheckpoint({ ...checkpoint, ...part })).toThrow(invalidInput);
    await expect(signCheckpoint({ ...checkpoint, ...part }, key)).rejects.toEqual(invalidInput);
  });

  test.each(["", "ab", "AB".repeat(32), "ab".repeat(33), `${"ab".repeat(31)}ag`, `${"ab".repeat(32)}\n`])(
    "the origin of a log id that is not 64 hex digits in lower case: %j",
    (logId) => {
      expect(() => checkpointOrigin(logId)).toThrow(invalidInput);
    },
  );
});

test("the signed text is the note's text, so that other tools can check it", async () => {
  const signed = parseSignedNote(await signCheckpoint(checkpoint, key));
  expect(signed.text).toBe(text);
  expect(signed.signatures.map((line) => line.name)).toEqual([origin]);
});
