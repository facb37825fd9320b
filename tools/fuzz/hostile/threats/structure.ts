// What an implementation may forget to look at: the structure of a head that adds up all the same, whose log it is, and parts
// that are missing or of a wrong length: T2, T10, T16, T17, T26.

import {
  checkpointOrigin,
  formatCheckpoint,
  parseCheckpoint,
  parseSignedNote,
  signNote,
} from "../../../../packages/core/src/checkpoint/index.ts";
import { createGenesis } from "../../../../packages/core/src/log/genesis.ts";
import { decodeIndexNode } from "../../../../packages/core/src/wire/index-node-message.ts";
import { decodeRemoteLog, type WireLevel } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { leafOf, peakOf } from "../object-reads.ts";
import { addressBytes, bytes, field, hash, hex, numberField, type Parts } from "../parts.ts";
import { table } from "../refusals.ts";

const none = new Uint8Array(0);

/** Further fixtures of T2, T10, T16, T17 and T26. The log has one entry to a page, and two refs to a node. */
export async function structure(parts: Parts): Promise<readonly ThreatFile[]> {
  const { log, strangerKey, changed } = parts;
  const { logId } = log;
  const [, two, four, six] = log.heads as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const refused = (
    decode: string,
    context: object,
    name: string,
    why: string,
    input: Uint8Array,
  ): Fixture => ({
    ...{ name, why, decode, input: hex(input), with: context as Record<string, string> },
    ...{ expect: "refused", code: "ERR_MALFORMED" },
  });
  const head = (name: string, why: string, input: Uint8Array): Fixture =>
    refused("head", { logId }, name, why, input);
  const objectAt = (address: Uint8Array | undefined): Uint8Array => log.objects.get(textOf(address!))!;
  const textOf = (address: Uint8Array): string =>
    [...log.objects.keys()].find((text) => hexOf(addressBytes(log.objects.get(text)!)) === hexOf(address))!;

  const page = objectAt(decodeRemoteLog(two).levels[0]!.addresses[0]);
  const [pair] = decodeRemoteLog(page).pairs;
  const wireFour = decodeRemoteLog(four);
  const [low, high] = wireFour.levels as [WireLevel, WireLevel];
  const node = decodeIndexNode(objectAt(high.addresses[0]));
  const [lowest, highest] = decodeRemoteLog(six).levels as [WireLevel, WireLevel];
  const empty: WireLevel = { node: none, peaks: none, addresses: [], hashes: none };
  const top = peakOf(highest.hashes);
  const somewhere = addressBytes(none);

  const stranger = createGenesis({
    ...{ leafSize: 1, fanOut: 2, identifiers: "sha256", visibility: "public" },
    signingKey: strangerKey.publicKey,
  });
  const { root } = parseCheckpoint(parseSignedNote(decodeRemoteLog(six).checkpoint).text);
  const origin = checkpointOrigin(logId);
  const note = await signNote(formatCheckpoint({ origin, size: 6, root }), origin, strangerKey);

  const foreign = formatCheckpoint({ origin: checkpointOrigin(parts.other.logId), size: 6, root });
  const moved = await signNote(foreign, origin, parts.key);

  const unknown = Array.from({ length: 33 }, (_, i) => `p${i}=`).join("&");

  return [
    threat("T2", "", [
      head(
        "head-page-unrolled",
        "The newest page is in the head, with the entry after it: the sum is right.",
        changed(two, (wire) => ({ pairs: [...wire.pairs, pair!], levels: [], tail: none })),
      ),
      head(
        "head-level-unfolded",
        "The refs of a full node are in the level below it: the sum is right.",
        changed(four, () => ({
          levels: [
            {
              ...empty,
              addresses: [...node.addresses, ...low.addresses],
              hashes: Uint8Array.from([...node.hashes, ...low.hashes]),
            },
          ],
        })),
      ),
      head(
        "head-level-folded",
        "Two refs are one of a level above, where none should be: the sum is right.",
        changed(six, () => ({ levels: [lowest, empty, { ...empty, addresses: [somewhere], hashes: top }] })),
      ),
      head(
        "head-level-without-refs",
        "All refs of a level are in its node: the sum is right.",
        changed(six, () => ({ levels: [lowest, { ...empty, node: somewhere, peaks: top }] })),
      ),
      refused(
        "page",
        { leafSize: 1, hash: hexOf(leafOf(pair!.localHash)) },
        "page-with-a-genesis-record",
        "A page has no field of a head.",
        Uint8Array.from([...page, ...field(100, stranger.bytes)]),
      ),
    ]),
    threat("T10", "", [
      {
        ...head(
          "genesis-of-a-stranger",
          "The genesis record of a stranger, who has signed the same entries for this log.",
          changed(six, () => ({ genesis: stranger.bytes, checkpoint: bytes(note) })),
        ),
        code: "ERR_INTEGRITY",
      },
      {
        ...head(
          "origin-of-another-log-under-this-name",
          "A note that the right key has signed for another log, with the line of its signature made to fit this one.",
          changed(six, () => ({ checkpoint: bytes(moved) })),
        ),
        code: "ERR_INTEGRITY",
      },
    ]),
    threat("T16", "", [
      head(
        "head-that-points",
        "A head that is a pointer as well.",
        changed(six, () => ({ head: somewhere })),
      ),
    ]),
    threat("T17", "", [
      ...table("remote-log", [
        ["remote-id-of-15", "The id of a remote has 16 bytes.", hex(field(108, new Uint8Array(15)))],
        ["remote-id-empty", "The id of a remote has 16 bytes.", hex(field(108, none))],
      ]),
      ...table("genesis", [
        [
          "genesis-public-without-padding",
          "A public log pads nothing.",
          hex(
            numberField(1, 1),
            field(2, hash(1)),
            numberField(5, 1),
            numberField(6, 16),
            numberField(7, 128),
            [72, 1],
          ),
        ],
      ]),
      ...table("pairs", [
        ["pair-without-identifier", "A pair has an identifier.", hex(field(1, field(3, bytes("a"))))],
      ]),
    ]),
    threat("T26", "", [
      {
        ...{ name: "link-33-unknown-parameters", why: "A link has at most 32 parameters that are unknown." },
        ...{ decode: "link", input: { text: `rlog:${logId}?${unknown}` } },
        ...{ expect: "refused", code: "ERR_INVALID_INPUT" },
      },
    ]),
  ];
}
