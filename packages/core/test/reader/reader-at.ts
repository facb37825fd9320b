import { expect } from "vitest";
import { memoryReaderStore, openReader, type Reader, type ReaderStore } from "../../src/index.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import type { TwoBranches } from "./two-branches.ts";

/** A reader that has verified the state of a size, and the remote that it looks at. */
export async function readerAt(
  { log, objects }: TwoBranches,
  size: number,
  options: { readonly readYourWrites?: boolean } = {},
): Promise<{ reader: Reader; remote: ReturnType<typeof scriptedRemote>; store: ReaderStore }> {
  const remote = scriptedRemote(objects, log.heads.get(size), options);
  const store = memoryReaderStore();
  const reader = await openReader({ logId: log.logId, remotes: [remote], store, retries: 0 });
  await reader.sync();
  expect(reader.size).toBe(size);
  return { reader, remote, store };
}
