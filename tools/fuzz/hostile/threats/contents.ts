// T1 and T3: contents that were changed, and objects that are withheld.

import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { flip, kindOf, read } from "../object-reads.ts";
import { addressBytes, bytes, hex, type Parts } from "../parts.ts";

/** Fixtures of T1 and T3. */
export function contents(parts: Parts): readonly ThreatFile[] {
  const { log, other, contents } = parts;
  const head = log.heads.at(-1)!;
  const { logId } = log;
  const all = [...log.objects].map(([address, content]) => ({ address, content, kind: kindOf(content) }));
  const of = (kind: string): (typeof all)[number] => all.find((one) => one.kind === kind)!;
  const pages = all.filter(({ kind }) => kind === "page");
  const content = of("content");
  const entryOf = (page: Uint8Array): number => {
    const wire = decodeRemoteLog(page);
    return log.entries.findIndex((entry) => Buffer.compare(entry, wire.pairs[0]!.data) === 0);
  };
  const page = pages.find((one) => entryOf(one.content) === 1)!;
  const node = of("node");

  const forged = bytes("never written");

  return [
    threat("T1", "Storage changes a content", [
      read(
        parts,
        "content-flipped-bit",
        "A content of its own has a flipped bit.",
        { [content.address]: hexOf(flip(content.content, 0)) },
        contents(log, 3),
        "ERR_INTEGRITY",
      ),
      read(
        parts,
        "content-last-bit",
        "A content of its own has another last bit.",
        { [content.address]: hexOf(flip(content.content, -1, 0x80)) },
        contents(log, 3),
        "ERR_INTEGRITY",
      ),
      read(
        parts,
        "content-cut-short",
        "A content of its own lacks its last byte.",
        { [content.address]: hexOf(content.content.slice(0, -1)) },
        contents(log, 3),
        "ERR_INTEGRITY",
      ),
      read(
        parts,
        "content-longer",
        "A content of its own has a zero byte more.",
        { [content.address]: `${hexOf(content.content)}00` },
        contents(log, 3),
        "ERR_INTEGRITY",
      ),
      read(
        parts,
        "content-empty",
        "A content of its own comes as no bytes at all.",
        { [content.address]: "" },
        contents(log, 3),
        "ERR_INTEGRITY",
      ),
      read(
        parts,
        "content-of-another-entry",
        "Another entry's content comes in its place.",
        { [content.address]: hexOf(log.entries[0]!) },
        contents(log, 3),
        "ERR_INTEGRITY",
      ),
      read(
        parts,
        "embedded-content-flipped",
        "A content embedded in a page has a flipped bit.",
        { [page.address]: hexOf(flip(page.content, 40)) },
        contents(log, 1),
        "ERR_INTEGRITY",
      ),
      ...[0, 8, 31].map(
        (at): Fixture => ({
          name: `content-by-digest-byte-${at}`,
          why: `The address has another byte ${at} of the digest.`,
          decode: "content",
          input: hex(forged),
          with: { address: hexOf(flip(addressBytes(forged), 4 + at)) },
          expect: "refused",
          code: "ERR_INTEGRITY",
        }),
      ),
      {
        name: "content-that-fits",
        why: "The content of the address is accepted: it is not enough to refuse everything.",
        decode: "content",
        input: hex(forged),
        with: { address: hexOf(addressBytes(forged)) },
        expect: "accepted",
      },
    ]),
    threat("T3", "Storage withholds an object", [
      read(
        parts,
        "content-missing",
        "A content is gone: the entries before it are delivered.",
        { [content.address]: undefined },
        contents(log, 3),
        "ERR_NOT_FOUND",
      ),
      read(
        parts,
        "page-missing",
        "A page is gone.",
        { [page.address]: undefined },
        contents(log, 1),
        "ERR_NOT_FOUND",
      ),
      read(
        parts,
        "node-missing",
        "An index node is gone.",
        { [node.address]: undefined },
        [],
        "ERR_NOT_FOUND",
      ),
      {
        name: "everything-missing",
        why: "Only the head is there.",
        read: {
          logId,
          objects: [{}],
          steps: [{ heads: [hexOf(head)], delivers: [], code: "ERR_NOT_FOUND" }],
        },
      },
      {
        name: "pair-turned-into-removed",
        why: "An entry of the head is shown as removed, with its hashes: it is withheld, and nothing else can be said of it.",
        read: {
          logId,
          objects: [parts.objects(log)],
          steps: [
            {
              heads: [
                hexOf(
                  parts.changed(log.heads[0]!, ({ pairs: [pair] }) => ({
                    pairs: [{ ...pair!, data: new Uint8Array(0), contentHash: pair!.localHash }],
                  })),
                ),
              ],
              delivers: [],
              code: "ERR_WITHHELD",
            },
          ],
        },
      },
      {
        name: "second-remote-has-it",
        why: "One remote withholds everything, the other shows it: all is delivered.",
        read: {
          logId,
          objects: [{}, parts.objects(log)],
          steps: [{ heads: [hexOf(head), hexOf(head)], delivers: contents(log, 6) }],
        },
      },
      {
        name: "objects-of-another-log",
        why: "The remote holds the objects of another log of the writer.",
        read: {
          logId,
          objects: [parts.objects(other)],
          steps: [{ heads: [hexOf(head)], delivers: [], code: "ERR_NOT_FOUND" }],
        },
      },
    ]),
  ];
}
