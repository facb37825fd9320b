// T13 to T16: too many bytes, compressed data, circles.

import { gzipSync } from "node:zlib";
import { Address } from "../../../../packages/core/src/address/address.ts";
import { concatBytes } from "../../../../packages/core/src/bytes.ts";
import { encodeHeadPointer } from "../../../../packages/core/src/log/head.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { addressBytes, addressText, cid, field, hash, hex, opening, type Parts, repeated } from "../parts.ts";
import { table } from "../refusals.ts";

const many = (count: number, part: Uint8Array): Uint8Array =>
  concatBytes(Array.from({ length: count }, () => part));

/** Fixtures of T13 to T16. */
export function sizes(parts: Parts): readonly ThreatFile[] {
  const { log, changed } = parts;
  const { logId } = log;
  const head = log.heads.at(-1)!;
  const first = log.heads[0]!;

  const pointer = encodeHeadPointer(Address.fromBytes(addressBytes(head)));

  const at = (content: Uint8Array): Readonly<Record<string, string>> => ({
    [addressText(content)]: hexOf(content),
  });
  const reads = (
    name: string,
    why: string,
    shown: Uint8Array,
    objects: Readonly<Record<string, string>>,
    code: string,
    limits?: Readonly<Record<string, number>>,
  ): Fixture => ({
    name,
    why,
    read: {
      logId,
      ...(limits && { limits }),
      objects: [objects],
      steps: [{ heads: [hexOf(shown)], delivers: [], code }],
    },
  });

  return [
    threat("T13", "More than a reader takes", [
      reads("head-over-limit", "A head one byte over the limit.", first, {}, "ERR_TOO_LARGE", {
        headBytes: first.length - 1,
      }),
      reads(
        "pointed-head-over-limit",
        "A pointer to a head over the limit.",
        pointer,
        at(head),
        "ERR_TOO_LARGE",
        { headBytes: head.length - 1 },
      ),
      {
        name: "page-over-limit",
        why: "Pages over the limit.",
        read: {
          logId,
          limits: { pageBytes: 30 },
          objects: [parts.objects(log)],
          steps: [{ heads: [hexOf(head)], delivers: [], code: "ERR_TOO_LARGE" }],
        },
      },
      {
        name: "content-over-limit",
        why: "A content over the limit.",
        read: {
          logId,
          limits: { contentBytes: 10 },
          objects: [parts.objects(log)],
          steps: [{ heads: [hexOf(head)], delivers: parts.contents(log, 3), code: "ERR_TOO_LARGE" }],
        },
      },
      ...table("remote-log", [
        ["length-2-31", "A pair that claims 2^31 bytes.", hex([0x0a, 0x80, 0x80, 0x80, 0x80, 0x08])],
        ["length-2-32", "A pair that claims 2^32 bytes.", hex([0x0a, 0x80, 0x80, 0x80, 0x80, 0x10])],
        [
          "length-2-53-less-1",
          "A pair that claims 2^53 - 1 bytes.",
          hex([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
        ],
        ["length-2-63", "A pair that claims 2^63 bytes.", hex([0x0a, ...new Uint8Array(9).fill(0x80), 0x01])],
        ["17-levels", "One level more than a head may have.", repeated([field(102, []), 17])],
        [
          "257-refs",
          "One ref more than a level may have.",
          repeated(
            [opening(102, 257 * 3 + 4 + 257 * 32), 1],
            [field(3, [1]), 257],
            [opening(4, 257 * 32), 1],
            [new Uint8Array(32), 257],
          ),
        ],
        ["tail-of-129-bytes", "An address of 129 bytes.", hex(field(2, new Uint8Array(129)))],
        [
          "1025-unknown-fields",
          "One unknown field more than is skipped.",
          repeated([Uint8Array.of(0x28, 0), 1025]),
        ],
        [
          "1025-unknown-fields-in-pairs",
          "The same, spread over two pairs.",
          repeated(
            [opening(1, 1026), 1],
            [Uint8Array.of(0x28, 0), 513],
            [opening(1, 1024), 1],
            [Uint8Array.of(0x28, 0), 512],
          ),
        ],
      ]),
      {
        name: "1024-unknown-fields",
        why: "As many unknown fields as are skipped.",
        decode: "remote-log",
        input: repeated([Uint8Array.of(0x28, 0), 1024]),
        expect: "accepted",
      },
    ]),
    threat("T14", "Compressed data", [
      reads(
        "head-gzipped",
        "A head that is compressed is no head: nothing is decompressed.",
        new Uint8Array(gzipSync(first, { level: 9 })),
        {},
        "ERR_MALFORMED",
      ),
      reads(
        "bomb",
        "10,000 zeros, compressed.",
        new Uint8Array(gzipSync(new Uint8Array(10_000), { level: 9 })),
        {},
        "ERR_MALFORMED",
      ),
      {
        name: "page-gzipped",
        why: "A page that is compressed is another content than its address says.",
        decode: "content",
        input: hex(new Uint8Array(gzipSync(head, { level: 9 })).subarray(0, 64)),
        with: { address: hexOf(addressBytes(head)) },
        expect: "refused",
        code: "ERR_INTEGRITY",
      },
    ]),
    threat("T15", "Circles, and one object in two places", [
      ...table(
        "head",
        [
          [
            "tail-elsewhere",
            "A tail that is not the newest page.",
            hex(changed(head, () => ({ tail: addressBytes(head) }))),
          ],
          [
            "tail-missing",
            "A head of several pages without a tail.",
            hex(changed(head, () => ({ tail: new Uint8Array(0) }))),
          ],
          [
            "tail-of-first",
            "A head without pages that has a tail.",
            hex(changed(first, () => ({ tail: addressBytes(head) }))),
          ],
        ],
        "ERR_MALFORMED",
        { logId },
      ),
      ...table(
        "head",
        [
          [
            "same-node-everywhere",
            "The refs of each level lead to the same object, with its hash.",
            hex(
              changed(head, (wire) => ({
                levels: wire.levels.map((level) => ({
                  ...level,
                  addresses: level.addresses.map(() => wire.tail),
                  hashes: many(level.addresses.length, level.hashes.slice(-32)),
                })),
              })),
            ),
          ],
        ],
        "ERR_INTEGRITY",
        { logId },
      ),
      {
        name: "page-in-two-places",
        why: "Every page is that of entry 0, under the address of each.",
        read: {
          logId,
          objects: [
            Object.fromEntries(
              Object.keys(parts.objects(log)).map((address) => [
                address,
                hexOf(log.objects.values().next().value!),
              ]),
            ),
          ],
          steps: [{ heads: [hexOf(head)], delivers: [], code: "ERR_INTEGRITY" }],
        },
      },
    ]),
    threat("T16", "Names that point in a circle", [
      reads(
        "pointer-to-pointer",
        "A pointer to a pointer.",
        encodeHeadPointer(Address.fromBytes(addressBytes(pointer))),
        { ...at(pointer), ...at(head) },
        "ERR_MALFORMED",
      ),
      reads("pointer-to-nothing", "A pointer to what is not there.", pointer, {}, "ERR_NOT_FOUND"),
      reads(
        "pointer-to-other-bytes",
        "A pointer to other bytes than its address says.",
        pointer,
        { [addressText(head)]: hexOf(first) },
        "ERR_INTEGRITY",
      ),
      reads(
        "pointer-to-page",
        "A pointer to a page.",
        encodeHeadPointer(Address.fromBytes(addressBytes([...log.objects.values()][0]!))),
        parts.objects(log),
        "ERR_MALFORMED",
      ),
      reads(
        "pointer-to-weak-hash",
        "A pointer with the identity hash.",
        encodeRemoteLog({ ...decodeRemoteLog(new Uint8Array(0)), head: cid(0x55, 0, hash(1)) }),
        {},
        "ERR_INTEGRITY",
      ),
      ...table("name-content", [
        [
          "pointer-and-head",
          "A head that is a pointer as well.",
          hex(changed(head, () => ({ head: addressBytes(head) }))),
        ],
        ["pointer-and-pairs", "A pointer with entries.", hex(field(1, field(2, hash(1))), pointer)],
        ["pointer-no-address", "A pointer to what is no address.", hex(field(103, [1, 2, 3]))],
        ["pointer-twice", "Two pointers.", hex(pointer, pointer)],
      ]),
      {
        name: "pointer-to-the-head",
        why: "A pointer to a head, which is followed once.",
        read: {
          logId,
          objects: [{ ...at(head), ...parts.objects(log) }],
          steps: [{ heads: [hexOf(pointer)], delivers: parts.contents(log, 6) }],
        },
      },
    ]),
  ];
}
