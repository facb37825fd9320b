import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../../src/bytes.ts";
import {
  bearsLineOf,
  formatSignedNote,
  type NoteKey,
  parseSignedNote,
  signNote,
  verifierKeyText,
  verifySignedNote,
} from "../../src/checkpoint/index.ts";
import { type SigningKey, signingKeyFromSeed } from "../../src/crypto/index.ts";

const malformed = expect.objectContaining({ code: "ERR_MALFORMED" });
const invalidInput = expect.objectContaining({ code: "ERR_INVALID_INPUT" });
const integrity = { code: "ERR_INTEGRITY" };

const name = "example.org/log";
const key: SigningKey = await signingKeyFromSeed(new Uint8Array(32).fill(1));
const noteKey: NoteKey = { name, publicKey: key.publicKey };
const text = "A text.\n\nWith an empty line.\n";
const note = await signNote(text, name, key);
const foreignLine = `— witness.example/w1 ${Buffer.alloc(76, 5).toString("base64")}\n`;

describe("notes that others published", () => {
  // The first is the example of C2SP signed-note, the second that of Go's note package.
  const published: readonly (readonly [string, string])[] = [
    [
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
    ],
    [
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
    ],
  ];

  test.each(published)("the note of %s is verified", async (verifierKey, published) => {
    const foreign = noteKeyFrom(verifierKey);
    const parsed = parseSignedNote(published);
    await verifySignedNote(parsed, foreign);
    expect(formatSignedNote(parsed)).toBe(published);
  });

  test.each(published)("the verifier key %s is what its name and key give", (verifierKey) => {
    const { name, publicKey } = noteKeyFrom(verifierKey);
    expect(verifierKeyText(name, publicKey)).toBe(verifierKey);
  });

  test.each(published)(
    "the note of %s with another text is refused with ERR_INTEGRITY",
    async (verifierKey, published) => {
      const changed = parseSignedNote(published.replace("is", "is not"));
      await expect(verifySignedNote(changed, noteKeyFrom(verifierKey))).rejects.toMatchObject(integrity);
    },
  );

  function noteKeyFrom(verifierKey: string): NoteKey {
    const [name, , encoded] = verifierKey.split("+", 2).concat(verifierKey.split("+").slice(2).join("+"));
    return { name: name!, publicKey: new Uint8Array(Buffer.from(encoded!, "base64").subarray(1)) };
  }
});

describe("a signed note", () => {
  test("is read back as it was signed, from text and from bytes", async () => {
    for (const source of [note, new TextEncoder().encode(note)]) {
      const parsed = parseSignedNote(source);
      expect(parsed.text).toBe(text);
      expect(parsed.signatures).toHaveLength(1);
      await verifySignedNote(parsed, noteKey);
    }
  });

  test("may hold any text that ends with a newline", async () => {
    const texts = fc.string({ unit: "grapheme" }).map((line) => line.replaceAll(/\p{Cc}/gu, "\n"));
    await fc.assert(
      fc.asyncProperty(texts, async (line) => {
        const signed = parseSignedNote(await signNote(`${line}\n`, name, key));
        expect(signed.text).toBe(`${line}\n`);
        await verifySignedNote(signed, noteKey);
      }),
    );
  });

  test("keeps a byte order mark, for it was signed", () => {
    const marked = new TextEncoder().encode(`\uFEFF${note}`);
    expect(parseSignedNote(marked).text).toBe(`\uFEFF${text}`);
  });

  test("may bear signatures of unknown names, keys and algorithms", async () => {
    const other = await signingKeyFromSeed(new Uint8Array(32).fill(2));
    const sameName = (await signNote(text, name, other)).slice(text.length + 1);
    const sameHash = note.slice(text.length + 1).replace(name, "example.org/other");
    const short = "— x AAAAAAA=\n"; // 4 bytes of key hash, and 1 of signature
    const [head, own] = [note.slice(0, text.length + 1), note.slice(text.length + 1)];
    const many = head + foreignLine + sameName + sameHash + own + short;
    const parsed = parseSignedNote(many);
    expect(parsed.signatures).toHaveLength(5);
    await verifySignedNote(parsed, noteKey);
    expect(formatSignedNote(parsed)).toBe(many);
  });

  test("may bear a signature that is not good under another name with the same key hash", async () => {
    const [own] = parseSignedNote(note).signatures;
    const other = { ...own!, name: "example.org/other", signature: new Uint8Array(64) };
    const signed = { text, signatures: [other, own!] };
    await expect(verifySignedNote(signed, noteKey)).resolves.toBeUndefined();
  });

  test("without a signature of the key is refused with ERR_INTEGRITY", async () => {
    const foreign = parseSignedNote(`${text}\n${foreignLine}`);
    await expect(verifySignedNote(foreign, noteKey)).rejects.toMatchObject(integrity);
    const renamed = { ...noteKey, name: "example.org/other" };
    await expect(verifySignedNote(parseSignedNote(note), renamed)).rejects.toMatchObject(integrity);
  });

  test("with a bad signature of the key beside a good one is refused with ERR_INTEGRITY", async () => {
    const [own] = parseSignedNote(note).signatures;
    const flipped = own!.signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    for (const signature of [
      flipped,
      own!.signature.subarray(0, 63),
      concatBytes([own!.signature, flipped]),
    ]) {
      for (const signatures of [
        [own!, { ...own!, signature }],
        [{ ...own!, signature }, own!],
      ]) {
        const both = parseSignedNote(formatSignedNote({ text, signatures }));
        await expect(verifySignedNote(both, noteKey)).rejects.toMatchObject(integrity);
      }
    }
  });

  test("with a key of the wrong length is refused with ERR_INTEGRITY", async () => {
    const short = { name, publicKey: key.publicKey.subarray(1) };
    await expect(verifySignedNote(parseSignedNote(note), short)).rejects.toMatchObject(integrity);
  });
});

