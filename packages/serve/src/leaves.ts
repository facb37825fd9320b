// The leaves of one log in a file, and the tiles that follow from them: C2SP tlog-tiles.

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { hashLeaf, type LogSource, readLeaves } from "@remote-log/core";

/** The data of a leaf: two hashes. */
const LEAF_BYTES = 64;
const HASH_BYTES = 32;
/** Hashes in a full tile. */
export const TILE_WIDTH = 256;
/** How many leaves are written at once. */
const BATCH = 4096;

/** The leaves of one log, and the hashes of its full tiles. */
export class LeafFile {
  readonly #file: FileHandle;
  /** The hashes of the full tiles of each level: what the level above holds. */
  readonly #above: Uint8Array[][] = [];
  #size = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens the leaves of a log. They can be made anew at any time, so a file that does not fit is begun again. */
  static async open(path: string): Promise<LeafFile> {
    const file = await open(path, "a+", 0o644);
    await file.truncate(0);
    return new LeafFile(file);
  }

  /** How many leaves there are. */
  get size(): number {
    return this.#size;
  }

  /** Takes what a log has more. */
  async grow(log: LogSource, signal: AbortSignal): Promise<void> {
    let batch: Uint8Array[] = [];
    for await (const leaf of readLeaves(log, this.#size, { signal })) {
      batch.push(leaf);
      if (batch.length < BATCH) continue;
      await this.#append(batch);
      batch = [];
    }
    await this.#append(batch);
  }

  /** The data of leaves. */
  async leaves(from: number, to: number): Promise<Uint8Array[]> {
    const bytes = new Uint8Array((to - from) * LEAF_BYTES);
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, from * LEAF_BYTES);
    if (bytesRead < bytes.length) throw new Error(`The file of leaves ends before leaf ${to}.`);
    return Array.from({ length: to - from }, (_, i) => bytes.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES));
  }

  /** The hashes of a tile, or of the beginning of one. */
  async tile(level: number, index: number, width: number): Promise<Uint8Array> {
    const from = index * TILE_WIDTH;
    const hashes =
      level === 0
        ? (await this.leaves(from, from + width)).map(hashLeaf)
        : this.#above[level - 1]!.slice(from, from + width);
    return Buffer.concat(hashes);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  async #append(leaves: readonly Uint8Array[]): Promise<void> {
    if (leaves.length === 0) return;
    await this.#file.appendFile(Buffer.concat(leaves));
    const before = this.#size;
    this.#size += leaves.length;
    for (let tile = Math.floor(before / TILE_WIDTH); (tile + 1) * TILE_WIDTH <= this.#size; tile++)
      this.#close(0, await this.tile(0, tile, TILE_WIDTH));
  }

  // A full tile is one hash of the level above.
  #close(level: number, tile: Uint8Array): void {
    this.#above[level] ??= [];
    const above = this.#above[level];
    above.push(rootOf(tile));
    if (above.length % TILE_WIDTH === 0) this.#close(level + 1, Buffer.concat(above.slice(-TILE_WIDTH)));
  }
}

/** The root of a full tile, whose width is a power of two (RFC 9162 §2.1.1). */
function rootOf(tile: Uint8Array): Uint8Array {
  let hashes = tile;
  while (hashes.length > HASH_BYTES) {
    const next = new Uint8Array(hashes.length / 2);
    for (let at = 0; at < next.length; at += HASH_BYTES) {
      const pair = hashes.subarray(2 * at, 2 * at + 2 * HASH_BYTES);
      next.set(createHash("sha256").update(Uint8Array.of(0x01)).update(pair).digest(), at);
    }
    hashes = next;
  }
  return hashes;
}

/** What a path of C2SP tlog-tiles asks for. */
export interface TilePath {
  /** The level, or `"entries"`. */
  readonly level: number | "entries";
  readonly index: number;
  /** How many hashes or entries: 256 of a full one. */
  readonly width: number;
}

/** Reads what follows `tile/`; `undefined` if it is nothing that the specification writes. */
export function parseTilePath(path: string): TilePath | undefined {
  const [, first, number, width] =
    /^(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? [];
  if (first === undefined || number === undefined) return undefined;
  const digits = number.replaceAll(/[x/]/g, "");
  const index = Number(digits);
  const partial = width === undefined ? TILE_WIDTH : Number(width);
  const canonical = digits.length === 3 || !digits.startsWith("000");
  if (!canonical || !Number.isSafeInteger(index) || (width !== undefined && partial >= TILE_WIDTH))
    return undefined;
  const level = first === "entries" ? first : Number(first);
  return level !== "entries" && level > 63 ? undefined : { level, index, width: partial };
}

/** How many hashes or entries a tile has in a log of some size; 0 if there is none. */
export function widthIn({ level, index }: TilePath, size: number): number {
  const all = Math.floor(size / TILE_WIDTH ** (level === "entries" ? 0 : level));
  return Math.max(0, Math.min(TILE_WIDTH, all - index * TILE_WIDTH));
}

/** Entries as a bundle has them: each with its length before it, as two bytes. */
export function entryBundle(leaves: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(leaves.flatMap((leaf) => [Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf]));
}
