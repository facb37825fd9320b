import {
  Address,
  MalformedError,
  NameConflictError,
  type Revision,
  rawSha256,
  UnsupportedError,
} from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import type { IpnsRecord } from "./ipns-record.ts";

/** What a revision says: which record of a name it is, and where the head is. */
export interface ParsedRevision {
  readonly sequence: bigint;
  readonly address: Address;
}

/** The largest sequence number that is signed. Kubo reads it as a signed number, and takes none above. */
const LAST_SEQUENCE: bigint = 2n ** 63n - 1n;

/** The revision that a record stands for: `<sequence>-<address>`. */
export function formatRevision({ sequence, address }: ParsedRevision): Revision {
  return `${sequence}-${address}`;
}

/** Reads a revision; `undefined` where it is not one of this resolver. */
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
 * @throws NameConflictError `ERR_NAME_CONFLICT` for a revision of another resolver, which the name can't hold
 * @throws UnsupportedError `ERR_UNSUPPORTED` where the numbers have run out
 */
export function sequenceAfter(expected: Revision | null, { operation, action }: OperationContext): bigint {
  if (expected === null) return 0n;
  const before = parseRevision(expected);
  if (before === undefined) {
    throw new NameConflictError(
      `While ${action}: ${JSON.stringify(expected.slice(0, 100))} is no revision of an IPNS name, so that the name can't ` +
        "hold it. Resolve it to see what it holds.",
      { operation },
    );
  }
  if (before.sequence < LAST_SEQUENCE) return before.sequence + 1n;
  throw new UnsupportedError(
    `While ${action}: its sequence number ${before.sequence} is the last that can be followed; nodes take none above ` +
      `${LAST_SEQUENCE}. The name can't be updated any more: publish under another one.`,
    { operation },
  );
}

/**
 * The address of the head that a record points at.
 *
 * @throws MalformedError `ERR_MALFORMED` where it points at anything else
 */
export function headAddress(record: IpnsRecord, { operation, action }: OperationContext): Address {
  if (record.address !== undefined) return record.address;
  throw new MalformedError(
    `While ${action}: it points at ${JSON.stringify(record.value.slice(0, 100))}, and a head is at /ipfs/ and the ` +
      `address of a raw block (${rawSha256.name}, bafk…). Something else is published under this name.`,
    { operation },
  );
}
