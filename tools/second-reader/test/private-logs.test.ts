// What logs say of themselves, and who may read what: epochs, removal, retention, snapshots, remotes, links.

import { createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { formatLink } from "@remote-log/core";
import { generateIdentity, recipientOf } from "@remote-log/core/keyring";
import { expect, test } from "vitest";
import { decodeLink, hchacha20, openEntry, Refused } from "../index.mjs";
import { bytesOf, contentOf, expected, shown, shownByFirst, textOf, writeLog } from "./written-log.ts";

test("each key of a log with five epochs opens what it should, and tells what it does not", async () => {
  const log = await writeLog({ leafSize: 2, fanOut: 2 });
  const readers = await Promise.all([1, 2, 3].map(async () => recipientOf(await generateIdentity())));
  const keys: Uint8Array[] = [];
  const contents: Uint8Array[] = [];
  const appendSome = async (): Promise<void> => {
    keys.push(log.writer.readKey!.toBytes());
    for (let i = 0; i < 3; i++) {
      contents.push(contentOf(contents.length));
      await log.writer.append(contents.at(-1)!);
    }
    await log.writer.publish();
  };
  await appendSome();
  await log.writer.grant(readers.slice(0, 2));
  await appendSome();
  await log.writer.revoke(readers.slice(0, 1));
  await appendSome();
  await log.writer.grant(readers.slice(2), { withHistory: true });
  await log.writer.revoke(readers.slice(1, 2));
  await appendSome();
  await log.writer.revoke(readers.slice(2));
  await appendSome();

  const all = expected(contents);
  const missing = (from: number, to: number): string[] =>
    all.slice(from, to).map((_, i) => `${from + i} key-missing`);
  const { epochs } = log.read().manifest!.manifest;
  const firsts = epochs.map(({ first }) => first);
  expect(firsts).toEqual([0, 3, 6, 9, 12]);
  expect(keys.length).toBe(5);
  keys.forEach((key, e) => {
    const end = 3 * (e + 1);
    // R leads to its own epoch and to all before it.
    expect(shown(log.read({ key }).entries())).toEqual([...all.slice(0, end), ...missing(end, 15)]);
    // K opens its own alone.
    const own =
      e === 0
        ? key
        : new Uint8Array(hkdfSync("sha256", key, bytesOf(log.writer.logId), "remote-log/v1/epoch-key", 32));
    const alone = [...missing(0, end - 3), ...all.slice(end - 3, end), ...missing(end, 15)];
    expect(shown(log.read({ key: own }).entries())).toEqual(alone);
  });
  expect(await shownByFirst(log)).toEqual(all);
  expect(shown(log.read({ key: new Uint8Array(32) }).entries())).toEqual(missing(0, 15));
  await log.writer.close();
});

test("without a key all is verified and nothing opened; a wrong key is no damage", async () => {
  const log = await writeLog({ leafSize: 2, fanOut: 2 });
  await log.writer.appendAll([0, 1, 2, 3, 4].map(contentOf));
  await log.writer.setRemotes(["s3://bucket/log"]);
  await log.writer.publish();
  const wrong = log.read({ key: new Uint8Array(32) });
  expect([...wrong.entries()].map(({ status }) => status)).toEqual(Array(5).fill("wrong-key"));
  expect(wrong.remotes).toBeUndefined();
  await log.writer.close();
});

test("many versions of a manifest, read at each: removed entries, retention, snapshots and remotes", async () => {
  for (const visibility of ["public", "private"] as const) {
    const log = await writeLog({ visibility, leafSize: 2, fanOut: 2 });
    const uris = Array.from({ length: 20 }, (_, i) => `https://example.org/${i}/${"long/".repeat(20)}`);
    let known = { size: 0 };
    let expectedNow: string[] = [];
    const append = async (count: number, snapshot = false): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const content = contentOf(expectedNow.length);
        expectedNow.push(`${expectedNow.length} ${textOf(content)}`);
        await log.writer.append(content, { snapshot });
      }
    };
    const removed = (...entries: number[]): void => {
      expectedNow = expectedNow.map((entry, i) => (entries.includes(i) ? `${i} removed` : entry));
    };
    const steps = [
      () => append(13),
      () => append(1, true),
      () => log.writer.setRemotes(uris.slice(0, 2)),
      async () => {
        await log.writer.remove([1, { first: 4, count: 3 }, 13]);
        removed(1, 4, 5, 6, 13);
      },
      () => append(5),
      () => log.writer.setRemotes(uris),
      async () => {
        await log.writer.keepNewest({ entries: 8 });
        removed(...Array(11).keys());
      },
      () => append(1, true),
      async () => {
        await log.writer.remove(18);
        removed(18);
      },
      () => log.writer.setRemotes([]),
    ];
    const versions = new Set<number>();
    for (const step of steps) {
      await step();
      await log.writer.publish();
      const read = log.read({ known });
      expect(shown(read.entries())).toEqual(expectedNow);
      const { version = 0, snapshot = 0 } = read.manifest?.manifest ?? {};
      expect(snapshot).toBe((log.writer.manifest?.snapshot ?? -1) + 1);
      if (version > 2) expect(read.manifest?.leaves()).toHaveLength(version);
      versions.add(version);
      if (step === steps[5]) expect(read.remotes).toEqual(uris);
      known = read;
    }
    expect(versions.size).toBeGreaterThanOrEqual(8);
    expect(await shownByFirst(log)).toEqual(expectedNow);
    await log.writer.close();
  }
});

