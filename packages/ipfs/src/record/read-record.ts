// Reads and verifies a record from anybody (IPNS Record and Protocol, "Record Verification").

import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import {
  Address,
  addressOf,
  IntegrityError,
  MalformedError,
  rawSha256,
  TooLargeError,
} from "@remote-log/core";
import { bytesEqual, encodeUtf8, isWebPage, webPageCame } from "@remote-log/core/adapter";
import { decode } from "cborg";
import { type IPNSRecord, marshalIPNSRecord, unmarshalIPNSRecord } from "ipns";
import { validate } from "ipns/validator";
import type { IpnsName } from "./ipns-name.ts";
import { type IpnsRecord, LARGEST_RECORD } from "./ipns-record.ts";

/**
 * The field of a record's signed data that carries the head. Custom fields begin with `_` (IPNS Record and Protocol,
 * "Extensible Data"). It is flat and holds bytes, because Kubo's own interface for such fields asks for that.
 */
export const HEAD_FIELD = "_remote-log_head";

/** The largest sequence number that a record can have. */
const LARGEST_SEQUENCE = 2n ** 64n - 1n;

/** RFC 3339; years of four digits. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads a record from any source, and verifies that the key of a name has signed it. An expired record is no error: see
 * `expiredFor`.
 *
 * @param bytes - the record; copied
 * @throws TooLargeError `ERR_TOO_LARGE` over `LARGEST_RECORD`, before anything of it is read
 * @throws IntegrityError `ERR_INTEGRITY` if the key of the name did not sign it: corrupt, cut short, forged, of another
 * name, or no record at all
 * @throws MalformedError `ERR_MALFORMED` if it is signed, but has no sequence number or no time of expiry
 *
 * @example
 * ```ts
 * import { IpnsName, readRecord } from "@remote-log/ipfs";
 *
 * async function sequenceOf(bytes: Uint8Array, name: string): Promise<bigint> {
 *   const record = await readRecord(bytes, IpnsName.fromText(name));
 *   return record.sequence;
 * }
 * ```
 */
export async function readRecord(bytes: Uint8Array, name: IpnsName): Promise<IpnsRecord> {
  if (bytes.length > LARGEST_RECORD) throw tooLarge(bytes.length, name);
  if (isWebPage(bytes)) throw webPageCame("ipns.read", `a record of the name ${name}`);
  const copy = new Uint8Array(bytes);
  await checkSignature(copy, name);
  const record = unmarshalIPNSRecord(copy);
  const { value, sequence, validity, ttl, data } = record;
  if (typeof sequence !== "bigint" || sequence < 0n || sequence > LARGEST_SEQUENCE) {
    throw malformed(name, "it has no valid sequence number");
  }
  const address = addressIn(value);
  const head = address === undefined ? undefined : await headIn(data, address);
  const ttlMilliseconds = typeof ttl === "bigint" && ttl >= 0n ? Number(ttl / 1_000_000n) : undefined;
  return {
    bytes: await withoutExtras(copy, record, name),
    name,
    value,
    address,
    sequence,
    expires: timeIn(validity, name),
    ttlMilliseconds,
    head,
  };
}

// The library checks the expiry last, by its own reading of the time: that one is ignored here.
async function checkSignature(bytes: Uint8Array, name: IpnsName): Promise<void> {
  try {
    await validate(publicKeyFromRaw(name.publicKey), bytes);
  } catch (error) {
    if (error instanceof Error && error.name === "RecordExpiredError") return;
    throw new IntegrityError(
      `What should be a record of the name ${name} is not signed by its key: corrupt, forged, of another name, or no ` +
        "record at all. Nothing of it was used.",
      { operation: "ipns.read", cause: error },
    );
  }
}

// Signed data has one form. Whoever passes a record on can add fields around it that are neither signed nor looked at. Nodes
// take the result for another record of the same number, and refuse it.
async function withoutExtras(bytes: Uint8Array, record: IPNSRecord, name: IpnsName): Promise<Uint8Array> {
  // The name holds the key. A key beside it is not signed, and nodes refuse a record with a wrong one.
  const { pubKey: _, signatureV2, data, ...rest } = record;
  const keepsOlder = "signatureV1" in rest && (await isOlderSignature(rest.signatureV1, data, name));
  const plain = marshalIPNSRecord({ ...(keepsOlder ? rest : {}), signatureV2, data } as IPNSRecord);
  if (bytesEqual(plain, bytes)) return bytes;
  return checkSignature(plain, name).then(
    () => plain,
    // The library has normalized a value, and the signature of version 1 covers the value as it was.
    () => bytes,
  );
}

/** Whether the key of the name made a signature of version 1. Nobody needs it any more, so no check of a node finds it wrong. */
async function isOlderSignature(signature: Uint8Array, data: Uint8Array, name: IpnsName): Promise<boolean> {
  const { Value: value, Validity: validity } = decode(data) as Readonly<Record<string, unknown>>;
  if (!(value instanceof Uint8Array && validity instanceof Uint8Array)) return false;
  const signed = Uint8Array.from([...value, ...validity, ...encodeUtf8("EOL")]);
  try {
    return await publicKeyFromRaw(name.publicKey).verify(signed, signature);
  } catch {
    return false; // Of another length than signatures have.
  }
}

function addressIn(value: string): Address | undefined {
  if (!value.startsWith("/ipfs/b")) return undefined;
  try {
    const address = Address.fromString(value.slice("/ipfs/".length));
    const { codec, hash, digest } = address;
    const isHead =
      codec === rawSha256.codec && hash === rawSha256.hash && digest.length === rawSha256.digestBytes;
    return isHead ? address : undefined;
  } catch {
    return undefined;
  }
}

// Even a signed head has to be the content of the address: others read the block by that address.
async function headIn(data: Uint8Array, address: Address): Promise<Uint8Array | undefined> {
  const fields = decode(data) as Readonly<Record<string, unknown>>;
  const head = Object.hasOwn(fields, HEAD_FIELD) ? fields[HEAD_FIELD] : undefined;
  if (!(head instanceof Uint8Array)) return undefined;
  return (await addressOf(head, rawSha256)).equals(address) ? new Uint8Array(head) : undefined;
}

function timeIn(validity: string, name: IpnsName): number {
  // Not every runtime parses more digits than those of milliseconds.
  const time = TIME.test(validity) ? Date.parse(validity.replace(TIME, "$1$2$3")) : Number.NaN;
  if (Number.isNaN(time)) throw malformed(name, "it has no valid time of expiry");
  return time;
}

function malformed(name: IpnsName, why: string, cause?: unknown): MalformedError {
  return new MalformedError(`A record of the name ${name} can't be read: ${why}. Nothing of it was used.`, {
    operation: "ipns.read",
    cause,
  });
}

function tooLarge(bytes: number, name: IpnsName): TooLargeError {
  return new TooLargeError(
    `A record of the name ${name} has ${bytes} bytes, and the limit is ${LARGEST_RECORD}. It was not read.`,
    { operation: "ipns.read", limit: LARGEST_RECORD },
  );
}
