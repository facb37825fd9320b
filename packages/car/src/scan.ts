// One pass over a CAR file, which finds out where its blocks are. It reads their CIDs and passes over their contents.

import { type HashType, MalformedError, TooLargeError } from "@remote-log/core";
import { concatBytes, throwIfAborted } from "@remote-log/core/adapter";
import { BlockIndex } from "./block-index.ts";
import type { CarBytes } from "./car-bytes.ts";
import { decodeHeader, LARGEST_HEADER } from "./header.ts";
import { LONGEST_LENGTH, readLength, varint } from "./varint.ts";

/** What one read takes in while blocks are small, in bytes. */
const WINDOW = 65_536;

/** A block that is larger is passed over, and the next read begins behind it. */
const LARGE = 16_384;

/** What is read there: the length and the CID of a block. */
const SMALL_WINDOW = 256;

/** What a scan found. */
export interface ScannedCar {
  /** The digests of the roots that are CIDs of the kind that is looked for. */
  readonly roots: readonly Uint8Array[];
  readonly blocks: BlockIndex;
}

/** What a CID of a kind begins with: everything but its digest. */
export function cidPrefix({ codec, hash, digestBytes }: HashType): Uint8Array {
  return concatBytes([1, codec, hash, digestBytes].map(varint));
}

/**
 * Finds the blocks of a file. Blocks whose CIDs are of another kind are passed over.
 *
 * @param type - the kind of CID
 * @param mostBlocks - a file with more is refused
 * @throws MalformedError `ERR_MALFORMED`, reason `"not-a-car"`, or `"cut-short"` for a file that ends within a block
 * @throws TooLargeError `ERR_TOO_LARGE` for more blocks
 */
export async function scanCar(
  file: CarBytes,
  type: HashType,
  mostBlocks: number,
  signal: AbortSignal,
): Promise<ScannedCar> {
  const prefix = cidPrefix(type);
  const cidBytes = prefix.length + type.digestBytes;
  const isOfKind = (cid: Uint8Array): boolean =>
    cid.length === cidBytes && prefix.every((byte, i) => byte === cid[i]);
  const header = decodeHeader(await file.read(0, Math.min(file.size, LARGEST_HEADER + LONGEST_LENGTH)));
  const blocks = new BlockIndex(type.digestBytes);
  let window = new Uint8Array(0);
  let windowAt = 0;
  let count = 0;
  let wanted = WINDOW;
  for (let at = header.end; at < file.size; ) {
    const needed = Math.min(LONGEST_LENGTH + cidBytes, file.size - at);
    if (at < windowAt || at + needed > windowAt + window.length) {
      throwIfAborted(signal);
      window = new Uint8Array(await file.read(at, Math.min(wanted, file.size - at)));
      windowAt = at;
      if (window.length < needed) throw cutShort();
    }
    const { value: length, end } = readLength(window, at - windowAt);
    const begin = windowAt + end;
    if (length === 0) throw malformed("one of its blocks has no CID", "not-a-car");
    if (length > file.size - begin) throw cutShort();
    if (++count > mostBlocks)
      throw new TooLargeError(`The CAR file has more than ${mostBlocks} blocks. Raise \`mostBlocks\`.`, {
        operation: "car.open",
        limit: mostBlocks,
      });
    const cid = window.subarray(end, end + Math.min(length, cidBytes));
    if (isOfKind(cid))
      blocks.add(cid.subarray(prefix.length), { offset: begin + cidBytes, length: length - cidBytes });
    wanted = length > LARGE ? SMALL_WINDOW : WINDOW;
    at = begin + length;
  }
  return { roots: header.roots.filter(isOfKind).map((cid) => cid.subarray(prefix.length)), blocks };
}

function cutShort(): MalformedError {
  return malformed(
    "it ends within a block. Copy it again: a stick that was pulled out too early leaves such files",
    "cut-short",
  );
}

function malformed(why: string, reason: string): MalformedError {
  return new MalformedError(`The CAR file can't be read: ${why}.`, { operation: "car.open", reason });
}
