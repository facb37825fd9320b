// What a node's log says of the logs of its peers: which stretches it has read. A peer takes it as acknowledgements; docs/decisions/0018.

import { MalformedError, type MvdsMessage } from "@remote-log/core";
import { fieldOf, malformed, ProtobufReader, ProtobufWriter } from "@remote-log/core/wire";
import { bytesOf, hexOf } from "../bytes.ts";
import type { LogItem } from "../engine/log-steps.ts";
import type { LogRead } from "../engine/statements.ts";
import { ID_BYTES } from "../wire/payload.ts";

/** The group of such statements: SHA-256 of `remote-log/v1/mvds/read`. No node has it, so that nobody takes one for a message. */
export const READ_GROUP: Uint8Array = bytesOf(
  "c6b747bee75225f72db9392fec8edf0b84955fed716025a21eed28fa574cb698",
);

/** The most logs that one statement names. */
export const MOST_READS = 1024;

/** The entry that says what was read of logs: a message of 2/MVDS, so that every reader of the log can pass over it. */
export function readStatement(reads: readonly LogRead[], timestamp: bigint): MvdsMessage {
  const writer = new ProtobufWriter("Reads", 64 * reads.length);
  for (const read of reads) {
    writer.message(1, read, (inner, { logId, first, end }) => {
      inner.bytes(1, logId);
      inner.uint64(2, first);
      inner.uint64(3, end);
    });
  }
  return { groupId: READ_GROUP, timestamp, body: writer.finish(), parents: [], ephemeral: false };
}

/** What an entry of a peer's log is. A statement that can't be decoded is nothing. */
export function itemOf(sequence: number, message: MvdsMessage | undefined): LogItem {
  if (message === undefined) return { kind: "other", sequence };
  if (hexOf(message.groupId) !== hexOf(READ_GROUP)) return { kind: "message", sequence, message };
  try {
    return { kind: "read", sequence, reads: decodeReads(message.body) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return { kind: "other", sequence };
  }
}

function decodeReads(body: Uint8Array): LogRead[] {
  const reader = new ProtobufReader(body, "Reads");
  const reads: LogRead[] = [];
  const logs = new Set<string>();
  while (reader.next()) {
    if (reader.field === 1) {
      reader.limit("reads", reads.length, MOST_READS);
      const read = decodeRead(reader.message("reads", "Read"));
      if (logs.has(hexOf(read.logId))) throw reader.malformed("reads", "names a log twice");
      logs.add(hexOf(read.logId));
      reads.push(read);
    } else reader.skip();
  }
  return reads;
}

function decodeRead(reader: ProtobufReader): LogRead {
  let logId: Uint8Array | undefined;
  let first: number | undefined;
  let end: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) logId = reader.bytesOnce("log", logId);
    else if (reader.field === 2) first = reader.uint64Once("first", first);
    else if (reader.field === 3) end = reader.uint64Once("end", end);
    else reader.skip();
  }
  if (logId?.length !== ID_BYTES) throw malformed(fieldOf("Read", "log"), `does not have ${ID_BYTES} bytes`);
  return { logId, first: first ?? 0, end: end ?? 0 };
}
