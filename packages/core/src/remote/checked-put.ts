// Storing contents whose addresses are known: the storage must answer with these addresses.

import type { Address } from "../address/address.ts";
import { throwIfAborted } from "../async/signals.ts";
import { IntegrityError } from "../errors/index.ts";
import type { PutOutcome, StorageBackend } from "./storage-backend.ts";

/** A content, and the address that was computed for it. */
export interface AddressedContent {
  readonly content: Uint8Array;
  readonly address: Address;
}

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
  if (!answered.equals(address)) throw otherAddress(storage, answered, address, "storage.put");
}

/**
 * Stores contents whose addresses were computed before, by one call of `putMany`.
 *
 * @param storage - has `putMany`, and takes as much at once
 * @returns what became of each, in their order; one that was answered with another address is rejected with `ERR_INTEGRITY`
 * @throws IntegrityError `ERR_INTEGRITY` if the storage does not answer for each of them
 */
export async function putManyChecked(
  storage: StorageBackend,
  objects: readonly AddressedContent[],
  signal: AbortSignal,
): Promise<readonly PutOutcome[]> {
  throwIfAborted(signal);
  const outcomes = await storage.putMany!(
    objects.map(({ content }) => content),
    { signal },
  );
  if (outcomes.length !== objects.length) {
    throw new IntegrityError(
      `${storage.name} answered for ${outcomes.length} contents, and was given ${objects.length}. ` +
        "The storage does not keep what it declares; nothing was published.",
      { operation: "storage.putMany" },
    );
  }
  return outcomes.map((outcome, i) => {
    const { address } = objects[i]!;
    if (outcome.status === "rejected" || outcome.value.equals(address)) return outcome;
    const reason = otherAddress(storage, outcome.value, address, "storage.putMany");
    return { status: "rejected", reason };
  });
}

function otherAddress(
  { name }: StorageBackend,
  answered: Address,
  address: Address,
  operation: "storage.put" | "storage.putMany",
): IntegrityError {
  return new IntegrityError(
    `${name} answered a put with the address ${answered}, and the content has the address ${address}. ` +
      "The storage does not keep what it declares; nothing was published.",
    { operation },
  );
}
