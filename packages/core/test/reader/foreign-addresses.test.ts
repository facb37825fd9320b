import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { addressOf, type HashType, IntegrityError, type Remote, rawSha256 } from "../../src/index.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { readWhole } from "./read-whole.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { content, contents, writeLog } from "./written-log.ts";

// An address of another hash type than SHA-256 says nothing about the hash that the writer signed: whoever makes the page
// chooses it. So a content at such an address has to be checked against both.

const rawSha512: HashType = {
  name: "raw sha2-512",
  codec: 0x55,
  hash: 0x13,
  digestBytes: 64,
  digest: (bytes) => new Uint8Array(createHash("sha512").update(bytes).digest()),
};

/** A log whose newest entry is said to be at the address of some bytes, of the other hash type. */
async function logAt(bytes: Uint8Array): Promise<{ logId: string; remote: Remote }> {
  const log = await writeLog(contents(3));
  const address = await addressOf(bytes, rawSha512);
  const wire = decodeRemoteLog(log.head);
  const [newest] = wire.pairs;
  const pair = {
    ...newest!,
    remoteHash: address.bytes,
    data: new Uint8Array(0),
    contentHash: sha256(content(2)),
  };
  const head = encodeRemoteLog({ ...wire, pairs: wire.pairs.with(0, pair) });
  const remote = scriptedRemote(new Map(log.contents).set(address.toString(), bytes), head);
  Object.assign(remote.storage.capabilities, { hashTypes: [rawSha256, rawSha512] });
  return { logId: log.logId, remote };
}

test("a content at an address of another hash type is delivered if it is the signed one", async () => {
  const { logId, remote } = await logAt(content(2));
  const { entries, error } = await readWhole({ logId, remotes: [remote] });
  expect(error).toBeUndefined();
  expect(entries.map((entry) => entry.content)).toEqual(contents(3));
});

test("forged content at an address of another hash type is refused, however well it fits the address", async () => {
  const { logId, remote } = await logAt(new TextEncoder().encode("forged"));
  const { entries, error } = await readWhole({ logId, remotes: [remote] });
  expect(entries.map((entry) => entry.content)).toEqual(contents(2));
  expect(error).toBeInstanceOf(IntegrityError);
});
