// Cosignatures of mirrors and witnesses, their keys as text, and what a cosigner keeps.

import { describe, expect, test, vi } from "vitest";
import {
  type Checkpoint,
  formatCheckpoint,
  formatSignedNote,
  parseCheckpoint,
  parseSignedNote,
  signCheckpoint,
} from "../../src/checkpoint/index.ts";
import { cosign } from "../../src/cosign/cosignature.ts";
import {
  Cosigner,
  cosignedAt,
  cosignerKeyText,
  cosignerSecretText,
  parseCosignerSecret,
  parseVerifierKey,
} from "../../src/cosign/index.ts";
import { signingKeyFromSeed } from "../../src/crypto/index.ts";
import { memoryReaderStore } from "../../src/index.ts";

const logKey = await signingKeyFromSeed(new Uint8Array(32).fill(1));
const key = await signingKeyFromSeed(new Uint8Array(32).fill(2));
const other = await signingKeyFromSeed(new Uint8Array(32).fill(3));
const name = "mirror.example/m1";
const origin = "example.com/log";
const root = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const noteOf = (size: number, fill = size): Promise<string> =>
  signCheckpoint({ origin, size, root: root(fill) }, logKey);
const always = async (): Promise<boolean> => true;
const request = async (size: number, fill = size) => ({
  note: await noteOf(size, fill),
  logKey: logKey.publicKey,
  extends: always,
});

describe("a cosignature", () => {
  test("is the one that C2SP tlog-cosignature shows, byte for byte of what is signed", async () => {
    const text = formatCheckpoint({ origin, size: 7, root: root(9) });
    const { signature } = await cosign(text, { name, key }, 1_679_315_147);
    expect([...signature.subarray(0, 8)]).toEqual([0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb]);
    const signed = new TextEncoder().encode(`cosignature/v1\ntime 1679315147\n${text}`);
    expect(signature.subarray(8)).toEqual(await key.sign(signed));
  });

  test("of a time after 2106 keeps it", async () => {
    const text = formatCheckpoint({ origin, size: 7, root: root(9) });
    const seconds = 2 ** 33 + 5;
    const line = await cosign(text, { name, key }, seconds);
    expect(await cosignedAt({ text, signatures: [line] }, { name, publicKey: key.publicKey })).toBe(seconds);
  });

  test("counts only with the right key, name, text and length; the newest of several counts", async () => {
    const text = formatCheckpoint({ origin, size: 7, root: root(9) });
    const line = await cosign(text, { name, key }, 1000);
    const newer = await cosign(text, { name, key }, 2000);
    const me = { name, publicKey: key.publicKey };
    expect(await cosignedAt({ text, signatures: [newer, line] }, me)).toBe(2000);
    expect(
      await cosignedAt({ text, signatures: [line] }, { ...me, name: "mirror.example/m2" }),
    ).toBeUndefined();
    expect(
      await cosignedAt({ text, signatures: [line] }, { name, publicKey: other.publicKey }),
    ).toBeUndefined();
    const forged = (await cosign(text, { name, key: other }, 1000)).signature;
    for (const signature of [
      forged,
      line.signature.subarray(0, 71),
      new Uint8Array([...line.signature, 0]),
      Uint8Array.of(0xff, ...line.signature.subarray(1)),
      Uint8Array.of(...line.signature.subarray(0, 7), 0, ...line.signature.subarray(8)),
    ]) {
      expect(await cosignedAt({ text, signatures: [newer, { ...line, signature }] }, me)).toBe("forged");
    }
    const elsewhere = formatCheckpoint({ origin, size: 8, root: root(9) });
    expect(await cosignedAt({ text: elsewhere, signatures: [line] }, me)).toBe("forged");
  });
});

describe("keys as text", () => {
  test("a verifier key says that it cosigns, and is read again", () => {
    const text = cosignerKeyText({ name, publicKey: key.publicKey });
    expect(text).toMatch(/^mirror\.example\/m1\+[0-9a-f]{8}\+B/);
    expect(parseVerifierKey(text)).toMatchObject({ name, type: 4, publicKey: key.publicKey });
  });

  test("that of C2SP signed-note is read; what is none, or has another hash, is refused", () => {
    const good = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    expect(parseVerifierKey(good)).toMatchObject({ name: "example.com/foo", type: 1 });
    for (const text of [
      "",
      "x",
      good.slice(1),
      good.replace("530d903a", "530d903b"),
      good.replace("530d903a", "530D903A"),
      `${good}A`,
      good.replace("+530d", " +530d"),
      "name+530d903a+AQ==",
      "name+530d903a+AQI=",
    ])
      expect(() => parseVerifierKey(text)).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
    // Of an algorithm that is not known here, the hash can't be checked.
    expect(parseVerifierKey("name+530d903a+BgI=")).toMatchObject({ type: 6 });
  });

  test("a secret key is read again, and a damaged one refused without being shown", async () => {
    const text = await cosignerSecretText(name, new Uint8Array(32).fill(2));
    const read = await parseCosignerSecret(`${text}\n`);
    expect(read.name).toBe(name);
    expect(read.key.publicKey).toEqual(key.publicKey);
    const secret = text.split("+").pop()!;
    for (const damaged of [
      text.slice(1),
      text.replace("m1", "m2"),
      `${text}A`,
      text.replace(/\+A/, "+B"),
      "",
    ]) {
      const error = await parseCosignerSecret(damaged).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "ERR_MALFORMED" });
      expect(String(error)).not.toContain(secret.slice(4, 20));
    }
    await expect(cosignerSecretText("a name", new Uint8Array(32))).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
    expect(() => cosignerKeyText({ name: "a+b", publicKey: key.publicKey })).toThrow("no plus");
    expect(() => cosignerKeyText({ name, publicKey: new Uint8Array(31) })).toThrow("32 bytes");
  });
});

