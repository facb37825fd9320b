// Storing a content whose address is known: the storage must answer with that address.

import type { Address } from "../address/address.ts";
import { throwIfAborted } from "../async/signals.ts";
import { IntegrityError } from "../errors/index.ts";
import type { StorageBackend } from "./storage-backend.ts";

/**
 * Stores a content whose address was computed before.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if the storage answers with another address
 */
export async function putChecked(
  storage: StorageBackend,
  content: Uint8Array,
  address: Address,
  signal: AbortSignal,
): Promise<void> {
  throwIfAborted(signal);
  const answered = await storage.put(content, { signal });
  if (answered.equals(address)) return;
  throw new IntegrityError(
    `${storage.name} answered a put with the address ${answered}, and the content has the address ${address}. ` +
      "The storage does not keep what it declares; nothing was published.",
    { operation: "storage.put" },
  );
}
