// T26: too much of everything.

import { concatBytes } from "../../../../packages/core/src/bytes.ts";
import { parseSignedNote } from "../../../../packages/core/src/checkpoint/index.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { contentChunk } from "../../../../packages/swarm/src/chunk/content-chunk.ts";
import { splitContent } from "../../../../packages/swarm/src/chunk/tree.ts";
import { type Context, type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { bytes, field, hash, hex, opening, type Parts, repeated } from "../parts.ts";
import { texts } from "./outside.ts";

/** Fixtures of T26. */
export async function limits({ log }: Parts): Promise<readonly ThreatFile[]> {
  const { logId } = log;
  const head = log.heads[0]!;

  const note = new TextDecoder().decode(decodeRemoteLog(head).checkpoint);
  const {
    text,
    signatures: [_own],
  } = parseSignedNote(note);

  const notes = (name: string, why: string, text: string): Fixture => ({
    name,
    why,
    decode: "signed-note",
    input: { text },
    expect: "refused",
    code: "ERR_MALFORMED",
  });

  const tree = splitContent(new Uint8Array(4097).fill(1));
  const treeWith = (maxBytes: number): Context => ({ maxBytes, chunks: {} });
  const spanning = (span: bigint): Uint8Array => contentChunk(new Uint8Array(0), span).data;

  return [
    threat("T26", "Too much of everything", [
      ...texts("link", [
        [
          "link-33-remotes",
          "One remote more than a link may name.",
          `rlog:${logId}?${Array.from({ length: 33 }, (_, i) => `remote=a:${i}`).join("&")}`,
          { code: "ERR_INVALID_INPUT" },
        ],
      ]),
      ...texts("link", [
        [
          "link-long-uri",
          "A URI of 2,049 characters.",
          `rlog:${logId}?remote=a:${"b".repeat(2047)}`,
          { code: "ERR_INVALID_INPUT" },
        ],
      ]),
      {
        ...{ name: "link-40000-characters", why: "A link has at most 32,768 characters.", decode: "link" },
        input: repeated([bytes(`rlog:${logId}?x=`), 1], [bytes("a"), 40_000 - 72]),
        ...{ expect: "refused", code: "ERR_INVALID_INPUT" },
      },
      {
        ...{ name: "link-20000-keys", why: "It is refused before it is taken apart.", decode: "link" },
        input: repeated([bytes(`rlog:${logId}`), 1], [bytes("#"), 20_000]),
        ...{ expect: "refused", code: "ERR_INVALID_INPUT" },
      },
      notes(
        "note-101-signatures",
        "One signature line more than a note may have.",
        `${text}\n${"\u2014 w AAAAAAA=\n".repeat(101)}`,
      ),
      {
        name: "mvds-257-parents",
        why: "One parent more than a message may have.",
        decode: "mvds-message",
        input: repeated(
          [concatBytes([field(6001, hash(1)), opening(6004, 257 * 34)]), 1],
          [field(1, hash(1)), 257],
        ),
        expect: "refused",
        code: "ERR_MALFORMED",
      },
      ...texts("consistency-proof", [
        [
          "proof-65-hashes",
          "A path of 65 hashes.",
          `remote-log/consistency@v1\n1 2\n${`${btoa(String.fromCharCode(...hash(1)))}\n`.repeat(65)}`,
          { code: "ERR_MALFORMED" },
        ],
        [
          "proof-sizes-reversed",
          "The larger size first.",
          "remote-log/consistency@v1\n2 1\n",
          { code: "ERR_MALFORMED" },
        ],
        [
          "proof-three-sizes",
          "Three sizes.",
          "remote-log/consistency@v1\n1 2 3\n",
          { code: "ERR_MALFORMED" },
        ],
        [
          "proof-no-newline",
          "No newline at the end.",
          "remote-log/consistency@v1\n1 2",
          { code: "ERR_MALFORMED" },
        ],
        [
          "proof-short-hash",
          "A hash of 31 bytes.",
          `remote-log/consistency@v1\n1 2\n${btoa("x".repeat(31))}\n`,
          { code: "ERR_MALFORMED" },
        ],
      ]),
      ...texts("inclusion-proof", [
        [
          "inclusion-index-over-size",
          "The index is the size.",
          `c2sp.org/tlog-proof@v1\nindex 1\n\n${note}`,
          { code: "ERR_MALFORMED" },
        ],
        ["inclusion-no-index", "No index.", `c2sp.org/tlog-proof@v1\n\n${note}`, { code: "ERR_MALFORMED" }],
        [
          "inclusion-other-format",
          "Another version of the format.",
          `c2sp.org/tlog-proof@v2\nindex 0\n\n${note}`,
          { code: "ERR_MALFORMED" },
        ],
        [
          "inclusion-empty-extra",
          "An extra line without anything.",
          `c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n${note}`,
          { code: "ERR_MALFORMED" },
        ],
      ]),
      ...[2n ** 63n, 2n ** 64n - 1n].map(
        (span): Fixture => ({
          name: `swarm-span-${span}`,
          why: `A chunk that says that ${span} bytes are below it.`,
          decode: "chunk-tree",
          input: hex(spanning(span)),
          with: treeWith(2 ** 24),
          expect: "refused",
          code: "ERR_INTEGRITY",
        }),
      ),
      {
        name: "swarm-span-over-limit",
        why: "A chunk that says that one byte more is below it than is accepted.",
        decode: "chunk-tree",
        input: hex(spanning(2n ** 24n + 1n)),
        with: treeWith(2 ** 24),
        expect: "refused",
        code: "ERR_TOO_LARGE",
      },
      {
        name: "swarm-references-missing",
        why: "A chunk of 4,097 bytes without references.",
        decode: "chunk-tree",
        input: hex(tree.root.data.slice(0, 8)),
        with: treeWith(2 ** 24),
        expect: "refused",
        code: "ERR_INTEGRITY",
      },
    ]),
  ];
}