describe("a cosigner", () => {
  test("signs a note with the log's line and its own, and drops those of others", async () => {
    const cosigner = new Cosigner({ name, key, store: memoryReaderStore() });
    const parsed = parseSignedNote(await noteOf(5));
    const stranger = { name: origin, keyHash: new Uint8Array(4), signature: new Uint8Array(9) };
    const foreign = { name: "w", keyHash: new Uint8Array(4), signature: new Uint8Array(9) };
    const note = formatSignedNote({ ...parsed, signatures: [...parsed.signatures, stranger, foreign] });
    const cosigned = parseSignedNote(await cosigner.cosign({ ...(await request(5)), note }));
    expect(cosigned.text).toBe(parsed.text);
    expect(cosigned.signatures).toHaveLength(2);
    expect(cosigned.signatures[0]).toEqual(parsed.signatures[0]);
    expect(typeof (await cosignedAt(cosigned, cosigner))).toBe("number");
    expect(parseVerifierKey(cosigner.verifierKey).publicKey).toEqual(key.publicKey);
  });

  test("keeps the note before it gives it away, and never signs a smaller one or one that does not extend it", async () => {
    const values = new Map<string, Uint8Array>();
    const store = memoryReaderStore({ values });
    const first = await new Cosigner({ name, key, store }).cosign(await request(5));
    expect([...values].map(([at, value]) => [at, new TextDecoder().decode(value)])).toEqual([
      [`cosigned/${origin}`, first],
    ]);
    // Another process, later.
    const cosigner = new Cosigner({ name, key, store });
    expect(await cosigner.signed(origin)).toBe(first);
    expect(await cosigner.signed("example.com/other")).toBeUndefined();
    await expect(cosigner.cosign(await request(4))).rejects.toMatchObject({
      code: "ERR_ROLLBACK",
      offered: 4,
      verified: 5,
    });
    await expect(cosigner.cosign(await request(5, 6))).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
    const asked: Checkpoint[] = [];
    const refusing = async (earlier: Checkpoint): Promise<boolean> => {
      asked.push(earlier);
      return false;
    };
    await expect(cosigner.cosign({ ...(await request(6)), extends: refusing })).rejects.toMatchObject({
      code: "ERR_INTEGRITY",
    });
    expect(asked).toEqual([parseCheckpoint(parseSignedNote(first).text)]);
    expect(await cosigner.signed(origin)).toBe(first);
    const next = await cosigner.cosign(await request(6));
    expect(await cosigner.signed(origin)).toBe(next);
    // Another log is another state.
    const elsewhere = await signCheckpoint({ origin: "example.com/b", size: 1, root: root(1) }, logKey);
    await cosigner.cosign({ note: elsewhere, logKey: logKey.publicKey, extends: always });
  });

  test("gives the same signature for the same state until it has become old, and a new one if the clock went back", async () => {
    vi.useFakeTimers();
    try {
      vi.setSystemTime(1_000_000_000_000);
      const cosigner = new Cosigner({ name, key, store: memoryReaderStore(), refreshSeconds: 60 });
      const first = await cosigner.cosign(await request(5));
      vi.setSystemTime(1_000_000_059_000);
      expect(await cosigner.cosign(await request(5))).toBe(first);
      vi.setSystemTime(1_000_000_060_000);
      const second = await cosigner.cosign(await request(5));
      expect(await cosignedAt(parseSignedNote(second), cosigner)).toBe(1_000_000_060);
      vi.setSystemTime(1_000_000_050_000);
      const third = await cosigner.cosign(await request(5));
      expect(await cosignedAt(parseSignedNote(third), cosigner)).toBe(1_000_000_050);
    } finally {
      vi.useRealTimers();
    }
  });

  test("of two processes that sign at once, the second compares with what the first kept", async () => {
    const values = new Map<string, Uint8Array>();
    const store = memoryReaderStore({ values });
    const rival = new Cosigner({ name, key, store });
    let raced = false;
    const cosigner = new Cosigner({
      name,
      key,
      store: {
        get: async (at) => {
          const value = await store.get(at);
          if (!raced) {
            raced = true;
            await rival.cosign(await request(9));
          }
          return value;
        },
        compareAndSet: (...words) => store.compareAndSet(...words),
      },
    });
    await expect(cosigner.cosign(await request(5))).rejects.toMatchObject({ code: "ERR_ROLLBACK" });
    const never = { get: (at: string) => store.get(at), compareAndSet: async () => false };
    await expect(new Cosigner({ name, key, store: never }).cosign(await request(10))).rejects.toMatchObject({
      code: "ERR_UNREACHABLE",
    });
  });

  test("refuses what was kept if it is of another log, and a name that can't be one", async () => {
    const values = new Map<string, Uint8Array>();
    const store = memoryReaderStore({ values });
    const cosigner = new Cosigner({ name, key, store });
    await cosigner.cosign(await request(5));
    values.set("cosigned/example.com/b", values.get(`cosigned/${origin}`)!);
    await expect(cosigner.signed("example.com/b")).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
    expect(() => new Cosigner({ name: "a b", key, store })).toThrow("no white space");
  });
});
