// A log whose newest snapshot is large and far back, and heads of it that say something else of where its content is.

import { addressOf, rawSha256 } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { contents, type WrittenLog, writeLog } from "./written-log.ts";

/** Behind a page, and two nodes above that. */
export const SNAPSHOT = 10;

/** The bytes of its content. */
export const SNAPSHOT_BYTES = 100_000;

/** The entries of such a log: four pages are below a node, and four nodes below another. */
export const snapshotEntries: readonly Uint8Array[] = contents(334).with(
  SNAPSHOT,
  new Uint8Array(SNAPSHOT_BYTES).fill(5),
);

/** A public log with a large snapshot far back. */
export function writeSnapshotLog(options: Parameters<typeof writeLog>[1] = {}): Promise<WrittenLog> {
  return writeLog(snapshotEntries, { snapshot: SNAPSHOT, ...options });
}

/** What a head says of where the content of the newest snapshot is, as text; `undefined` if nothing. */
export async function hintIn({
  head,
  logId,
}: Pick<WrittenLog, "head" | "logId">): Promise<string | undefined> {
  return (await verifyHead(head, logId)).snapshotContent?.toString();
}

/** A head that says something else of it, or nothing. */
export function hinting(head: Uint8Array, snapshotContent?: Uint8Array): Uint8Array {
  const { snapshotContent: _, ...wire } = decodeRemoteLog(head);
  return encodeRemoteLog({ ...wire, ...(snapshotContent && { snapshotContent }) });
}

/** The address of a content, as text. */
export async function addressText(content: Uint8Array): Promise<string> {
  return `${await addressOf(content, rawSha256)}`;
}
