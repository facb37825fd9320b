// What a name is set to: a head, or the address of one; docs/protocol.md, "A name".

import { addressOf } from "../address/hash-type.ts";
import { RetryBudget } from "../async/retry.ts";
import { encodeHeadPointer } from "../log/head.ts";
import { putChecked } from "./checked-put.ts";
import type { NameResolver } from "./name-resolver.ts";
import type { StorageBackend } from "./storage-backend.ts";

/**
 * What a name is set to: the head, or its address if the name system cannot hold that much. Then the head is
 * stored first, again after failures that may pass.
 */
export async function nameContent(
  { storage, names }: { readonly storage: StorageBackend; readonly names: NameResolver },
  head: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (head.length <= names.capabilities.largestContent) return head;
  const address = await addressOf(head, storage.capabilities.hashTypes[0]!);
  await new RetryBudget({ signal }).run(() => putChecked(storage, head, address, signal));
  return encodeHeadPointer(address);
}
