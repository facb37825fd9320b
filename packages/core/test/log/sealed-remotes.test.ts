// Where a log lives, as its manifest says it: in clear in a public log, and in a private one for those who have the key.

import { createHmac, hkdfSync } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { expect, test } from "vitest";
import { createGenesis, defaultSettings } from "../../src/log/genesis.ts";
import { ReadKey } from "../../src/log/read-key.ts";
import { openRemotes, sealRemotes } from "../../src/log/sealed-remotes.ts";

const signingKey = new Uint8Array(32).fill(9);
const sealedLog = createGenesis({ ...defaultSettings, signingKey });
const openLog = createGenesis({ ...defaultSettings, visibility: "public", signingKey });
const key = new ReadKey(new Uint8Array(32).fill(1));
const uris = ["s3://bucket/prefix", "https://gateway.example/größe"];

test("of a public log they are text, one line each, and nobody needs a key", () => {
  const remotes = sealRemotes(uris, openLog, undefined);
  expect(new TextDecoder().decode(remotes)).toBe(uris.join("\n"));
  for (const any of [undefined, key]) expect(openRemotes(remotes, openLog, any)).toEqual(uris);
  expect(openRemotes(sealRemotes([], openLog, undefined), openLog, undefined)).toEqual([]);
  expect(openRemotes(Uint8Array.of(0xff), openLog, undefined)).toBeUndefined();
});

test("of a private log the key opens them, for that log alone", () => {
  const remotes = sealRemotes(uris, sealedLog, key);
  expect(openRemotes(remotes, sealedLog, key)).toEqual(uris);
  expect(openRemotes(remotes, sealedLog, undefined)).toBeUndefined();
  expect(openRemotes(remotes, sealedLog, new ReadKey(new Uint8Array(32).fill(2)))).toBeUndefined();
  const other = createGenesis({ ...defaultSettings, signingKey, leafSize: 16 });
  expect(openRemotes(remotes, other, key)).toBeUndefined();
  for (const length of [0, 23, 24, 39])
    expect(openRemotes(remotes.subarray(0, length), sealedLog, key)).toBeUndefined();
  expect(openRemotes(remotes.with(30, remotes[30]! ^ 1), sealedLog, key)).toBeUndefined();
});

test("the keys follow from the read key as the document says", () => {
  const remotes = sealRemotes(["a:b"], sealedLog, key);
  const derived = (label: string) =>
    new Uint8Array(
      hkdfSync("sha256", key.toBytes(), Buffer.from(sealedLog.logId, "hex"), `remote-log/v1/${label}`, 32),
    );
  const text = new Uint8Array(256);
  text.set(new TextEncoder().encode("a:b"));
  const nonce = createHmac("sha256", derived("remotes-nonce")).update(text).digest().subarray(0, 24);
  expect(remotes.subarray(0, 24)).toEqual(new Uint8Array(nonce));
  const logId = new Uint8Array(Buffer.from(sealedLog.logId, "hex"));
  const opened = xchacha20poly1305(derived("remotes"), new Uint8Array(nonce), logId).decrypt(
    remotes.subarray(24),
  );
  expect(opened).toEqual(text);
});

test("what pads the text is taken from its end alone", () => {
  expect(openRemotes(new TextEncoder().encode("a\0b\n\n\0\0"), openLog, undefined)).toEqual(["a\0b", "", ""]);
});

test("the length of what is sealed tells how many there are only in units of 256 bytes", () => {
  const sealed = (length: number) => sealRemotes(["x".repeat(length)], sealedLog, key).length;
  const least = 24 + 256 + 16;
  expect([1, 255, 256].map(sealed)).toEqual([least, least, least]);
  expect([257, 512].map(sealed)).toEqual([least + 256, least + 256]);
});

test("no two texts share a nonce, and the same text is sealed the same way", () => {
  const nonces = [["a"], ["b"], ["a", "b"]].map(
    (each) => `${sealRemotes(each, sealedLog, key).subarray(0, 24)}`,
  );
  expect(new Set(nonces).size).toBe(3);
  expect(sealRemotes(uris, sealedLog, key)).toEqual(sealRemotes(uris, sealedLog, key));
});
