import { expect, test } from "vitest";
import { addressOf, openReader, type Remote, rawSha256 } from "../../src/index.ts";
import { getChecked } from "../../src/remote/checked-get.ts";
import { openHead } from "../../src/tree/open-head.ts";
import { collect, expectEntries } from "../reader/read-whole.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, sizesTo, writeLog } from "../reader/written-log.ts";

// What an adapter returns belongs to its caller. One that breaks that, by a pool of buffers for example, must not change what
// was verified.

test("an object that was read does not change with the adapter's buffer", async () => {
  const buffer = Buffer.from("the content");
  const address = await addressOf(buffer, rawSha256);
  const { storage } = scriptedRemote(new Map());
  storage.before = async () => buffer;
  const read = await getChecked(storage, address, { maxBytes: 100 });
  buffer.fill(0);
  expect(new TextDecoder().decode(read)).toBe("the content");
  expect(read.constructor).toBe(Uint8Array);
});

test("a verified head does not change with the resolver's buffer", async () => {
  const log = await writeLog(contents(30));
  const buffer = Buffer.from(log.head);
  const head = await openHead(scriptedRemote(log.contents), log.logId, buffer, 2 ** 20, undefined);
  const refs = JSON.stringify(head.levels);
  buffer.fill(0);
  expect(head.bytes).toEqual(log.head);
  expect(JSON.stringify(head.levels)).toBe(refs);
});

/** A remote that overwrites each buffer soon after it returned it. */
function pooled(log: Awaited<ReturnType<typeof writeLog>>): Remote & { show(size: number): void } {
  const remote = scriptedRemote(log.contents);
  const lent: Uint8Array[] = [];
  const spoil = (): void => {
    for (const bytes of lent.splice(0)) bytes.fill(0x55);
  };
  const lend = (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    lent.push(copy);
    setImmediate(spoil);
    return copy;
  };
  remote.storage.before = async (address) => lend(log.contents.get(address.toString())!);
  let size = 0;
  const resolve = async () =>
    ({ status: "found", content: lend(log.heads.get(size)!), revision: `${size}` }) as const;
  Object.assign(remote.names, { resolve });
  return { ...remote, show: (shown) => (size = shown) };
}

test("an honest writer is not accused because an adapter changes its buffers, and all is delivered", async () => {
  const log = await writeLog(contents(70), { publishAt: sizesTo(70) });
  const remote = pooled(log);
  const reader = await openReader({ logId: log.logId, remotes: [remote] });
  let next = 0;
  for (const size of [5, 17, 30, 31, 64, 70]) {
    remote.show(size);
    const { entries, error } = await collect(reader.from(next));
    expect(error, `${size} entries`).toBeUndefined();
    expectEntries(entries, log.entries, next);
    next += entries.length;
    expect(next).toBe(size);
    const proof = await reader.consistencyProof(1);
    expect(proof.second).toBe(size);
  }
});
