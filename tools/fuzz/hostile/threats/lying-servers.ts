// T27: servers that lie to writers, and to readers of names.

import { concatBytes } from "../../../../packages/core/src/bytes.ts";
import { parseSignedNote } from "../../../../packages/core/src/checkpoint/index.ts";
import {
  deriveKeys,
  type SigningKey,
  signingKeyFromSeed,
} from "../../../../packages/core/src/crypto/index.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { IpnsName } from "../../../../packages/ipfs/src/record/ipns-name.ts";
import { contentChunk } from "../../../../packages/swarm/src/chunk/content-chunk.ts";
import { ethereumAddress } from "../../../../packages/swarm/src/chunk/ethereum.ts";
import { ownerChunk } from "../../../../packages/swarm/src/chunk/owner-chunk.ts";
import { hexOf } from "../../decoder.ts";
import { feedKey, nameSeed } from "../../decoders/adapters.ts";
import { type Context, type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { addressText, bytes, field, hash, hex, numberField, type Parts } from "../parts.ts";
import { texts } from "./outside.ts";

/** A CBOR map of keys and encoded values. */
function cbor(entries: readonly (readonly [string, readonly number[]])[]): Uint8Array {
  return Uint8Array.from([
    0xa0 + entries.length,
    ...entries.flatMap(([name, value]) => [0x60 + name.length, ...bytes(name), ...value]),
  ]);
}

const cborBytes = (text: string): number[] => {
  const held = bytes(text);
  return held.length < 24 ? [0x40 + held.length, ...held] : [0x58, held.length, ...held];
};

/** A record of a name, valid until 2100, with any fields. */
async function record(
  key: SigningKey,
  value: string,
  change: (fields: Record<string, readonly number[]>) => void = () => undefined,
): Promise<Uint8Array> {
  const fields: Record<string, readonly number[]> = {
    TTL: [0x00],
    Value: cborBytes(value),
    Sequence: [0x07],
    Validity: cborBytes("2100-01-01T00:00:00Z"),
    ValidityType: [0x00],
  };
  change(fields);
  const data = cbor(Object.entries(fields));
  const signature = await key.sign(concatBytes([bytes("ipns-signature:"), data]));
  return concatBytes([field(8, signature), field(9, data)]);
}

/** Fixtures of T27. */
export async function lyingServers({
  log,

  strangerKey,
}: Parts): Promise<readonly ThreatFile[]> {
  const head = log.heads[0]!;

  const note = new TextDecoder().decode(decodeRemoteLog(head).checkpoint);
  const {
    signatures: [_own],
  } = parseSignedNote(note);

  const flip = (signature: Uint8Array, at: number, mask: number): Uint8Array => {
    const copy = signature.slice();
    copy[at]! ^= mask;
    return copy;
  };

  const nameKey = await signingKeyFromSeed(nameSeed);
  const name = IpnsName.fromPublicKey(nameKey.publicKey);
  const value = `/ipfs/${addressText(head)}`;
  const right = await record(nameKey, value);
  const ipns = (title: string, why: string, input: Uint8Array, code: string): Fixture => ({
    name: `ipns-${title}`,
    why,
    decode: "ipns-record",
    input: hex(input),
    with: { name: name.text },
    expect: "refused",
    code,
  });

  const owner = ethereumAddress(feedKey);
  const id = hash(0x70);
  const chunk = contentChunk(bytes("a head"));
  const made = ownerChunk({ key: feedKey, id, chunk });
  const place: Context = { id: hexOf(id), owner: hexOf(owner) };
  const swarm = (title: string, why: string, input: Uint8Array): Fixture => ({
    name: `swarm-${title}`,
    why,
    decode: "owner-chunk",
    input: hex(input),
    with: place,
    expect: "refused",
    code: "ERR_INTEGRITY",
  });
  const stranger = ownerChunk({ key: deriveKeys(hash(1)).swarm, id, chunk });
  const small = { address: hexOf(chunk.address) };

  return [
    threat("T27", "Servers that lie to writers and readers of names", [
      {
        name: "ipns-as-signed",
        why: "A record as the key of the name has signed it.",
        decode: "ipns-record",
        input: hex(right),
        with: { name: name.text },
        expect: "accepted",
        means: `7 ${value}`,
      },
      ipns(
        "stranger",
        "A record that a stranger has signed.",
        await record(strangerKey, value),
        "ERR_INTEGRITY",
      ),
      ipns(
        "flipped",
        "A record with a flipped bit in its data.",
        flip(right, right.length - 1, 1),
        "ERR_INTEGRITY",
      ),
      ipns("cut-short", "A record that lacks its last byte.", right.slice(0, -1), "ERR_INTEGRITY"),
      ipns("empty", "A record without bytes.", new Uint8Array(0), "ERR_INTEGRITY"),
      ipns("unsigned", "The data without the signature.", right.slice(66), "ERR_INTEGRITY"),
      ipns("html", "A page of HTML in the place of a record.", bytes("<html>"), "ERR_UNREACHABLE"),
      ipns(
        "expiry-never",
        "A signed record with a time that is none.",
        await record(nameKey, value, (fields) => {
          fields["Validity"] = cborBytes("never");
        }),
        "ERR_MALFORMED",
      ),
      ipns(
        "sequence-text",
        "A signed record with a text as its number.",
        await record(nameKey, value, (fields) => {
          fields["Sequence"] = [0x61, 0x37];
        }),
        "ERR_MALFORMED",
      ),
      {
        name: "ipns-number-outside",
        why: "A number beside the signed data that differs from the signed one: the signed one counts.",
        decode: "ipns-record",
        input: hex(right, numberField(5, 9)),
        with: { name: name.text },
        expect: "accepted",
        means: `7 ${value}`,
      },
      ipns(
        "proto",
        "A signed record with a field `__proto__`.",
        await record(nameKey, value, (fields) => {
          Object.defineProperty(fields, "__proto__", { value: [0xa0], enumerable: true });
          delete fields["Validity"];
        }),
        "ERR_INTEGRITY",
      ),
      ...texts("ipns-name", [
        [
          "ipns-name-rsa",
          "The name of an RSA key.",
          "QmcJYkCKK7QPmYWjp4FD2e3Lv5WCGFuHNUByvGKBaytif4",
          { code: "ERR_INVALID_INPUT" },
        ],
        ["ipns-name-host", "A host name.", "example.org", { code: "ERR_INVALID_INPUT" }],
        [
          "ipns-name-long",
          "A text of 101 characters, in quadratic base36.",
          `k${"z".repeat(100)}`,
          { code: "ERR_INVALID_INPUT" },
        ],
      ]),
      {
        name: "swarm-as-signed",
        why: "A single-owner chunk as its owner has signed it.",
        decode: "owner-chunk",
        input: hex(made.data),
        with: place,
        expect: "accepted",
        means: hexOf(chunk.address),
      },
      swarm("stranger", "A single-owner chunk that a stranger has signed.", stranger.data),
      swarm(
        "other-id",
        "A single-owner chunk under another id.",
        ownerChunk({ key: feedKey, id: hash(1), chunk }).data,
      ),
      swarm(
        "id-exchanged",
        "The right id over a signature for another one.",
        concatBytes([id, ownerChunk({ key: feedKey, id: hash(1), chunk }).data.subarray(32)]),
      ),
      swarm(
        "other-content",
        "Another content under the signature.",
        concatBytes([made.data.slice(0, 97), contentChunk(bytes("a lie.")).data]),
      ),
      swarm("other-span", "Another length under the signature.", flip(made.data, 97, 1)),
      swarm("flipped-signature", "A flipped bit in the signature.", flip(made.data, 33, 1)),
      swarm("recovery-byte-0", "A recovery byte that is none.", flip(made.data, 96, 27)),
      swarm("cut-short", "A chunk that ends in its signature.", made.data.slice(0, 90)),
      {
        name: "swarm-zeros-added",
        why: "Zeros after the payload, which no address covers: the same chunk.",
        decode: "owner-chunk",
        input: hex(made.data, [0, 0]),
        with: place,
        expect: "accepted",
        means: hexOf(chunk.address),
      },
      {
        name: "swarm-chunk-flipped",
        why: "A chunk with a flipped bit.",
        decode: "chunk",
        input: hex(flip(chunk.data, 9, 1)),
        with: small,
        expect: "refused",
        code: "ERR_INTEGRITY",
      },
      {
        name: "swarm-chunk-of-7",
        why: "A chunk that is shorter than its span.",
        decode: "chunk",
        input: hex(chunk.data.slice(0, 7)),
        with: small,
        expect: "refused",
        code: "ERR_INTEGRITY",
      },
      ...texts("message-text", [
        [
          "message-terminal",
          "A service answers with an escape sequence for a terminal.",
          "\u001b[2Jgone",
          { means: " [2Jgone" },
        ],
        [
          "message-c1",
          "A service answers with a control character of eight bits.",
          "a\u009b2Jb",
          { means: "a 2Jb" },
        ],
        [
          "message-right-to-left",
          "A service answers with a bidirectional override.",
          "a\u202eb",
          { means: "a b" },
        ],
        ["message-lines", "A service answers with several lines.", "a\r\nb", { means: "a b" }],
        [
          "message-long",
          "A service answers with a long text.",
          "ab ".repeat(101),
          { means: `${"ab ".repeat(99)}ab\u2026` },
        ],
      ]),
      ...texts("s3-list", [
        [
          "list-foreign-key",
          "A list with keys that are no contents.",
          "<ListBucketResult><Key>contents/../x</Key><Key>names/x</Key></ListBucketResult>",
          { means: "" },
        ],
        [
          "list-upper-case-key",
          "A list with a key in upper case.",
          `<ListBucketResult><Key>contents/${"A".repeat(64)}</Key></ListBucketResult>`,
          { means: "" },
        ],
        [
          "list-entity-too-large",
          "A list with a character that does not exist.",
          "<ListBucketResult><Key>&#x110000;&#99999999999;</Key></ListBucketResult>",
          { means: "" },
        ],
        [
          "list-html",
          "A page of HTML in the place of a list.",
          "<html><Key>contents/x</Key></html>",
          { means: "" },
        ],
      ]),
    ]),
  ];
}
