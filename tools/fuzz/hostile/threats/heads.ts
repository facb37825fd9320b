// T2: pages, nodes and heads that were changed.

import { decodeIndexNode } from "../../../../packages/core/src/wire/index-node-message.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { flip, kindOf, leafOf, peakOf, read } from "../object-reads.ts";
import { bytes, field, hash, hex, type Parts } from "../parts.ts";

/** Fixtures of T2. */
export function heads(parts: Parts): readonly ThreatFile[] {
  const { log, contents } = parts;
  const head = log.heads.at(-1)!;
  const { logId } = log;
  const all = [...log.objects].map(([address, content]) => ({ address, content, kind: kindOf(content) }));
  const of = (kind: string): (typeof all)[number] => all.find((one) => one.kind === kind)!;
  const pages = all.filter(({ kind }) => kind === "page");

  const entryOf = (page: Uint8Array): number => {
    const wire = decodeRemoteLog(page);
    return log.entries.findIndex((entry) => Buffer.compare(entry, wire.pairs[0]!.data) === 0);
  };
  const page = pages.find((one) => entryOf(one.content) === 1)!;
  const node = of("node");
  const { pairs } = decodeRemoteLog(page.content);
  const pageWith = { leafSize: 1, hash: hexOf(leafOf(pairs[0]!.localHash)) };
  const nodeRefs = decodeIndexNode(node.content);
  const nodeWith = { count: 2, peaks: [hexOf(peakOf(nodeRefs.hashes))] };
  const forged = bytes("never written");
  const decodes = (
    name: string,
    decode: string,
    changed: Uint8Array,
    code: string,
    context: Fixture | object,
    why: string,
  ): Fixture => ({
    name,
    why,
    decode,
    input: hex(changed),
    with: context as Record<string, string>,
    expect: "refused",
    code,
  });

  return [
    threat("T2", "Storage or name changes a page, a node or a head", [
      {
        name: "head-as-signed",
        why: "The head as its writer signed it.",
        decode: "head",
        input: hex(head),
        with: { logId },
        expect: "accepted",
      },
      ...[0.15, 0.3, 0.5].map((part, i) => {
        const at = Math.floor(head.length * part);
        return decodes(
          `head-flipped-${i}`,
          "head",
          flip(head, at, 0x10),
          "ERR_INTEGRITY",
          { logId },
          `The head has a flipped bit in byte ${at}.`,
        );
      }),
      {
        name: "head-other-address",
        why: "A ref has another address: no signature covers it, the state is the signed one. The object under that address is not there, or does not fit.",
        decode: "head",
        input: hex(
          parts.changed(head, (wire) => ({
            levels: wire.levels.map((level, i) =>
              i === 1 ? { ...level, addresses: level.addresses.map((address) => flip(address, -1)) } : level,
            ),
          })),
        ),
        with: { logId },
        expect: "accepted",
      },
      decodes(
        "head-cut-short",
        "head",
        head.slice(0, -1),
        "ERR_MALFORMED",
        { logId },
        "The head lacks its last byte.",
      ),
      decodes(
        "head-half",
        "head",
        head.slice(0, head.length >> 1),
        "ERR_MALFORMED",
        { logId },
        "The head is cut in half.",
      ),
      decodes("head-empty", "head", new Uint8Array(0), "ERR_MALFORMED", { logId }, "The head has no bytes."),
      decodes(
        "head-twice",
        "head",
        Uint8Array.from([...head, ...head]),
        "ERR_MALFORMED",
        { logId },
        "The head is followed by itself.",
      ),
      decodes(
        "head-without-checkpoint",
        "head",
        parts.changed(head, () => ({ checkpoint: new Uint8Array(0) })),
        "ERR_MALFORMED",
        { logId },
        "The signed note is gone.",
      ),
      decodes(
        "head-without-genesis",
        "head",
        parts.changed(head, () => ({ genesis: new Uint8Array(0) })),
        "ERR_MALFORMED",
        { logId },
        "The genesis record is gone.",
      ),
      decodes(
        "head-without-newest",
        "head",
        parts.changed(head, () => ({ pairs: [] })),
        "ERR_MALFORMED",
        { logId },
        "The newest entry is gone.",
      ),
      decodes(
        "head-without-levels",
        "head",
        parts.changed(head, () => ({ levels: [] })),
        "ERR_MALFORMED",
        { logId },
        "The index is gone.",
      ),
      decodes(
        "head-newest-twice",
        "head",
        parts.changed(head, (wire) => ({ pairs: [...wire.pairs, ...wire.pairs] })),
        "ERR_MALFORMED",
        { logId },
        "The newest entry is there twice.",
      ),
      decodes(
        "head-levels-reversed",
        "head",
        parts.changed(head, (wire) => ({ levels: wire.levels.toReversed() })),
        "ERR_MALFORMED",
        { logId },
        "The levels of the index are in reverse order.",
      ),
      decodes(
        "head-other-ref-hash",
        "head",
        parts.changed(head, (wire) => ({
          levels: wire.levels.map((level, i) =>
            i === 0 ? { ...level, hashes: flip(level.hashes, 0) } : level,
          ),
        })),
        "ERR_INTEGRITY",
        { logId },
        "The Merkle hash of a ref has a flipped bit.",
      ),
      decodes(
        "head-other-identifier",
        "head",
        parts.changed(head, (wire) => ({
          pairs: wire.pairs.map((pair) => ({ ...pair, localHash: hash(1) })),
        })),
        "ERR_INTEGRITY",
        { logId },
        "The newest entry has another identifier.",
      ),
      decodes(
        "head-never-written",
        "head",
        parts.changed(head, (wire) => ({ pairs: wire.pairs.map((pair) => ({ ...pair, data: forged })) })),
        "ERR_INTEGRITY",
        { logId },
        "The newest entry has another content.",
      ),
      decodes(
        "page-flipped",
        "page",
        flip(page.content, 20),
        "ERR_INTEGRITY",
        pageWith,
        "A page has a flipped bit in an identifier.",
      ),
      decodes(
        "page-never-written",
        "page",
        field(1, [...field(2, pairs[0]!.localHash), ...field(3, forged)]),
        "ERR_INTEGRITY",
        pageWith,
        "A page holds an entry that nobody wrote, under the identifier of one.",
      ),
      decodes("page-empty", "page", new Uint8Array(0), "ERR_MALFORMED", pageWith, "A page has no entries."),
      decodes(
        "page-entry-twice",
        "page",
        Uint8Array.from([...page.content, ...page.content.subarray(0, 2 + page.content[1]!)]),
        "ERR_MALFORMED",
        pageWith,
        "A page has its entry twice.",
      ),
      decodes(
        "node-flipped",
        "node",
        flip(node.content, -1),
        "ERR_INTEGRITY",
        nodeWith,
        "An index node has a flipped bit in a hash.",
      ),
      decodes(
        "node-swapped",
        "node",
        Uint8Array.from([
          ...field(1, nodeRefs.addresses[1]!),
          ...field(1, nodeRefs.addresses[0]!),
          ...field(2, [...nodeRefs.hashes.subarray(32), ...nodeRefs.hashes.subarray(0, 32)]),
        ]),
        "ERR_INTEGRITY",
        nodeWith,
        "The refs of an index node are in each other's place.",
      ),
      decodes(
        "node-one-ref",
        "node",
        Uint8Array.from([...field(1, nodeRefs.addresses[0]!), ...field(2, nodeRefs.hashes.subarray(0, 32))]),
        "ERR_MALFORMED",
        nodeWith,
        "An index node lacks a ref.",
      ),
      decodes(
        "node-three-refs",
        "node",
        Uint8Array.from([
          ...[0, 1, 1].flatMap((i) => [...field(1, nodeRefs.addresses[i]!)]),
          ...field(2, [...nodeRefs.hashes, ...nodeRefs.hashes.subarray(32)]),
        ]),
        "ERR_MALFORMED",
        nodeWith,
        "An index node has a ref twice.",
      ),
      read(
        parts,
        "page-under-wrong-address",
        "A page is another one than its address says.",
        { [page.address]: hexOf(flip(page.content, -1)) },
        contents(log, 1),
        "ERR_INTEGRITY",
      ),
      read(
        parts,
        "node-is-a-page",
        "A page comes in the place of an index node.",
        { [node.address]: hexOf(page.content) },
        [],
        "ERR_INTEGRITY",
      ),
    ]),
  ];
}
