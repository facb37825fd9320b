// Carries the signed record of a log's IPNS name to the target of a mirror. Needs no key.

import {
  addressOf,
  isRemoteLogError,
  type MirrorTarget,
  rawSha256,
  type StorageBackend,
  showsHead,
} from "@remote-log/core";
import { RetryBudget } from "@remote-log/core/adapter";
import type { IpfsStorage, IpnsRecord } from "@remote-log/ipfs";
import type { IpnsSource, RecordNames } from "../remotes/ipns-records.ts";

/** What became of a record that was to be carried to a target. */
export type Carried =
  | { readonly status: "taken"; readonly record: IpnsRecord; readonly content: Uint8Array }
  /** The target shows a newer record. */
  | { readonly status: "newer" }
  /** The record of the source leads to another head. */
  | { readonly status: "elsewhere" };

/** Where a record is carried to. */
interface CarryTarget {
  readonly storage: StorageBackend;
  readonly names: RecordNames;
}

/**
 * Carries the record of a log's name to a target, unchanged, if it leads to the head that was mirrored. What the record
 * leads to is stored there first: the head, and beside it the id of the remote that the writer published to.
 *
 * @param head - the head that was mirrored
 */
export async function carryRecord(
  source: IpnsSource,
  { storage, names }: CarryTarget,
  head: Uint8Array,
  signal: AbortSignal,
): Promise<Carried> {
  const { name } = source;
  const budget = new RetryBudget({ signal });
  const record = await budget.run(() => source.names.record(name, { signal }));
  const content = record && (await budget.run(() => contentOf(record, source, signal)));
  if (content === undefined || !showsHead(content, head)) return { status: "elsewhere" };
  try {
    await budget.run(() => storage.put(content, { signal }));
    // The same bytes, so that putting them again changes nothing.
    await budget.run(() => names.putRecord(name, record!.bytes, { signal }));
    return { status: "taken", record: record!, content };
  } catch (error) {
    if (isRemoteLogError(error) && error.code === "ERR_NAME_CONFLICT") return { status: "newer" };
    throw error;
  }
}

/** What a record leads to; `undefined` if the name leads elsewhere meanwhile, or to what is no block by its SHA-256. */
async function contentOf(
  { address, head }: IpnsRecord,
  { name, names }: IpnsSource,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (address === undefined) return undefined;
  if (head !== undefined) return head;
  const resolution = await names.resolve(name, { signal });
  if (resolution.status !== "found") return undefined;
  const { content } = resolution;
  return address.equals(await addressOf(content, rawSha256)) ? content : undefined;
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
