// Reading a part of a content: no address vouches for it, so whoever asks has to know what it must be.

import type { Address } from "../address/address.ts";
import { hashTypeOf } from "../address/hash-type.ts";
import { throwIfAborted } from "../async/signals.ts";
import { plainBytes } from "../bytes.ts";
import { IntegrityError } from "../errors/index.ts";
import type { ByteRange, StorageBackend } from "./storage-backend.ts";

/**
 * Reads a part of a content that lies within it, of at most `maxBytes`. What it returns is a copy that nobody else can change, has the length that was
 * asked for, and is not verified.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if another number of bytes came, or the address is of a kind that the storage does not
 * declare (then nothing is requested)
 */
export async function getPart(
  storage: StorageBackend,
  address: Address,
  range: ByteRange,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  throwIfAborted(signal);
  hashTypeOf(address, storage.capabilities.hashTypes);
  const content = await storage.get(address, { range, maxBytes, signal });
  if (content.length !== range.length) {
    throw new IntegrityError(
      `${storage.name} returned ${content.length} bytes of a part of ${address}, and ${range.length} were asked for.`,
      { operation: "storage.get" },
    );
  }
  return plainBytes(content).slice();
}
