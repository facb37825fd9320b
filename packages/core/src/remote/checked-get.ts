// Reading a content: whatever the storage returns is checked against the address.

import type { Address } from "../address/address.ts";
import { checkContent, hashTypeOf } from "../address/hash-type.ts";
import { throwIfAborted } from "../async/signals.ts";
import { plainBytes } from "../bytes.ts";
import { hasCode, NotPropagatedError, TooLargeError } from "../errors/index.ts";
import type { GetOptions, StorageBackend } from "./storage-backend.ts";

/**
 * Reads a content that a verified head depends on, and checks it against its address, even if the storage did. What it
 * returns is a copy that nobody else can change.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if the bytes are not those of the address, or the address is of a
 * kind that the storage does not declare (then nothing is requested)
 * @throws NotPropagatedError `ERR_NOT_PROPAGATED` if it is missing on a storage that may lag behind
 * @throws TooLargeError `ERR_TOO_LARGE` if it has more than `maxBytes`
 */
export async function getChecked(
  storage: StorageBackend,
  address: Address,
  options: GetOptions & { readonly maxBytes: number },
): Promise<Uint8Array> {
  throwIfAborted(options.signal);
  hashTypeOf(address, storage.capabilities.hashTypes);
  let content: Uint8Array;
  try {
    content = await storage.get(address, options);
  } catch (cause) {
    throwIfAborted(options.signal);
    if (!hasCode(cause, "ERR_NOT_FOUND") || storage.capabilities.readYourWrites) throw cause;
    throw new NotPropagatedError(
      `The log refers to ${address}, and ${storage.name} does not show it yet. It may still be propagating: try again later.`,
      { operation: "storage.get", cause },
    );
  }
  if (content.length > options.maxBytes) {
    throw new TooLargeError(
      `${storage.name} returned ${content.length} bytes for ${address}, and at most ${options.maxBytes} are accepted.`,
      { operation: "storage.get", limit: options.maxBytes },
    );
  }
  // Copied before it is checked: an adapter that changes its buffer later must not change what was verified.
  const own = plainBytes(content).slice();
  await checkContent(own, address, storage.capabilities.hashTypes);
  return own;
}
