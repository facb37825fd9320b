// Carries the signed record of a log's IPNS name to the target of a mirror. Needs no key.

import { type Address, addressOf, isRemoteLogError, type MirrorTarget, rawSha256 } from "@remote-log/core";
import { RetryBudget } from "@remote-log/core/adapter";
import type { IpfsStorage, IpnsRecord } from "@remote-log/ipfs";
import type { IpnsSource, RecordNames } from "../remotes/ipns-records.ts";

/** What became of a record that was to be carried to a target. */
export type Carried =
  | { readonly status: "taken"; readonly record: IpnsRecord }
  /** The target shows a newer record. */
  | { readonly status: "newer" }
  /** The record of the source leads to another head. */
  | { readonly status: "elsewhere" };

/**
 * Carries the record of a log's name to a target, unchanged, if it leads to the head that was mirrored.
 *
 * @param head - the address of that head in the target
 */
export async function carryRecord(
  { name, names }: IpnsSource,
  to: RecordNames,
  head: Address,
  signal: AbortSignal,
): Promise<Carried> {
  const budget = new RetryBudget({ signal });
  const record = await budget.run(() => names.record(name, { signal }));
  if (record?.address?.equals(head) !== true) return { status: "elsewhere" };
  try {
    // The same bytes, so that putting them again changes nothing.
    await budget.run(() => to.putRecord(name, record.bytes, { signal }));
    return { status: "taken", record };
  } catch (error) {
    if (isRemoteLogError(error) && error.code === "ERR_NAME_CONFLICT") return { status: "newer" };
    throw error;
  }
}

/** Removes the pin of a head that was mirrored before, so that old heads do not pile up. */
export async function releaseHead(
  { storage }: MirrorTarget,
  head: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const release = (storage as Partial<IpfsStorage>).release?.bind(storage);
  // A pin that stays does no harm.
  await release?.(await addressOf(head, rawSha256), { signal }).catch(() => undefined);
}
