// The stock `age` program opens what is written here, and what it writes is opened here.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  generateIdentity,
  openSeed,
  ReaderIdentity,
  recipientOf,
  sealKeyring,
  sealSeed,
} from "../../src/keyring/index.ts";
import { epochKeyOf } from "../../src/log/epoch-keys.ts";
import { ReadKey } from "../../src/log/read-key.ts";
import { decodeKeyring, encodeKeyring } from "../../src/wire/keyring-message.ts";

const installed = spawnSync("age", ["--version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "age-"));
afterAll(() => rmSync(folder, { recursive: true }));

const logId = "ef".repeat(32);
const place = { logId, epoch: 2 };
const readKey = new ReadKey(new Uint8Array(32).fill(3));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

const age = (...words: string[]): Buffer => execFileSync("age", words, { stdio: ["ignore", "pipe", "pipe"] });

// .ci/run installs it; elsewhere it may be missing.
describe.runIf(installed)("the age program (left out if it is not installed: apt-get install age)", () => {
  test("opens keyrings, and the history within", async () => {
    const bob = await generateIdentity();
    const readers = [{ recipient: await recipientOf(bob), withHistory: true }];
    const keyring = file("keyring", await sealKeyring({ ...place, readKey, readers }));
    const identity = file("bob", `${bob}\n`);
    const outer = decodeKeyring(age("-d", "-i", identity, keyring));
    expect(outer).toMatchObject({ epoch: 2, key: epochKeyOf(readKey.toBytes(), place) });
    const inner = decodeKeyring(age("-d", "-i", identity, file("history", outer.history)));
    expect(inner).toMatchObject({ epoch: 2, key: readKey.toBytes() });
    const stranger = file("stranger", `${await generateIdentity()}\n`);
    expect(spawnSync("age", ["-d", "-i", stranger, keyring]).status).not.toBe(0);
  });

  test("makes identities and files that are opened here", async () => {
    const identity = execFileSync("age-keygen", { stdio: ["ignore", "pipe", "ignore"] }).toString();
    const recipient = await recipientOf(identity);
    expect(identity).toContain(`# public key: ${recipient}`);
    const seal = (message: Parameters<typeof encodeKeyring>[0]): Buffer =>
      age("-r", recipient, file("message", encodeKeyring(message)));
    const log = Buffer.from(logId, "hex");
    const key = epochKeyOf(readKey.toBytes(), place);
    const history = seal({ log, epoch: 2, key: readKey.toBytes(), history: new Uint8Array(0) });
    const opened = await new ReaderIdentity(identity).open(seal({ log, epoch: 2, key, history }), place);
    expect([opened.withHistory, opened.key.toBytes()]).toEqual([true, readKey.toBytes()]);
  });

  // It asks for passphrases on a terminal alone, and `script` makes one.
  test.runIf(spawnSync("script", ["--version"]).status === 0)("opens a sealed seed", async () => {
    const seed = new Uint8Array(32).fill(9);
    const sealed = await sealSeed(seed, "orbit velvet", { workFactor: 4 });
    const path = file("seed", sealed);
    const out = join(folder, "opened");
    const { status } = spawnSync("script", ["-qec", `age -d -o ${out} ${path}`, join(folder, "log")], {
      input: "orbit velvet\n",
    });
    expect(status).toBe(0);
    expect(execFileSync("cat", [out]).toString()).toBe(`${"09".repeat(32)}\n`);
    expect(await openSeed(sealed, "orbit velvet")).toEqual(seed);
  });
});
