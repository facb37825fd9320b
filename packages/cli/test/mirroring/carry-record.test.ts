import { type Address, addressOf, NameConflictError, rawSha256, UnreachableError } from "@remote-log/core";
import type { IpnsRecord } from "@remote-log/ipfs";
import { memoryNames, memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { carryRecord } from "../../src/mirroring/carry-record.ts";
import { findIpnsSource, type RecordNames, takesRecords } from "../../src/remotes/ipns-records.ts";

const { signal } = new AbortController();
const head = await addressOf(Uint8Array.of(1), rawSha256);
const other = await addressOf(Uint8Array.of(2), rawSha256);

/** The record of a name, of which only these parts are looked at. */
function recordOf(address: Address | undefined): IpnsRecord {
  return { address, bytes: Uint8Array.of(7), sequence: 3n, expires: 0 } as IpnsRecord;
}

/** Names that show a record, and take what they are given, or fail. */
function names(
  shown: IpnsRecord | undefined,
  failure?: Error,
): RecordNames & { readonly taken: Uint8Array[] } {
  const taken: Uint8Array[] = [];
  return {
    taken,
    record: async () => shown,
    putRecord: async (_, bytes) => {
      if (failure !== undefined) throw failure;
      taken.push(bytes);
      return [];
    },
  };
}

test("a record that leads to the mirrored head is carried unchanged", async () => {
  const to = names(undefined);
  const record = recordOf(head);
  const carried = await carryRecord({ name: "k51", names: names(record) }, to, head, signal);
  expect(carried).toEqual({ status: "taken", record });
  expect(to.taken).toEqual([record.bytes]);
});

test("a record that leads elsewhere, or nowhere, is not carried: the name would point at what is not there", async () => {
  for (const record of [recordOf(other), recordOf(undefined), undefined]) {
    const to = names(undefined);
    const carried = await carryRecord({ name: "k51", names: names(record) }, to, head, signal);
    expect(carried).toEqual({ status: "elsewhere" });
    expect(to.taken).toEqual([]);
  }
});

test("where the target shows a newer record it is left, and any other failure is one", async () => {
  const source = { name: "k51", names: names(recordOf(head)) };
  const newer = names(undefined, new NameConflictError("newer", { operation: "ipns.put" }));
  expect(await carryRecord(source, newer, head, signal)).toEqual({ status: "newer" });
  const off = new UnreachableError("off", { operation: "ipns.put" });
  await expect(carryRecord(source, names(undefined, off), head, signal)).rejects.toBe(off);
});

test("names without records are neither a source of one nor a target", () => {
  expect(findIpnsSource([memoryRemote(), { ...memoryRemote(), name: "copy" }])).toBeUndefined();
  expect(takesRecords(memoryNames())).toBe(false);
  expect(takesRecords(undefined)).toBe(false);
});
