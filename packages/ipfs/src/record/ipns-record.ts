// What an IPNS record says (IPNS Record and Protocol, "Record Fields"), and which of two records of a name wins.

import type { Address } from "@remote-log/core";
import { timeNow } from "@remote-log/core/adapter";
import type { IpnsName } from "./ipns-name.ts";

/** The largest record that IPNS allows, in bytes (IPNS Record and Protocol, "Record Size Limit"). No larger one is read. */
export const LARGEST_RECORD: number = 10 * 1024;

/** A record of a name whose signature by the name's key was verified. It may have expired. */
export interface IpnsRecord {
  /** The record as it was read, without fields that do not belong to it; for putting it elsewhere. Do not change it. */
  readonly bytes: Uint8Array;
  /** The name whose record it is. */
  readonly name: IpnsName;
  /** What the name points at: `"/ipfs/bafk…"`. */
  readonly value: string;
  /** The address in the value; `undefined` if that is not a raw block by its SHA-256. */
  readonly address: Address | undefined;
  /** The sequence number of the record, from 0 to 2⁶⁴ − 1: the highest one wins. */
  readonly sequence: bigint;
  /** Until when it is valid, in milliseconds since 1970. */
  readonly expires: number;
  /** How long others may answer with it before they look for a newer one, in milliseconds; `undefined` if it does not say. */
  readonly ttlMilliseconds: number | undefined;
  /** The content of {@link IpnsRecord.address}, if the record carries it. Do not change it. */
  readonly head: Uint8Array | undefined;
}

/** How long ago a record expired, in milliseconds; `undefined` if it is still valid. */
export function expiredFor(record: IpnsRecord, now: number = timeNow()): number | undefined {
  return record.expires < now ? now - record.expires : undefined;
}

/**
 * Orders records of one name, by sequence number, then by expiry (IPNS Record and Protocol, "Sequence", "Validity").
 *
 * @returns a positive number if the first one wins, a negative one if the second does
 */
export function compareRecords(one: IpnsRecord, other: IpnsRecord): number {
  if (one.sequence !== other.sequence) return one.sequence > other.sequence ? 1 : -1;
  return one.expires - other.expires;
}

/** Whether two records of one name have the same number and the same value. They may differ in their expiry. */
export function saysTheSame(one: IpnsRecord, other: IpnsRecord): boolean {
  return one.sequence === other.sequence && one.value === other.value;
}
