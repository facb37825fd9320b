// Makes and signs a record (IPNS Record and Protocol, "Record Creation").

import type { Address } from "@remote-log/core";
import { encodeUtf8 } from "@remote-log/core/adapter";
import { decode, encode } from "cborg";
import { createIPNSRecord, type IPNSRecord, marshalIPNSRecord } from "ipns";
import { LARGEST_RECORD } from "./ipns-record.ts";
import { HEAD_FIELD } from "./read-record.ts";

/** The private key of a name. */
export type NamePrivateKey = Parameters<typeof createIPNSRecord>[0];

/** What a record is to say. */
export interface RecordContent {
  /** The address of the head. */
  readonly address: Address;
  /** The head itself: the record carries it if there is room. */
  readonly head: Uint8Array;
  /** The sequence number. */
  readonly sequence: bigint;
  /** How long the record is valid from now, in milliseconds. */
  readonly lifetimeMilliseconds: number;
  /** How long others may answer with it before they look for a newer one, in milliseconds. */
  readonly ttlMilliseconds: number;
}

const SIGNED_PREFIX: Uint8Array = encodeUtf8("ipns-signature:");

/**
 * Makes a record that points at `/ipfs/<address>`, and signs it. It carries the head in its signed data if the record has at
 * most 10 KiB then, so that a reader needs no second request.
 *
 * It has a signature of version 2 only. Version 1, which nodes no longer look at, signs less and repeats every field: 176
 * bytes more, which are better spent on the head.
 */
export async function signRecord(key: NamePrivateKey, content: RecordContent): Promise<Uint8Array> {
  const { address, head, sequence, lifetimeMilliseconds, ttlMilliseconds } = content;
  const options = { ttlNs: BigInt(ttlMilliseconds) * 1_000_000n, v1Compatible: false } as const;
  const record = await createIPNSRecord(key, `/ipfs/${address}`, sequence, lifetimeMilliseconds, options);
  return (await withHead(key, record, head)) ?? marshalIPNSRecord(record);
}

async function withHead(
  key: NamePrivateKey,
  record: IPNSRecord,
  head: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (head.length >= LARGEST_RECORD) return undefined;
  // The fields have to be in the order of DAG-CBOR. This encoder uses that order.
  const data = encode({ ...decode(record.data), [HEAD_FIELD]: head });
  const signed = new Uint8Array(SIGNED_PREFIX.length + data.length);
  signed.set(SIGNED_PREFIX);
  signed.set(data, SIGNED_PREFIX.length);
  const signatureV2 = await key.sign(signed);
  const bytes = marshalIPNSRecord({ ...record, data, signatureV2 });
  return bytes.length <= LARGEST_RECORD ? bytes : undefined;
}
