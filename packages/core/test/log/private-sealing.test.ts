// Contents of private logs, worked out a second time with Node's own cryptography, from the document alone.

import { createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveKeys } from "../../src/crypto/index.ts";
import { createGenesis, defaultSettings, type GenesisSettings } from "../../src/log/genesis.ts";
import { privateSealing } from "../../src/log/private-sealing.ts";
import { ReadKey, readKeyOf } from "../../src/log/read-key.ts";
import { storedBytes } from "../../src/log/sealed-size.ts";
import { sealingOf } from "../../src/log/sealing-of.ts";
import { encodeMvdsMessage, mvdsMessageId } from "../../src/wire/mvds-message.ts";
import { hchacha20 } from "./hchacha20.ts";

const signingKey = new Uint8Array(32).fill(9);
const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const integrity = expect.objectContaining({ code: "ERR_INTEGRITY" });

function log(settings: Partial<GenesisSettings> = {}) {
  return createGenesis({ ...defaultSettings, visibility: "private", ...settings, signingKey });
}

const sha256 = (content: Uint8Array): Buffer => createHash("sha256").update(content).digest();
const hkdf = (key: Uint8Array, salt: Uint8Array, info: string): Buffer =>
  Buffer.from(hkdfSync("sha256", key, salt, info, 32));

/** What docs/protocol.md says of a sealed entry, with SHA-256 as identifiers, in the words of Node. */
function sealedByHand(logId: string, sequence: number, padded: Buffer, content: Uint8Array) {
  const noSalt = Buffer.alloc(0);
  const readSecret = hkdf(seed, noSalt, "remote-log/v1/read");
  const readKey = hkdf(readSecret, noSalt, "remote-log/v1/epoch/0");
  const id = Buffer.from(logId, "hex");
  const identifyKey = hkdf(readKey, id, "remote-log/v1/identify");
  const sealKey = hkdf(readKey, id, "remote-log/v1/seal");
  const place = Buffer.alloc(8);
  place.writeBigUInt64BE(BigInt(sequence));
  const localHash = createHmac("sha256", identifyKey)
    .update(place)
    .update(sha256(content)) // the identifier
    .update(sha256(content))
    .digest();
  // XChaCha20-Poly1305 is ChaCha20-Poly1305 with a key by HChaCha20 of the first 16 bytes of the nonce, and the last 8 of it.
  const key = hchacha20(sealKey, localHash.subarray(0, 16));
  const nonce = Buffer.concat([Buffer.alloc(4), localHash.subarray(16, 24)]);
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAAD(id, { plaintextLength: padded.length });
  const stored = Buffer.concat([cipher.update(padded), cipher.final(), cipher.getAuthTag()]);
  return { localHash: new Uint8Array(localHash), stored: new Uint8Array(stored) };
}

