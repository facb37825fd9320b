// Logs whose signing key was replaced, by the recovery key that is kept apart from the device.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { deviceSeed, generateSeed, isRemoteLogError, openReader } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { openFolder, Refused, readLog } from "../index.mjs";
import {
  bytesOf,
  contentOf,
  expected,
  shown,
  shownByFirst,
  type WrittenLog,
  writeLog,
} from "./written-log.ts";

test.each(["public", "private"] as const)("a %s log whose key was replaced twice", async (visibility) => {
  const recoverySeed = generateSeed();
  const settings = { visibility, leafSize: 2, fanOut: 2 };
  const contents: Uint8Array[] = [];
  const append = async ({ writer }: WrittenLog): Promise<void> => {
    for (let i = 0; i < 4; i++) {
      contents.push(contentOf(contents.length));
      await writer.append(contents.at(-1)!);
    }
    await writer.publish();
  };
  let log = await writeLog(settings, { seed: await deviceSeed(recoverySeed) });
  const { root, writer } = log;
  const { logId } = writer;
  await append(log);
  await writer.setRemotes(["file:///a"]);
  await writer.publish();
  const states = [log.read()];
  await writer.close();

  for (const generation of [1, 2]) {
    const seed = await deviceSeed(recoverySeed, generation);
    log = await writeLog(settings, { folder: root, seed, logId, forRecovery: true });
    await log.writer.recover();
    await log.writer.rotateSigningKey(recoverySeed);
    await log.writer.publish();
    expect(shown(log.read().entries())).toEqual(expected(contents));
    await append(log);
    await log.writer.setRemotes([`file:///${generation}`]);
    await log.writer.publish();
    const read = log.read({ known: states.at(-1)! });
    expect(read.manifest?.manifest.successions).toHaveLength(generation);
    expect(shown(read.entries())).toEqual(expected(contents));
    expect(read.remotes).toEqual([`file:///${generation}`]);
    expect(await shownByFirst(log)).toEqual(expected(contents));
    states.push(read);
    if (generation === 1) await log.writer.close();
  }

  // The newest manifest is an object of its own. Nobody gets another one read, though nothing signs its address.
  const folder = openFolder(root);
  const head = Buffer.from(folder.nameOf(bytesOf(logId))!);
  const key = log.writer.readKey?.toBytes();
  let address: Uint8Array | undefined;
  const noting = (each: Uint8Array): Uint8Array | undefined => {
    const found = folder.read(each);
    if (Buffer.from(found ?? []).includes("/succession")) address ??= each;
    return found;
  };
  readLog({ remote: { ...folder, read: noting }, logId: bytesOf(logId), key });
  const manifest = Buffer.from(folder.read(address!)!);
  const places = sample("a manifest with successions", Array.from(manifest.keys()), 150);
  for (const at of places) {
    const other = Buffer.from(manifest);
    other[at]! ^= 1 << (at % 8);
    const digest = createHash("sha256").update(other).digest();
    const nameOf = (): Uint8Array => {
      const copy = Buffer.from(head);
      digest.copy(copy, copy.indexOf(address!.subarray(4)));
      return copy;
    };
    const read = (each: Uint8Array): Uint8Array | undefined =>
      digest.equals(each.subarray(4)) ? other : folder.read(each);
    expect(() => readLog({ remote: { read, nameOf }, logId: bytesOf(logId), key }), `${at}`).toThrow(Refused);
  }
  expect(places.length).toBeGreaterThanOrEqual(150);
  await log.writer.close();
});

const sha256 = (bytes: Uint8Array | string): Buffer => createHash("sha256").update(bytes).digest();
const rawOf = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
const field = (number: number, bytes: Uint8Array): Buffer => {
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)]);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
};
function signed(text: string, key: KeyObject): string {
  const name = text.split("\n")[0]!;
  const keyHash = sha256(Buffer.concat([Buffer.from(`${name}\n\u0001`), rawOf(key)])).subarray(0, 4);
  const signature = Buffer.concat([keyHash, sign(null, Buffer.from(text), key)]);
  return `${text}\n\u2014 ${name} ${signature.toString("base64")}\n`;
}

test("nobody but the recovery key that the log names can replace its key", async () => {
  const recoverySeed = generateSeed();
  const log = await writeLog({ visibility: "public" }, { seed: await deviceSeed(recoverySeed) });
  await log.writer.append(contentOf(1));
  await log.writer.publish();
  const { logId, checkpoint } = log.writer;
  const { size, root } = log.read();
  const next = generateKeyPairSync("ed25519").privateKey;
  const origin = `remote-log/v1/${logId}`;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

  const headBy = (recovery: KeyObject, change = (text: string): string => text): Uint8Array => {
    const lines = [`${origin}/succession`, 1, size, base64(root), 0, base64(sha256("")), base64(rawOf(next))];
    const text = `${lines.join("\n")}\n${base64(sha256("a"))}\n${base64(rawOf(recovery))}\n`;
    const manifest = Buffer.concat([
      Buffer.from([8, 1]),
      field(3, Buffer.from(signed(change(text), recovery))),
    ]);
    const versions = sha256(Buffer.concat([Buffer.from([0]), manifest]));
    const head = Buffer.from(openFolder(log.root).nameOf(bytesOf(logId))!);
    const at = head.indexOf(checkpoint!);
    head.write(signed(`${origin}\n${size}\n${base64(root)}\n`, next), at);
    const note = signed(`${origin}/manifest\n1\n${base64(versions)}\n`, next);
    return Buffer.concat([head, field(104, manifest), field(106, Buffer.from(note))]);
  };
  const read = (head: Uint8Array): string[] => {
    const remote = { ...openFolder(log.root), nameOf: () => head };
    return shown(readLog({ remote, logId: bytesOf(logId) }).entries());
  };
  const refusedByFirst = async (head: Uint8Array): Promise<boolean> => {
    const remote = memoryRemote();
    await remote.names.update(logId, head, { expected: null });
    await using reader = await openReader({ logId, remotes: [remote] });
    try {
      await reader.latest(1);
      return false;
    } catch (error) {
      if (isRemoteLogError(error)) return true;
      throw error;
    }
  };

  const seed = hkdfSync("sha256", recoverySeed, "", "remote-log/v1/recovery/0", 32);
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed)]);
  const own = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  expect(read(headBy(own))).toEqual(expected([contentOf(1)]));
  expect(await refusedByFirst(headBy(own))).toBe(false);
  const stranger = generateKeyPairSync("ed25519").privateKey;
  expect(() => read(headBy(stranger))).toThrow("a succession by another key");
  expect(await refusedByFirst(headBy(stranger))).toBe(true);
  // What it says of another log, number, size, root or version; and a line that is missing or one too many.
  for (const [from, to] of [
    [logId, "0".repeat(64)],
    ["succession\n1", "succession\n2"],
    [`\n${size}\n`, "\n2\n"],
    [base64(root), base64(sha256("b"))],
    ["\n0\n", "\n1\n"],
    [base64(sha256("")), base64(sha256("c"))],
    [`${base64(sha256("a"))}\n`, ""],
    ["/succession\n", "/succession\n1\n"],
  ] as const) {
    const head = headBy(own, (text) => text.replace(from, to));
    expect(() => read(head), from).toThrow(Refused);
    // The root of former versions is looked at by the second reader alone: only whoever holds the recovery key can give a wrong one.
    if (from !== base64(sha256(""))) expect(await refusedByFirst(head), from).toBe(true);
  }
  await log.writer.close();
});
