// Reads the whole list of a storage.

import type { Address, OperationOptions, StorageBackend } from "@remote-log/core";
import type { CaseContext } from "../../case.ts";

/** Walks the whole list of a storage, as texts. */
export async function walk(storage: StorageBackend, options?: OperationOptions): Promise<string[]> {
  const listed: string[] = [];
  for await (const address of storage.list?.(options) ?? []) listed.push(String(address));
  return listed;
}

/** Puts a content, and waits until it can be read. */
export async function stored(
  { storage, content, settled }: CaseContext,
  size = 300,
): Promise<{ readonly address: Address; readonly sent: Uint8Array }> {
  const sent = content(size);
  const address = await storage.put(sent);
  await settled("storage", () => storage.get(address));
  return { address, sent };
}
