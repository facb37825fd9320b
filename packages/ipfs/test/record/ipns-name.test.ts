import { publicKeyToProtobuf } from "@libp2p/crypto/keys";
import { bytes, randomBytes } from "@remote-log/test-kit";
import { base32 } from "multiformats/bases/base32";
import { base36 } from "multiformats/bases/base36";
import { base58btc } from "multiformats/bases/base58";
import { CID } from "multiformats/cid";
import { identity } from "multiformats/hashes/identity";
import { expect, test } from "vitest";
import { IpnsName } from "../../src/record/ipns-name.ts";
import { keyOf } from "../records.ts";

const { key, name } = await keyOf(1);
const digest = identity.digest(publicKeyToProtobuf(key.publicKey));
const cid = CID.createV1(0x72, digest);
const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "ipns.name" });

test("a name is the key of libp2p as a CID, and its records are kept under its multihash", () => {
  expect(name.text).toBe(cid.toString(base36));
  expect(name.text).toMatch(/^k51qzi5uqu5d/);
  expect(`${name}`).toBe(name.text);
  expect(name.publicKey).toEqual(key.publicKey.raw);
  expect(name.routingKey).toEqual(Uint8Array.from([...bytes("/ipns/"), ...digest.bytes]));
});

const forms = {
  base36: cid.toString(base36),
  base32: cid.toString(base32),
  base58: cid.toString(base58btc),
  "a peer id": base58btc.encode(digest.bytes).slice(1),
  "a peer id with its base": base58btc.encode(digest.bytes),
  "a multihash in base36": base36.encode(digest.bytes),
};

test.each(Object.entries(forms))("the name is read in %s, with and without /ipns/", (_, text) => {
  for (const one of [text, `/ipns/${text}`]) expect(IpnsName.fromText(one).equals(name)).toBe(true);
});

test("/ipns/ stands at the beginning, and once", () => {
  const { text } = name;
  for (const one of [`x/ipns/${text}`, `${text.slice(0, 9)}/ipns/${text.slice(9)}`, `/ipns//ipns/${text}`]) {
    expect(() => IpnsName.fromText(one)).toThrow(refused);
  }
});

/** The multihash with another byte at a place. */
function changed(source: Uint8Array, at: number): Uint8Array {
  const copy = source.slice();
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

test.each<readonly [string, Uint8Array]>([
  ...Array.from(
    { length: 6 },
    (_, at) => [`byte ${at} of the multihash is another`, changed(digest.bytes, at)] as const,
  ),
  ["the version is another", changed(cid.bytes, 0)],
  ["the codec is another", changed(cid.bytes, 1)],
  ["a byte is missing", digest.bytes.subarray(0, -1)],
  ["there is a byte more", Uint8Array.of(...digest.bytes, 0)],
  ["there is nothing", new Uint8Array(0)],
  ["there is a key alone", key.publicKey.raw],
  ["there is the prefix alone", digest.bytes.subarray(0, 6)],
])("if %s, it is no name of an Ed25519 key", (_, encoded) => {
  for (const text of [base36.encode(encoded), base32.encode(encoded), base58btc.encode(encoded)]) {
    expect(() => IpnsName.fromText(text)).toThrow(refused);
  }
});

test("a text that is not in its base is refused, and one over 100 characters is not looked at", () => {
  for (const text of ["", "k!", "b1", "0", "z0", name.text.toUpperCase()]) {
    expect(() => IpnsName.fromText(text)).toThrow(refused);
  }
  expect(() => IpnsName.fromText("k".repeat(100))).toThrow("not the name of an Ed25519 key");
  expect(() => IpnsName.fromText("k".repeat(101))).toThrow("it has 101 characters");
});

test("a public key has 32 bytes, and is copied", () => {
  for (const length of [0, 31, 33])
    expect(() => IpnsName.fromPublicKey(new Uint8Array(length))).toThrow(refused);
  const given = randomBytes(32);
  const made = IpnsName.fromPublicKey(given);
  const before = made.publicKey.slice();
  given.fill(0);
  expect(made.publicKey).toEqual(before);
});
