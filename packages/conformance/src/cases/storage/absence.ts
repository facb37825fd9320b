// How a storage says that something is not there, by the kind of absence that it declares.

import type { Address, StorageBackend } from "@remote-log/core";
import { fail, outcomeOf, sameBytes, show } from "../../assert.ts";
import { checkOneOf, reason } from "../under-fault.ts";

// What "it is not there" means, by what a storage declares: one that can speak for its own store alone looks further,
// and when its time is over it knows no more than that nobody showed the content.

/** How long a get may look for what is not there if many do so at once, in milliseconds. */
const MOMENT_MS = 20;

/** The codes with which a `get` may say that there is nothing. */
function missingCodes({ capabilities }: StorageBackend): readonly string[] {
  return capabilities.absence === "local" ? ["ERR_NOT_FOUND", "ERR_TIMEOUT"] : ["ERR_NOT_FOUND"];
}

/** Fails unless an error is one with which a `get` says that there is nothing. */
export function checkMissing(storage: StorageBackend, error: unknown, what: string): void {
  checkOneOf(error, missingCodes(storage), what);
}

/** Fails unless a `get` says that there is nothing, however long it has to look. */
export async function isMissing(storage: StorageBackend, address: Address, what: string): Promise<void> {
  const outcome = await outcomeOf(storage.get(address));
  if (outcome.status === "rejected") checkMissing(storage, outcome.reason, what);
  else fail(`${what}: gave ${show(outcome.value)}, and there should be nothing`);
}

/** The same, for cases that ask often: a storage that looks further is given a moment only. */
export async function isMissingNow(storage: StorageBackend, address: Address, what: string): Promise<void> {
  if (storage.capabilities.absence !== "local") return isMissing(storage, address, what);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(reason), MOMENT_MS);
  const outcome = await outcomeOf(storage.get(address, { signal: controller.signal }));
  clearTimeout(timer);
  if (outcome.status === "fulfilled")
    fail(`${what}: gave ${show(outcome.value)}, and there should be nothing`);
  if (outcome.reason !== reason) checkMissing(storage, outcome.reason, what);
}

/**
 * Fails unless a content that may be there, after a write of unknown outcome, is whole or missing. A storage that would
 * look for it elsewhere is asked first whether it has it.
 */
export async function wholeOrMissing(
  storage: StorageBackend,
  address: Address,
  sent: Uint8Array,
  when: string,
): Promise<void> {
  if (storage.capabilities.absence === "local" && !(await storage.has(address))) return;
  const read = await outcomeOf(storage.get(address));
  if (read.status === "fulfilled") sameBytes(read.value, sent, `the content ${when}`);
  else checkMissing(storage, read.reason, `get ${when}`);
}
