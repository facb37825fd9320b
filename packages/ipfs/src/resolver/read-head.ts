import { type Address, checkContent, isRemoteLogError, rawSha256 } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import type { IpnsRecord } from "../record/ipns-record.ts";
import { headMissing, tooLarge } from "./errors.ts";
import type { HeadStorage } from "./options.ts";

/** What reading a head needs besides the record. */
export interface ReadHeadOptions {
  readonly storage: HeadStorage;
  readonly address: Address;
  /** The most bytes that are taken. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly context: OperationContext;
}

/**
 * The head that a record points at: the one that it carries, or else the block of that address.
 *
 * @throws NotPropagatedError `ERR_NOT_PROPAGATED` where the storage does not have it yet
 * @throws TooLargeError `ERR_TOO_LARGE`; IntegrityError `ERR_INTEGRITY`; whatever the storage throws
 */
export async function readHead(record: IpnsRecord, options: ReadHeadOptions): Promise<Uint8Array> {
  const { storage, address, limit, signal, context } = options;
  if (record.head !== undefined) {
    if (record.head.length > limit) throw tooLarge(record.head.length, limit, context);
    return record.head;
  }
  const content = await storage.get(address, { signal, maxBytes: limit }).catch((error: unknown) => {
    const isMissing = isRemoteLogError(error) && error.code === "ERR_NOT_FOUND";
    throw isMissing ? headMissing(error, context) : error;
  });
  await checkContent(content, address, [rawSha256]);
  return content;
}