test("a writer that keeps the newest entries alone, at every size", async () => {
  const log = await writeLog({ leafSize: 2, fanOut: 2 }, { retention: { entries: 5 } });
  for (let i = 0; i < 24; i++) {
    await log.writer.append(contentOf(i));
    await log.writer.publish();
    const read = log.read();
    const { firstKept = 0 } = read.manifest?.manifest ?? {};
    expect(firstKept).toBe(log.writer.manifest?.firstKept ?? 0);
    expect(shown(read.entries())).toEqual(
      Array.from({ length: i + 1 }, (_, at) =>
        at < firstKept ? `${at} removed` : `${at} ${textOf(contentOf(at))}`,
      ),
    );
  }
  expect(log.read().manifest?.manifest.firstKept).toBeGreaterThan(10);
  await log.writer.close();
});

test("every character of a link counts, and its floor", async () => {
  const log = await writeLog({ leafSize: 2, fanOut: 2 });
  await log.writer.appendAll([0, 1, 2].map(contentOf));
  await log.writer.publish();
  const { size, root } = log.read();
  const { logId, readKey: key } = log.writer;
  const remotes = [`file://${log.root}`, "https://example.org/a%20b?x=1&y=é"];
  const link = formatLink({ logId, remotes, key, floor: { size, root }, further: [["new", "+ &"]] });
  const decoded = decodeLink(link);
  expect(decoded).toEqual({
    logId: bytesOf(logId),
    remotes,
    floor: { size, root },
    key: key!.toBytes(),
  });
  const open = formatLink({ logId, remotes, floor: { size } });
  expect(decodeLink(open)).toEqual({ logId: bytesOf(logId), remotes, floor: { size } });
  for (const text of [link, open])
    for (let i = 0; i < text.length; i++) {
      for (const put of ["A", "b", "0", ""]) {
        const damaged = text.slice(0, i) + put + text.slice(i + 1);
        if (damaged !== text) expect(() => decodeLink(damaged), `${i} ${put}`).toThrow(Refused);
      }
    }

  await log.writer.append(contentOf(3));
  await log.writer.publish();
  expect(shown(log.read({ known: decoded.floor! }).entries())).toHaveLength(4);
  expect(() => log.read({ known: { size: 5 } })).toThrow("fewer entries");
  expect(() => log.read({ known: { size: 2, root } })).toThrow("not the beginning");
  await log.writer.close();
});

test("what opens is refused if its identifier, its number or its padding is another", () => {
  const [key, logId] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const derive = (what: string): Buffer =>
    Buffer.from(hkdfSync("sha256", key, logId, `remote-log/v1/${what}`, 32));
  const identify = (content: Uint8Array): Uint8Array => createHash("sha256").update(content).digest();
  const content = Buffer.from("hello");
  const hash = identify(content);
  const number = Buffer.from("0000000000000005", "hex");
  const right = createHmac("sha256", derive("identify")).update(number).update(hash).update(hash).digest();
  const entry = (localHash: Uint8Array, padded: Uint8Array) => {
    const nonce = Buffer.concat([Buffer.alloc(4), localHash.subarray(16, 24)]);
    const subkey = hchacha20(derive("seal"), localHash.subarray(0, 16));
    const cipher = createCipheriv("chacha20-poly1305", subkey, nonce, { authTagLength: 16 });
    cipher.setAAD(logId, { plaintextLength: padded.length });
    const stored = Buffer.concat([cipher.update(padded), cipher.final(), cipher.getAuthTag()]);
    return { index: 5, stored, localHash };
  };
  const padded = (length: number): Uint8Array =>
    Buffer.concat([content, Buffer.from([0x80]), Buffer.alloc(length - 6)]);
  const open = (sealed: ReturnType<typeof entry>) =>
    openEntry(sealed, key, { logId, unpadded: false }, identify);

  expect(open(entry(right, padded(32)))).toEqual(new Uint8Array(content));
  expect(() => open({ ...entry(right, padded(32)), index: 6 })).toThrow(Refused);
  expect(() => open(entry(Buffer.from(right).fill(0, 31), padded(32)))).toThrow(Refused);
  expect(() => open(entry(right, padded(33)))).toThrow(Refused);
  expect(() => open(entry(right, Buffer.alloc(32)))).toThrow(Refused);
  const other = { ...entry(right, padded(32)), localHash: hash };
  expect(open(other)).toBeUndefined();
});