describe("a private log", () => {
  const key = readKeyOf(deriveKeys(seed).read, 0);

  test.each([
    [0, "", 32],
    [7, "hello", 32],
    [2 ** 40, "a".repeat(40), 44],
  ])("seals entry %i as the document says", (sequence, text, length) => {
    const { genesis, logId } = log();
    const content = bytes(text);
    const padded = Buffer.alloc(length);
    padded.set(content);
    padded[content.length] = 0x80;
    const expected = sealedByHand(logId, sequence, padded, content);
    const sealed = sealingOf({ genesis, logId, bytes: new Uint8Array(0) }, key).seal(sequence, content);
    expect(sealed).toEqual({
      ...expected,
      id: new Uint8Array(sha256(content)),
      contentHash: new Uint8Array(sha256(expected.stored)),
    });
  });

  test("seals without padding if its settings say so", () => {
    const { genesis, logId } = log({ padding: "none" });
    const content = bytes("hello");
    const sealed = privateSealing(key.toBytes(), { genesis, logId }).seal(3, content);
    expect(sealed).toMatchObject(sealedByHand(logId, 3, Buffer.from(content), content));
    expect(sealed.stored.length).toBe(5 + 16);
  });

  test("opens what it sealed, whatever it is", () => {
    const settings = fc.record({ padding: fc.constantFrom("padme" as const, "none" as const) });
    fc.assert(
      fc.property(settings, fc.nat(), fc.uint8Array({ maxLength: 2000 }), (settings, sequence, content) => {
        const genesis = log(settings);
        const sealing = sealingOf(genesis, key);
        const sealed = sealing.seal(sequence, content);
        expect(sealed.stored.length).toBe(storedBytes(content.length, genesis.genesis));
        expect(sealing.open(sequence, sealed)).toEqual({ id: sealed.id, content });
      }),
      { numRuns: runs(50, 2000) },
    );
  });

  // The longer ones are opened by Node's cipher.
  test.each([0, 5, 300, 511, 600, 5000])("opens %i bytes into memory of their own", (length) => {
    const sealing = sealingOf(log(), key);
    const content = new Uint8Array(length).fill(7);
    const sealed = sealing.seal(1, content);
    const opened = sealing.open(1, sealed);
    sealing.open(2, sealing.seal(2, new Uint8Array(length).fill(8)));
    expect(opened).toEqual({ id: sealed.id, content });
    expect(Object.getPrototypeOf(opened.content)).toBe(Uint8Array.prototype);
    for (const bytes of [opened.id, opened.content]) expect(bytes.buffer.byteLength).toBe(bytes.length);
  });

  test("gives the hash of what it would seal, and the same parts, without sealing", () => {
    fc.assert(
      fc.property(fc.nat(), fc.uint8Array({ maxLength: 6000 }), (sequence, content) => {
        const sealing = sealingOf(log(), key);
        const identified = sealing.identify(sequence, content);
        const { id, localHash, contentHash } = sealing.seal(sequence, content);
        expect(identified).toEqual({ id, localHash, hash: new Uint8Array(sha256(content)) });
        expect(sealing.contentHash(content, identified)).toEqual(contentHash);
      }),
      { numRuns: runs(20, 300) },
    );
  });

  test("identifies messages of MVDS by their own ids, which storage does not see", () => {
    const message = {
      groupId: new Uint8Array(32).fill(1),
      timestamp: 5n,
      body: bytes("body"),
      parents: [],
      ephemeral: false,
    };
    const sealing = sealingOf(log({ identifiers: "mvds" }), key);
    const sealed = sealing.seal(1, encodeMvdsMessage(message));
    expect(sealed.id).toEqual(mvdsMessageId(message));
    expect(sealed.localHash).not.toEqual(sealed.id);
    expect(sealing.open(1, sealed).id).toEqual(sealed.id);
    expect(() => sealing.seal(1, Uint8Array.of(255))).toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED" }),
    );
  });

  test("never seals two plaintexts with one key and nonce: place, content and padding make the nonce, the log makes the key", () => {
    const seen = new Set<string>();
    let sealed = 0;
    for (const settings of [{}, { padding: "none" as const }, { leafSize: 16 }]) {
      const sealing = sealingOf(log(settings), key);
      for (const text of ["", "a", "a\u0080", "b"]) {
        for (const sequence of [0, 1, 256]) {
          const { localHash, stored } = sealing.seal(sequence, bytes(text));
          seen.add(Buffer.from(localHash.subarray(0, 24)).toString("hex"));
          seen.add(Buffer.from(stored).toString("hex"));
          sealed++;
        }
      }
    }
    expect(seen.size).toBe(2 * sealed);
  });

  test("says that the key is wrong, and never that the storage lies: another key, another epoch, another log", () => {
    const genesis = log();
    const sealed = sealingOf(genesis, key).seal(3, bytes("hello"));
    const long = sealingOf(genesis, key).seal(3, new Uint8Array(5000));
    const wrong = [new ReadKey(new Uint8Array(32)), readKeyOf(deriveKeys(seed).read, 1)];
    for (const other of wrong) {
      for (const held of [sealed, long]) {
        expect(() => sealingOf(genesis, other).open(3, held)).toThrow(
          expect.objectContaining({ code: "ERR_NO_KEY", reason: "wrong-key" }),
        );
      }
    }
    expect(() => sealingOf(log({ leafSize: 16 }), key).open(3, sealed)).toThrow(
      expect.objectContaining({ code: "ERR_NO_KEY" }),
    );
  });

  test("refuses what opens, and is not what its place and identifier say", () => {
    const genesis = log();
    const sealing = sealingOf(genesis, key);
    const sealed = sealing.seal(3, bytes("hello"));
    expect(() => sealing.open(4, sealed)).toThrow(integrity);
    // The last bytes of the hash are no part of the nonce: it opens. So would a ciphertext that was made for two keys.
    const localHash = sealed.localHash.slice();
    localHash[31]! ^= 1;
    expect(() => sealing.open(3, { ...sealed, localHash })).toThrow(integrity);
  });

  test("pads, if a record of an earlier version does not say how", () => {
    const { genesis, logId } = log();
    const { padding: _, ...unsaid } = genesis;
    const content = bytes("hello");
    expect(privateSealing(key.toBytes(), { genesis: unsaid, logId }).seal(3, content)).toEqual(
      privateSealing(key.toBytes(), { genesis, logId }).seal(3, content),
    );
  });

  test("refuses what is no message in a log of messages, and takes a fault of the program for nothing else", () => {
    const { genesis, logId } = log();
    const messages = log({ identifiers: "mvds" }).genesis;
    const other = privateSealing(key.toBytes(), { genesis, logId }).seal(3, Uint8Array.of(255));
    const sealing = privateSealing(key.toBytes(), { genesis: messages, logId });
    expect(() => sealing.open(3, other)).toThrow(integrity);
    expect(() => sealing.open(3, other)).toThrow("its content is no MVDS message");
    expect(() => sealing.open(3, {} as never)).toThrow(TypeError);
  });

  test("refuses contents that are padded otherwise", () => {
    const { genesis, logId } = log();
    const none = log({ padding: "none" });
    const sealing = privateSealing(key.toBytes(), { genesis, logId });
    // The same keys, as if a writer left the padding away.
    for (const content of ["hello, this has no end mark and no zeros", ""]) {
      const unpadded = privateSealing(key.toBytes(), { genesis: none.genesis, logId }).seal(
        3,
        bytes(content),
      );
      expect(() => sealing.open(3, unpadded)).toThrow(integrity);
      expect(() => sealing.open(3, unpadded)).toThrow("not padded as it must be");
    }
  });
});
