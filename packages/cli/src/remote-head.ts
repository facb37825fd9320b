import { createHash } from "node:crypto";
import {
  Address,
  checkContent,
  type IdentifiedGenesis,
  NotFoundError,
  type Remote,
  readGenesis,
} from "@remote-log/core";
import { bytesFields } from "./wire-fields.ts";

const LARGEST_HEAD = 4 * 2 ** 20;

/** A head as a remote shows it, with the one part of it that proves itself. */
export interface RemoteHead {
  /** The head's bytes. Nothing of them is verified. */
  readonly bytes: Uint8Array;
  /** The genesis record: the field of the head whose hash is the log id. */
  readonly genesis: IdentifiedGenesis;
}

/**
 * Finds the head of a log on a remote, and the genesis record in it.
 *
 * @throws NotFoundError `ERR_NOT_FOUND`
 */
export async function findHead(remote: Remote, logId: string, signal: AbortSignal): Promise<RemoteHead> {
  const { names, storage, name, label } = remote;
  const resolution = await names.resolve(name ?? logId, { maxBytes: LARGEST_HEAD, signal });
  if (resolution.status === "found") {
    const here = headIn(resolution.content, logId);
    if (here !== undefined) return here;
    // A name that can't hold the head holds its address.
    for (const { bytes } of bytesFields(resolution.content)) {
      const address = addressIn(bytes);
      if (address === undefined) continue;
      const head = await storage.get(address, { maxBytes: LARGEST_HEAD, signal });
      await checkContent(head, address, storage.capabilities.hashTypes);
      const there = headIn(head, logId);
      if (there !== undefined) return there;
    }
  }
  throw new NotFoundError(`${label} does not show the genesis record of log ${logId}.`, {
    operation: "head.find",
  });
}

function headIn(bytes: Uint8Array, logId: string): RemoteHead | undefined {
  for (const field of bytesFields(bytes)) {
    const hash = createHash("sha256").update(field.bytes).digest("hex");
    if (hash === logId) return { bytes, genesis: readGenesis(field.bytes) };
  }
  return undefined;
}

function addressIn(field: Uint8Array): Address | undefined {
  try {
    return Address.fromBytes(field);
  } catch {
    return undefined;
  }
}
