import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { type Address, addressOf, rawSha256 } from "@remote-log/core";
import * as cborg from "cborg";
import { createIPNSRecord, marshalIPNSRecord } from "ipns";
import { IpnsName } from "../src/record/ipns-name.ts";
import { type RecordContent, signRecord } from "../src/record/sign-record.ts";

/** An hour, in milliseconds. */
export const HOUR = 3_600_000;

/** The key that a number stands for, and its name. */
export async function keyOf(number = 1) {
  const seed = new Uint8Array(32).fill(number);
  const key = await generateKeyPairFromSeed("Ed25519", seed);
  return { seed, key, name: IpnsName.fromPublicKey(key.publicKey.raw) };
}

/** A key of {@link keyOf}. */
export type Key = Awaited<ReturnType<typeof keyOf>>;

/** Where a content is found. */
export async function addressFor(content: Uint8Array): Promise<Address> {
  return addressOf(content, rawSha256);
}

/** Signs a record as the adapter does it. */
export async function record(
  { key }: Pick<Key, "key">,
  head: Uint8Array,
  rest: Partial<RecordContent> = {},
): Promise<Uint8Array> {
  const address = await addressFor(head);
  const times = { lifetimeMilliseconds: HOUR, ttlMilliseconds: 60_000 };
  return signRecord(key, { address, head, sequence: 0n, ...times, ...rest });
}

/** Signs a record as others do it: Kubo and Helia with both signatures, for any value. */
export async function foreignRecord(
  { key }: Pick<Key, "key">,
  value: string,
  { sequence = 0n, lifetime = HOUR, v1Compatible = true } = {},
): Promise<Uint8Array> {
  return marshalIPNSRecord(await createIPNSRecord(key, value, sequence, lifetime, { v1Compatible }));
}

/** Signs whatever fields one likes, in place of those of a good record. */
export async function signedFields(
  { key }: Pick<Key, "key">,
  head: Uint8Array,
  change: Readonly<Record<string, unknown>>,
): Promise<Uint8Array> {
  const value = `/ipfs/${await addressFor(head)}`;
  const good = await createIPNSRecord(key, value, 0n, HOUR, { v1Compatible: false });
  const data = cborg.encode({ ...(cborg.decode(good.data) as object), ...change });
  const prefix = new TextEncoder().encode("ipns-signature:");
  const signatureV2 = await key.sign(Uint8Array.from([...prefix, ...data]));
  return marshalIPNSRecord({ ...good, data, signatureV2 });
}
