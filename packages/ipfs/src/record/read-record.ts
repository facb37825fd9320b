import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import {
  Address,
  addressOf,
  IntegrityError,
  MalformedError,
  rawSha256,
  TooLargeError,
} from "@remote-log/core";
import { bytesEqual } from "@remote-log/core/adapter";
import { decode } from "cborg";
import { type IPNSRecord, marshalIPNSRecord, unmarshalIPNSRecord } from "ipns";
import { validate } from "ipns/validator";
import { LARGEST_RECORD } from "../routes/route.ts";
import type { IpnsName } from "./ipns-name.ts";
import type { IpnsRecord } from "./ipns-record.ts";

/**
 * The field of a record's signed data that carries the head. The specification of IPNS has custom fields begin with `_`;
 * that it is flat, and holds bytes, is what Kubo's own interface for such fields asks for.
 */
export const HEAD_FIELD = "_remote-log_head";

/** The largest sequence number that a record can have. */
const LARGEST_SEQUENCE = 2n ** 64n - 1n;

/** RFC 3339; years of four digits. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads a record, from whomever it comes, and checks that the key of a name has signed it. That it has expired is no
 * error: see `expiredFor`.
 *
 * @param bytes - the record; copied
 * @throws TooLargeError `ERR_TOO_LARGE` over {@link LARGEST_RECORD}, before anything of it is read
 * @throws IntegrityError `ERR_INTEGRITY` where the key of the name did not sign it: corrupt, cut short, forged, of another
 * name, or no record at all
 * @throws MalformedError `ERR_MALFORMED` where it is signed, and says nothing that makes sense
 */
export async function readRecord(bytes: Uint8Array, name: IpnsName): Promise<IpnsRecord> {
  if (bytes.length > LARGEST_RECORD) throw tooLarge(bytes.length, name);
  const copy = new Uint8Array(bytes);
  await checkSignature(copy, name);
  const record = unmarshalIPNSRecord(copy);
  const { value, sequence, validity, ttl, data } = record;
  if (typeof sequence !== "bigint" || sequence < 0n || sequence > LARGEST_SEQUENCE) {
    throw malformed(name, "its sequence number is none");
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

// The library checks the expiry last, against its own idea of a time that it could not read.
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

// What is signed has one form. Around it, whoever passes a record on can put what is neither signed nor looked at: nodes
// take that for another record of the same number, and refuse it.
async function withoutExtras(bytes: Uint8Array, record: IPNSRecord, name: IpnsName): Promise<Uint8Array> {
  // The name is the key. Another one beside it is not signed either, and nodes refuse the record for it.
  const { pubKey: _, ...rest } = record;
  const plain = marshalIPNSRecord(rest);
  if (bytesEqual(plain, bytes)) return bytes;
  return checkSignature(plain, name).then(
    () => plain,
    // The library has put a value into its usual form, and the older signature is about the unusual one.
    () => bytes,
  );
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

// It is signed, and still has to be the content of the address: whoever asks for the block gets that.
async function headIn(data: Uint8Array, address: Address): Promise<Uint8Array | undefined> {
  const fields = decode(data) as Readonly<Record<string, unknown>>;
  const head = Object.hasOwn(fields, HEAD_FIELD) ? fields[HEAD_FIELD] : undefined;
  if (!(head instanceof Uint8Array)) return undefined;
  return (await addressOf(head, rawSha256)).equals(address) ? new Uint8Array(head) : undefined;
}

function timeIn(validity: string, name: IpnsName): number {
  // Not every runtime reads more than milliseconds.
  const time = TIME.test(validity) ? Date.parse(validity.replace(TIME, "$1$2$3")) : Number.NaN;
  if (Number.isNaN(time)) throw malformed(name, "the time when it expires is none");
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
    `A record of the name ${name} has ${bytes} bytes, and none has more than ${LARGEST_RECORD}. It was not read.`,
    { operation: "ipns.read", limit: LARGEST_RECORD },
  );
}
