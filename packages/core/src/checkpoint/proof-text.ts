// Inclusion proofs as C2SP tlog-proof, and consistency proofs in a form like it; docs/protocol.md, "Proof files".

import { HASH_BYTES } from "../crypto/sha256.ts";
import { InvalidInputError, MalformedError } from "../errors/index.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { LARGEST_NOTE, readDecimal, readText } from "./note-text.ts";
import { parseSignedNote } from "./signed-note.ts";

/** What shows that an entry is in a log, to be checked offline with the log's key. */
export interface InclusionProof {
  /** Sequence number of the entry, from 0; below the size of the checkpoint. */
  readonly index: number;
  /** The hashes from the leaf's sibling up to the root's child (RFC 9162), 32 bytes each; at most 64. */
  readonly path: readonly Uint8Array[];
  /** The signed checkpoint whose root the path leads to, as text. */
  readonly checkpointNote: string;
  /** Any bytes that go with it, at least one. Nothing authenticates them. */
  readonly extra?: Uint8Array;
}

/** What shows that a log at one size extends the same log at a smaller one. */
export interface ConsistencyProof {
  /** The smaller size. */
  readonly first: number;
  /** The larger size, or the same. */
  readonly second: number;
  /** The hashes that connect both roots (RFC 9162), 32 bytes each; at most 64. */
  readonly path: readonly Uint8Array[];
}

const INCLUSION_HEADER = "c2sp.org/tlog-proof@v1";
const CONSISTENCY_HEADER = "remote-log/consistency@v1";
const EXTRA = "extra ";
const INDEX = "index ";
const LARGEST_PROOF = 2 * LARGEST_NOTE;
const LONGEST_PATH = 64;

/**
 * The text of an inclusion proof (C2SP tlog-proof).
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if a part is not as {@link InclusionProof} says, or if all
 * of it is longer than 128 KiB
 *
 * @example
 * ```ts
 * import { formatInclusionProof, generateSeed, openReader, openWriter, parseInclusionProof } from "@remote-log/core";
 * import { memoryRemote } from "@remote-log/memory";
 * import { MemoryLevel } from "memory-level";
 *
 * const remote = memoryRemote();
 * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes: [remote] });
 * await writer.append(new TextEncoder().encode("hello"));
 * await writer.publish();
 * const reader = await openReader({ logId: writer.logId, remotes: [remote] });
 *
 * const { sequence, path, checkpoint } = await reader.inclusionProof(0);
 * const text = formatInclusionProof({ index: sequence, path, checkpointNote: checkpoint });
 * console.log(parseInclusionProof(text).index); // 0
 * await reader.close();
 * await writer.close();
 * ```
 */
export function formatInclusionProof(proof: InclusionProof): string {
  const { index, path, checkpointNote, extra } = proof;
  const extraLine = extra === undefined ? [] : [EXTRA + encodeBase64(extra)];
  const lines = [
    INCLUSION_HEADER,
    ...extraLine,
    INDEX + index,
    ...path.map(encodeBase64),
    "",
    checkpointNote,
  ];
  return whatParses(lines.join("\n"), parseInclusionProof);
}

/**
 * Reads the text of an inclusion proof (C2SP tlog-proof), of at most 128 KiB. Its form is checked, that of the
 * checkpoint too. Nothing of it is verified: not the path, nor the checkpoint's signature.
 *
 * @throws MalformedError `ERR_MALFORMED`
 */
export function parseInclusionProof(source: string | Uint8Array): InclusionProof {
  const text = textOf(source);
  const end = text.indexOf("\n\n");
  if (end < 0) throw malformed("no blank line stands before its checkpoint");
  const lines = text.slice(0, end).split("\n");
  if (lines.shift() !== INCLUSION_HEADER) throw malformed(`its first line is not ${INCLUSION_HEADER}`);
  const extra = lines[0]?.startsWith(EXTRA) ? decodeBase64(lines.shift()!.slice(EXTRA.length)) : none;
  if (extra === undefined || (extra !== none && extra.length === 0)) {
    throw malformed("its extra line does not hold canonical base64");
  }
  const indexLine = lines.shift() ?? "";
  const index = indexLine.startsWith(INDEX) ? readDecimal(indexLine.slice(INDEX.length)) : undefined;
  if (index === undefined) throw malformed("it has no index line with a whole number below 2^53");
  const checkpointNote = text.slice(end + 2);
  const { size } = parseCheckpoint(parseSignedNote(checkpointNote).text);
  if (index >= size) throw malformed(`its index, ${index}, is not below the size of its checkpoint, ${size}`);
  return { index, path: parsePath(lines), checkpointNote, ...(extra === none ? {} : { extra }) };
}

const none = new Uint8Array(0);

/**
 * The text of a consistency proof: a line with the name of this format, one with both sizes, and one for each
 * hash in base64.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if a part is not as {@link ConsistencyProof} says
 */
export function formatConsistencyProof({ first, second, path }: ConsistencyProof): string {
  const lines = [CONSISTENCY_HEADER, `${first} ${second}`, ...path.map(encodeBase64)];
  return whatParses(`${lines.join("\n")}\n`, parseConsistencyProof);
}

/**
 * Reads the text of a consistency proof. Nothing of it is verified.
 *
 * @throws MalformedError `ERR_MALFORMED`
 */
export function parseConsistencyProof(source: string | Uint8Array): ConsistencyProof {
  const lines = textOf(source).split("\n");
  if (lines.pop() !== "") throw malformed("it does not end with a newline");
  if (lines.shift() !== CONSISTENCY_HEADER) throw malformed(`its first line is not ${CONSISTENCY_HEADER}`);
  const sizes = (lines.shift() ?? "").split(" ", 3).map(readDecimal);
  const [first, second] = sizes;
  if (sizes.length !== 2 || first === undefined || second === undefined || first > second) {
    throw malformed("its second line does not hold two sizes, the smaller one first");
  }
  return { first, second, path: parsePath(lines) };
}

function textOf(source: string | Uint8Array): string {
  const read = readText(source, LARGEST_PROOF);
  if ("fault" in read) throw malformed(`it ${read.fault}`);
  return read.text;
}

function parsePath(lines: readonly string[]): Uint8Array[] {
  if (lines.length > LONGEST_PATH) throw malformed(`it has more than ${LONGEST_PATH} hashes`);
  return lines.map((line) => {
    const hash = decodeBase64(line);
    if (hash?.length !== HASH_BYTES) throw malformed("a line is not a hash in canonical base64");
    return hash;
  });
}

/** A text, if it can be read back. */
function whatParses(text: string, parse: (text: string) => unknown): string {
  try {
    parse(text);
  } catch (cause) {
    throw new InvalidInputError("A proof can't be written: readers would refuse it.", {
      operation: "proof.format",
      cause,
    });
  }
  return text;
}

function malformed(why: string): MalformedError {
  return new MalformedError(`A proof can't be read: ${why}.`, { operation: "proof.parse" });
}
