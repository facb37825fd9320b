// What a name is set to: a head, or the address of one; docs/protocol.md, "A name".

import { addressOf } from "../address/hash-type.ts";
import { RetryBudget } from "../async/retry.ts";
import { encodeHeadPointer, withRemoteId } from "../log/head.ts";
import { LARGEST_PAGE } from "../log/log-limits.ts";
import { putChecked } from "./checked-put.ts";
import type { NameResolver } from "./name-resolver.ts";
import type { StorageBackend } from "./storage-backend.ts";

interface Place {
  readonly storage: StorageBackend;
  readonly names: NameResolver;
}

/**
 * What a name is to be set to: the head, or its address if the name system cannot hold that much.
 *
 * @param remoteId - the id of the remote, if the name is to hold it with the head
 * @returns `apart`: the head, if it has to be stored before: see {@link storeHead}
 */
export async function contentFor(
  { storage, names }: Place,
  head: Uint8Array,
  remoteId?: Uint8Array,
): Promise<{ readonly content: Uint8Array; readonly apart?: Uint8Array }> {
  const identified = (content: Uint8Array): Uint8Array =>
    remoteId === undefined ? content : withRemoteId(content, remoteId);
  const content = identified(head);
  if (content.length <= Math.min(names.capabilities.largestContent, LARGEST_PAGE)) return { content };
  const address = await addressOf(head, storage.capabilities.hashTypes[0]!);
  return { content: identified(encodeHeadPointer(address)), apart: head };
}

/** Stores a head that is too large for its name, again after failures that may pass. */
export async function storeHead(
  storage: StorageBackend,
  head: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const address = await addressOf(head, storage.capabilities.hashTypes[0]!);
  await new RetryBudget({ signal }).run(() => putChecked(storage, head, address, signal));
}

/**
 * What a name is set to: the head, or its address if the name system cannot hold that much. Then the head is
 * stored first, again after failures that may pass.
 *
 * @param remoteId - the id of the remote, if the name is to hold it with the head
 */
export async function nameContent(
  place: Place,
  head: Uint8Array,
  signal: AbortSignal,
  remoteId?: Uint8Array,
): Promise<Uint8Array> {
  const { content, apart } = await contentFor(place, head, remoteId);
  if (apart !== undefined) await storeHead(place.storage, apart, signal);
  return content;
}
