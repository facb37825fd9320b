// Revisions of a name: which record it holds, and which sequence number the next one gets.

import { Address, MalformedError, type Revision, rawSha256, UnsupportedError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import type { IpnsRecord } from "./ipns-record.ts";

/** What a revision says: which record of a name it is, and where the head is. */
export interface ParsedRevision {
  readonly sequence: bigint;
  readonly address: Address;
}

/** The largest sequence number that is signed here. Kubo reads it as a signed 64-bit number, and accepts none above. */
const LAST_SEQUENCE: bigint = 2n ** 63n - 1n;

/** The revision that a record stands for: `<sequence>-<address>`. */
export function formatRevision({ sequence, address }: ParsedRevision): Revision {
  return `${sequence}-${address}`;
}

/** Reads a revision; `undefined` if it is not one of this resolver. */
export function parseRevision(text: Revision | null | undefined): ParsedRevision | undefined {
  const [, sequence, cid] = /^(0|[1-9]\d{0,19})-(b[a-z2-7]{1,100})$/.exec(text ?? "") ?? [];
  if (sequence === undefined || cid === undefined) return undefined;
  try {
    return { sequence: BigInt(sequence), address: Address.fromString(cid) };
  } catch {
    return undefined;
  }
}

/**
 * The sequence number of the update that follows a revision.
 *
 * @returns `undefined` for a revision of another resolver, which the name can't hold
 * @throws UnsupportedError `ERR_UNSUPPORTED` if the numbers have run out
 */
export function sequenceAfter(
  expected: Revision | null,
  { operation, action }: OperationContext,
): bigint | undefined {
  if (expected === null) return 0n;
  const before = parseRevision(expected);
  if (before === undefined) return undefined;
  if (before.sequence < LAST_SEQUENCE) return before.sequence + 1n;
  throw new UnsupportedError(
    `While ${action}: its sequence number ${before.sequence} can't be followed; nodes accept none above ${LAST_SEQUENCE}. ` +
      "The name can't be updated any more: publish under another one.",
    { operation },
  );
}

/**
 * The address of the head that a record points at.
 *
 * @throws MalformedError `ERR_MALFORMED` if it points at anything else
 */
export function headAddress(record: IpnsRecord, { operation, action }: OperationContext): Address {
  if (record.address !== undefined) return record.address;
  throw new MalformedError(
    `While ${action}: it points at ${JSON.stringify(record.value.slice(0, 100))}, and a head is at /ipfs/ and the ` +
      `address of a raw block (${rawSha256.name}, bafk…). Something else is published under this name.`,
    { operation },
  );
}
