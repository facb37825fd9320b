import type { Address } from "@remote-log/core";
import type { IpnsName } from "./ipns-name.ts";

/** A record of a name, whose signature by the name's key is good. It may have expired. */
export interface IpnsRecord {
  /** The record, for putting it elsewhere: as it was read, less what does not belong to one. Not to be changed. */
  readonly bytes: Uint8Array;
  /** The name that it is of. */
  readonly name: IpnsName;
  /** What the name points at: `"/ipfs/bafk…"`. */
  readonly value: string;
  /** The address in the value; `undefined` where that is anything else than a raw block by its SHA-256. */
  readonly address: Address | undefined;
  /** Which record of the name it is, from 0 up to 2⁶⁴ − 1: the highest one stands. */
  readonly sequence: bigint;
  /** Until when it is valid, in milliseconds since 1970. */
  readonly expires: number;
  /** How long others may answer with it before they look for a newer one, in milliseconds, where it says so. */
  readonly ttlMilliseconds: number | undefined;
  /** The content of {@link IpnsRecord.address}, where the record carries it. Not to be changed. */
  readonly head: Uint8Array | undefined;
}

/** For how long a record has expired, in milliseconds; `undefined` where it is valid. */
export function expiredFor(record: IpnsRecord, now: number = Date.now()): number | undefined {
  return record.expires < now ? now - record.expires : undefined;
}

/**
 * Orders records of one name: positive where the first one stands above the second. By sequence number, then by the
 * later expiry, as everybody does it.
 */
export function compareRecords(one: IpnsRecord, other: IpnsRecord): number {
  if (one.sequence !== other.sequence) return one.sequence > other.sequence ? 1 : -1;
  return one.expires - other.expires;
}

/** Whether two records of one name say the same: they may differ in how long they are valid. */
export function saysTheSame(one: IpnsRecord, other: IpnsRecord): boolean {
  return one.sequence === other.sequence && one.value === other.value;
}