test("a note bears a line of a key if one of its lines has the name and the hash of the key, good or not", async () => {
  const stranger = await signingKeyFromSeed(new Uint8Array(32).fill(2));
  const strangers: NoteKey = { name, publicKey: stranger.publicKey };
  const both = parseSignedNote(`${note}${foreignLine}`);
  expect(bearsLineOf(both, noteKey)).toBe(true);
  expect(bearsLineOf(both, strangers)).toBe(false);
  expect(bearsLineOf(both, { ...noteKey, name: "example.org/other" })).toBe(false);
  // The hash is that of the key, under another name.
  const [line] = both.signatures;
  const renamed = { ...both, signatures: [{ ...line!, name: "example.org/other" }] };
  expect(bearsLineOf(renamed, noteKey)).toBe(false);
  expect(bearsLineOf({ ...both, signatures: [...both.signatures].reverse() }, noteKey)).toBe(true);
});

describe("refused with ERR_MALFORMED is a note", () => {
  const line = note.slice(text.length + 1);
  const base64 = line.slice(line.lastIndexOf(" ") + 1, -1);

  test.each([
    ["that is empty", ""],
    ["that is one newline", "\n"],
    ["without signatures", `${text}\n`],
    ["without a blank line", `A text.\n${line}`],
    ["without a text", `\n${line}`],
    ["with an empty line before its signatures", `${text}\n\n`],
    ["with an empty line between its signatures", `${text}\n${line}\n${line.slice(0, -1)}`],
    ["with an empty line after its signatures", `${note}\n`],
    ["without its last newline", note.slice(0, -1)],
    ["with a hyphen for a dash", note.replace("—", "-")],
    ["with an en dash", note.replace("—", "–")],
    ["with two spaces after the dash", note.replace("— ", "—  ")],
    ["with a no-break space after the dash", note.replace("— ", "—\u00a0")],
    ["with no name", `${text}\n— ${base64}\n`],
    ["with an empty name", `${text}\n—  ${base64}\n`],
    ["with a plus in a name", note.replace(name, "a+b")],
    ["with a wide space in a name", note.replace(name, "a\u3000b")],
    ["with a next-line character in a name", note.replace(name, "a\u0085b")],
    ["with something after a signature", `${note.slice(0, -1)} x\n`],
    ["with a space after a signature", `${note.slice(0, -1)} \n`],
    ["with an empty signature", `${text}\n— ${name} \n`],
    ["with a key hash alone", `${text}\n— ${name} AAAAAA==\n`],
    ["with a signature that lacks padding", note.replaceAll("=", "")],
    ["with a signature that has too much padding", `${text}\n— ${name} ${base64}=\n`],
    ["with the URL alphabet", `${text}\n— ${name} ${"-_-_".repeat(20)}\n`],
    ["with stray bits at a signature's end", `${text}\n— ${name} AAAAAAB=\n`],
    ["with a tab", note.replace("A text", "A\ttext")],
    ["with a tab at its beginning", `\t${note}`],
    ["with carriage returns", note.replaceAll("\n", "\r\n")],
    ["with a zero character", note.replace("A text", "A\0text")],
    ["with a control character in a name", note.replace(name, "a\u001fb")],
    ["with half of a surrogate pair", note.replace("A text", "A\ud800text")],
    ["with 101 signature lines", `${text}\n${foreignLine.repeat(101)}`],
    ["of more than 64 KiB", `${"a".repeat(65_537 - note.length)}${note}`],
    ["of 64 KiB and one byte", `${"a".repeat(65_537 - Buffer.byteLength(note))}${note}`],
    ["of more than 64 KiB in UTF-8", `${"é".repeat(33_000)}${note}`],
  ])("%s", (_, source) => {
    expect(() => parseSignedNote(source)).toThrow(malformed);
    if (source.includes("\ud800")) return; // bytes can't hold it
    expect(() => parseSignedNote(new TextEncoder().encode(source))).toThrow(malformed);
  });

  test.each([
    ["a byte that never occurs", [0xff]],
    ["an over-long newline", [0xc0, 0x8a]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a character cut short", [0xe2, 0x80]],
  ])("whose UTF-8 holds %s", (_, bytes) => {
    const source = concatBytes([Uint8Array.from(bytes), new TextEncoder().encode(note)]);
    expect(() => parseSignedNote(source)).toThrow(malformed);
  });

  test("of any random text, unless it is written back as it was", () => {
    const piece = fc.constantFrom("\n", "\n\n", "— ", name, " ", "AAAAAAA=", "+", text, line, "\t", "é");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const source = pieces.join("");
        try {
          const parsed = parseSignedNote(source);
          expect(formatSignedNote(parsed)).toBe(source);
        } catch (error) {
          expect(error).toEqual(malformed);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("100 signature lines and 64 KiB are accepted", () => {
  expect(parseSignedNote(`${text}\n${foreignLine.repeat(100)}`).signatures).toHaveLength(100);
  const longest = `${"a".repeat(65_536 - new TextEncoder().encode(note).length)}${note}`;
  expect(parseSignedNote(new TextEncoder().encode(longest)).signatures).toHaveLength(1);
  expect(parseSignedNote(longest).signatures).toHaveLength(1);
});

describe("refused with ERR_INVALID_INPUT is to sign", () => {
  test.each([
    ["a text without a newline at its end", "a", name],
    ["an empty text", "", name],
    ["a text with a control character", "a\u0007\n", name],
    ["a text with half of a surrogate pair", "a\udc00\n", name],
    ["a text that is too long", `${"a".repeat(65_536)}\n`, name],
    ["under an empty name", "a\n", ""],
    ["under a name with a space", "a\n", "a b"],
    ["under a name with a newline", "a\n", "a\nb"],
    ["under a name with a plus", "a\n", "a+b"],
    ["under a name with half of a surrogate pair", "a\n", "a\ud800"],
  ])("%s", async (_, unusable, keyName) => {
    await expect(signNote(unusable, keyName, key)).rejects.toEqual(invalidInput);
  });

  test("nothing: a note without signatures can't be written", () => {
    expect(() => formatSignedNote({ text, signatures: [] })).toThrow(invalidInput);
  });

  test("with a key hash that does not have 4 bytes", () => {
    const [own] = parseSignedNote(note).signatures;
    const signatures = [{ ...own!, keyHash: own!.keyHash.subarray(1) }];
    expect(() => formatSignedNote({ text, signatures })).toThrow(invalidInput);
  });

  test("beside a good line one that readers would take for another", () => {
    const [own] = parseSignedNote(note).signatures;
    const signatures = [own!, { ...own!, keyHash: own!.keyHash.subarray(1) }];
    expect(() => formatSignedNote({ text, signatures })).toThrow(invalidInput);
  });

  test("under a name that readers would take for the end of the text", () => {
    const [own] = parseSignedNote(note).signatures;
    const signatures = [{ ...own!, name: `x\n\n— ${name}` }];
    expect(() => formatSignedNote({ text, signatures })).toThrow(invalidInput);
    expect(() => formatSignedNote({ text, signatures: [own!, ...signatures] })).toThrow(invalidInput);
  });

  test("what can't be a note: the key is not asked", async () => {
    let asked = 0;
    const counted: SigningKey = {
      ...key,
      sign: (message) => {
        asked++;
        return key.sign(message);
      },
    };
    await expect(signNote("a", name, counted)).rejects.toEqual(invalidInput);
    expect(asked).toBe(0);
  });

  test("and to write verifier keys of a bad name or length", () => {
    expect(() => verifierKeyText("a b", key.publicKey)).toThrow(invalidInput);
    expect(() => verifierKeyText("", key.publicKey)).toThrow(invalidInput);
    expect(() => verifierKeyText(name, key.publicKey.subarray(1))).toThrow(invalidInput);
  });
});
