import {
  type Address,
  addressOf,
  generateSeed,
  NameConflictError,
  openWriter,
  type Remote,
  rawSha256,
  UnreachableError,
} from "@remote-log/core";
import type { IpnsRecord } from "@remote-log/ipfs";
import { memoryNames, memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { carryRecord } from "../../src/mirroring/carry-record.ts";
import { findIpnsSource, type RecordNames, takesRecords } from "../../src/remotes/ipns-records.ts";

const { signal } = new AbortController();
const head = Uint8Array.of(1);
const other = Uint8Array.of(2);
const { storage } = memoryRemote();

/** The record of a name that leads to a content, which it carries or not. Of a record only these parts are looked at. */
async function recordOf(content: Uint8Array | undefined, carries = true): Promise<IpnsRecord> {
  const address: Address | undefined = content && (await addressOf(content, rawSha256));
  const parts = { address, bytes: Uint8Array.of(7), sequence: 3n, expires: 0 };
  return { ...parts, head: carries ? content : undefined } as IpnsRecord;
}

/** Names that show a record, and take what they are given, or fail. */
function names(
  shown: IpnsRecord | undefined,
  failure?: Error,
  content: Uint8Array = other,
): RecordNames & Pick<Remote["names"], "resolve"> & { readonly taken: Uint8Array[] } {
  const taken: Uint8Array[] = [];
  return {
    taken,
    record: async () => shown,
    resolve: async () => ({ status: "found", content, revision: "1" }),
    putRecord: async (_, bytes) => {
      if (failure !== undefined) throw failure;
      taken.push(bytes);
      return [];
    },
  };
}

test("a record that leads to the mirrored head is carried unchanged", async () => {
  for (const carries of [true, false]) {
    const to = names(undefined);
    const record = await recordOf(head, carries);
    const source = { name: "k51", names: names(record, undefined, head) };
    const carried = await carryRecord(source, { storage, names: to }, head, signal);
    expect(carried).toEqual({ status: "taken", record, content: head });
    expect(to.taken).toEqual([record.bytes]);
    expect(await storage.has(await addressOf(head, rawSha256))).toBe(true);
  }
});

test("what a record leads to is stored as it is, with the id of the writer's remote beside the head", async () => {
  const remote = memoryRemote();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal: new MemoryLevel(),
    remotes: [remote],
  });
  await writer.append(Uint8Array.of(1));
  await writer.publish();
  const resolution = await remote.names.resolve(writer.logId);
  await writer.close();
  const content = resolution.status === "found" ? resolution.content : expect.fail(resolution.status);
  const shown = content.subarray(0, -19);
  const to = names(undefined);
  const source = { name: "k51", names: names(await recordOf(content)) };
  expect(await carryRecord(source, { storage, names: to }, shown, signal)).toMatchObject({ status: "taken" });
  expect(await storage.has(await addressOf(content, rawSha256))).toBe(true);
  const longer = Uint8Array.of(...shown, 0);
  const elsewhere = await carryRecord(source, { storage, names: to }, longer, signal);
  expect(elsewhere).toEqual({ status: "elsewhere" });
});

test("a record that leads elsewhere, or nowhere, is not carried: the name would point at what is not there", async () => {
  for (const record of [
    await recordOf(other),
    await recordOf(head, false),
    await recordOf(undefined),
    undefined,
  ]) {
    const to = names(undefined);
    const carried = await carryRecord(
      { name: "k51", names: names(record) },
      { storage, names: to },
      head,
      signal,
    );
    expect(carried).toEqual({ status: "elsewhere" });
    expect(to.taken).toEqual([]);
  }
});

test("where the target shows a newer record it is left, and any other failure is one", async () => {
  const source = { name: "k51", names: names(await recordOf(head)) };
  const newer = names(undefined, new NameConflictError("newer", { operation: "ipns.put" }));
  expect(await carryRecord(source, { storage, names: newer }, head, signal)).toEqual({ status: "newer" });
  const off = new UnreachableError("off", { operation: "ipns.put" });
  await expect(carryRecord(source, { storage, names: names(undefined, off) }, head, signal)).rejects.toBe(
    off,
  );
});

test("names without records are neither a source of one nor a target", () => {
  expect(findIpnsSource([memoryRemote(), { ...memoryRemote(), name: "copy" }])).toBeUndefined();
  expect(takesRecords(memoryNames())).toBe(false);
  expect(takesRecords(undefined)).toBe(false);
});
