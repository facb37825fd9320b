// Bundles that are not what the node says, and nodes that say of bundles what can't be: T2, T17, T26.

import { concatBytes } from "../../../../packages/core/src/bytes.ts";
import { sha256 } from "../../../../packages/core/src/crypto/sha256.ts";
import type { WireBundle } from "../../../../packages/core/src/wire/bundle-message.ts";
import {
  decodeRemoteLog,
  encodeRemoteLog,
  type WirePair,
} from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { joined } from "../../trees/bundle-pages.ts";
import { type BundledNode, bundledLog } from "../bundled-log.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { addressBytes, bytes, field, hex, numberField, opening, type Parts, repeated } from "../parts.ts";
import { table } from "../refusals.ts";

const none = new Uint8Array(0);

/** Fixtures of bundles and of nodes that name them. The log has one entry to a page, and a full node of eight pages. */
export async function bundles(parts: Parts): Promise<readonly ThreatFile[]> {
  const { levels, own, halves, older, newer, alone, bundleOf, nodeWith } = await bundledLog(parts);
  const peaks = [hexOf(levels[1]!.hashes)];
  const node = (name: string, why: string, change: Partial<BundledNode>): Fixture => ({
    ...{ name, why, decode: "node", input: hex(nodeWith(change)) },
    ...{ with: { count: 8, peaks }, expect: "refused", code: "ERR_MALFORMED" },
  });
  const first = (change: Partial<WireBundle>): Partial<BundledNode> => ({
    bundles: [bundleOf(0, change), bundleOf(1)],
  });

  const hashes = own.slice(0, 4).map(({ hash }) => hexOf(hash));
  const bundle = (name: string, why: string, content: Uint8Array, code?: string): Fixture => ({
    ...{ name, why, decode: "bundle", input: hex(content), with: { leafSize: 1, hashes } },
    ...(code === undefined ? { expect: "accepted" } : { expect: "refused", code }),
  });
  const [one, two, three, four] = halves[0] as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const wireOf = (part: Uint8Array): WirePair => decodeRemoteLog(part).pairs[0]!;
  const pairIn = (change: (pair: WirePair) => Uint8Array): Uint8Array =>
    joined([field(1, change(wireOf(one))), two, three, four]);
  const named = halves[0]!.map((part) => {
    const pair = wireOf(part);
    return pair.localHash.length > 0 ? part : pairsOf([{ ...pair, localHash: sha256(pair.data) }]);
  });

  return [
    threat("T2", "", [
      node("bundle-of-three-pages", "A bundle has 2, 4, 8 … pages.", first({ lengths: [1, 1, 1] })),
      node("bundle-of-one-page", "A bundle has at least two pages.", first({ lengths: [1] })),
      node("bundle-of-no-page", "A bundle has at least two pages.", first({ lengths: [] })),
      node("bundle-not-aligned", "A bundle begins at a multiple of its pages.", {
        addresses: alone,
        ...{ bundles: [bundleOf(0, { first: 2 })] },
      }),
      node("bundles-overlap", "Two bundles have the same pages.", {
        bundles: [bundleOf(0), bundleOf(0), bundleOf(1)],
      }),
      node("bundles-in-reverse", "Bundles are in ascending order.", { bundles: [bundleOf(1), bundleOf(0)] }),
      node("bundle-past-the-refs", "All pages of a bundle have their refs in its node.", {
        bundles: [bundleOf(0), bundleOf(1), bundleOf(1, { first: 8 })],
      }),
      node("bundle-across-nodes", "All pages of a bundle have their refs in its node.", {
        bundles: [bundleOf(0, { lengths: Array<number>(16).fill(1) })],
      }),
      node("bundle-without-ref", "A ref without address is that of a page in a bundle.", {
        bundles: [bundleOf(0)],
      }),
      node("bundle-repeated-in-a-ref", "No ref has the address of its bundle.", {
        addresses: [addressBytes(older), ...alone.slice(1)],
      }),
      node("bundle-without-address", "A bundle has an address.", {
        bundles: [Uint8Array.from([...field(3, [1, 1, 1, 1])]), bundleOf(1)],
      }),
      node("bundle-without-a-cid", "The address of a bundle is a CID.", {
        bundles: [Uint8Array.from([...field(2, bytes("somewhere")), ...field(3, [1, 1, 1, 1])]), bundleOf(1)],
      }),
      {
        ...{ name: "bundle-lengths-untrue", why: "Nothing signs the lengths: any will do." },
        ...{ decode: "node", input: hex(nodeWith(first({ lengths: [0, 1, 2 ** 53 - 1, 7] }))) },
        ...{ with: { count: 8, peaks }, expect: "accepted" },
      },
      bundle("bundle-as-it-is", "The pages of the bundle, with what follows left out.", older),
      bundle(
        "bundle-with-identifiers",
        "Identifiers that follow from the content may be there.",
        joined(named),
      ),
      bundle("bundle-a-page-less", "A bundle has all its pages.", joined([one, two, three]), "ERR_MALFORMED"),
      bundle(
        "bundle-a-page-more",
        "A bundle has no other pages.",
        joined([one, two, three, four, four]),
        "ERR_MALFORMED",
      ),
      bundle(
        "bundle-oldest-first",
        "The newest page comes first.",
        joined([four, three, two, one]),
        "ERR_INTEGRITY",
      ),
      bundle(
        "bundle-a-page-twice",
        "A page in the place of another.",
        joined([one, two, two, four]),
        "ERR_INTEGRITY",
      ),
      bundle(
        "bundle-with-another-content",
        "A content that nobody signed, whose identifier fits.",
        joined([pairsOf([{ ...wireOf(one), data: bytes("bundled X") }]), two, three, four]),
        "ERR_INTEGRITY",
      ),
      bundle(
        "bundle-pointer-without-identifier",
        "Only of an embedded content the identifier may be left out.",
        pairIn(({ data }) => field(1, addressBytes(data))),
        "ERR_MALFORMED",
      ),
      bundle(
        "bundle-removed-without-identifier",
        "Only of an embedded content the identifier may be left out.",
        pairIn(({ data }) => field(100, sha256(data))),
        "ERR_MALFORMED",
      ),
      bundle(
        "bundle-with-a-genesis-record",
        "A bundle has no field of a head.",
        concatBytes([older, field(100, bytes("g"))]),
        "ERR_MALFORMED",
      ),
    ]),
    threat("T17", "", [
      ...table("bundle-message", [
        ["bundle-empty", "A bundle has an address.", hex()],
        [
          "bundle-lengths-cut-short",
          "A number is cut short.",
          hex(field(2, addressBytes(older)), field(3, [1, 0x80])),
        ],
        [
          "bundle-lengths-padded",
          "A number is not in its shortest form.",
          hex(field(2, addressBytes(older)), field(3, [0x81, 0, 1])),
        ],
        [
          "bundle-length-of-2^53",
          "A number is too large.",
          hex(field(2, addressBytes(older)), field(3, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 1])),
        ],
        [
          "bundle-first-of-2^32",
          "A number is too large.",
          hex(numberField(1, 2 ** 32), field(2, addressBytes(older))),
        ],
        [
          "bundle-two-addresses",
          "A field is there twice.",
          hex(field(2, addressBytes(older)), field(2, addressBytes(newer)), field(3, [1, 1])),
        ],
        [
          "bundle-lengths-as-numbers",
          "A field has another wire type.",
          hex(field(2, addressBytes(older)), numberField(3, 1)),
        ],
        [
          "bundle-address-of-129",
          "An address has at most 128 bytes.",
          hex(field(2, new Uint8Array(129)), field(3, [1, 1])),
        ],
        [
          "bundle-address-past-the-end",
          "A length goes past the end.",
          hex(opening(2, 2 ** 31), addressBytes(older)),
        ],
      ]),
      bundle(
        "bundle-identifier-empty",
        "An identifier that is left out is not written.",
        pairIn(({ data }) => Uint8Array.from([...field(2, none), ...field(3, data)])),
        "ERR_MALFORMED",
      ),
    ]),
    threat("T26", "", [
      ...table("bundle-message", [
        [
          "bundle-257-lengths",
          "A node has at most 256 refs.",
          hex(field(2, addressBytes(older)), field(3, new Uint8Array(257).fill(1))),
        ],
      ]),
      ...table("index-node", [
        ["node-257-bundles", "A node has at most 256 refs.", repeated([field(3, [8, 1]), 257])],
      ]),
    ]),
  ];
}

function pairsOf(pairs: readonly WirePair[]): Uint8Array {
  return encodeRemoteLog({ pairs, tail: none, genesis: none, checkpoint: none, levels: [], head: none });
}
