// Several contents in one call of `putMany`.

import { type Address, addressOf, type OperationOptions, type StorageBackend } from "@remote-log/core";
import { check, equal, sameBytes } from "../../assert.ts";
import type { CaseContext } from "../../case.ts";
import { wholeOrMissing } from "./absence.ts";

/**
 * Puts contents by one call.
 *
 * @returns their addresses
 * @throws what the call rejects with, or else what the first content is rejected with that was not stored
 */
export async function putTogether(
  storage: StorageBackend,
  contents: readonly Uint8Array[],
  options?: OperationOptions,
): Promise<readonly Address[]> {
  const outcomes = (await storage.putMany?.(contents, options)) ?? [];
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

/** The addresses of contents, computed here. */
export function addressesOf(
  { capabilities }: StorageBackend,
  contents: readonly Uint8Array[],
): Promise<Address[]> {
  return Promise.all(contents.map((content) => addressOf(content, capabilities.hashTypes[0]!)));
}

/** Fails unless all contents can be read. */
export async function areThere(
  { storage, settled }: Pick<CaseContext, "storage" | "settled">,
  contents: readonly Uint8Array[],
): Promise<void> {
  for (const [i, address] of (await addressesOf(storage, contents)).entries()) {
    const read = await settled("storage", () => storage.get(address));
    sameBytes(read, contents[i]!, `content ${i} of ${contents.length}`);
  }
}

/** Fails if one of the contents is there. */
export async function areMissing(storage: StorageBackend, contents: readonly Uint8Array[]): Promise<void> {
  for (const [i, address] of (await addressesOf(storage, contents)).entries())
    check(!(await storage.has(address)), `content ${i} of ${contents.length} was stored all the same`);
}

/** Fails unless each of several contents, of which some may be stored, is whole or missing, and can be put again with the others. */
export async function canBePutAgain(
  context: CaseContext,
  contents: readonly Uint8Array[],
  when: string,
): Promise<void> {
  const { storage } = context;
  const addresses = await addressesOf(storage, contents);
  for (const [i, address] of addresses.entries()) await wholeOrMissing(storage, address, contents[i]!, when);
  equal((await putTogether(storage, contents)).join(), addresses.join(), `the addresses, put again ${when}`);
  await areThere(context, contents);
}
