// Reading files, without following a link.

import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { type ByteRange, TooLargeError } from "@remote-log/core";
import type { Call, OperationContext } from "@remote-log/core/adapter";
import { errnoOf, foreignEntry } from "./errors.ts";

/** Bytes read by one call, between two looks at the signal. */
const PIECE = 4 * 1024 * 1024;

/** How a file is read. */
export interface ReadOptions {
  /** The most bytes to take. */
  readonly limit: number;
  /** Bytes at its beginning that don't count for the limit. */
  readonly header?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly context: OperationContext;
}

/** A regular file that is open for reading, and its size when it was opened. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly size: number;
}

/**
 * Opens a regular file for reading, without following a link and without waiting for the other end of a pipe.
 *
 * @returns `undefined` if there is none
 */
export async function openFile(path: string, context: OperationContext): Promise<OpenFile | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    // What a socket in its place answers.
    if (errnoOf(error) === "ENXIO") throw foreignEntry("a special file", context);
    throw error;
  }
  try {
    const entry = await handle.stat();
    if (!entry.isFile()) throw foreignEntry("something that is no regular file", context);
    return { handle, size: entry.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads a whole file: no more than `limit` + 1 bytes of it, whatever its size says or becomes meanwhile.
 *
 * @returns `undefined` if there is none
 * @throws TooLargeError `ERR_TOO_LARGE` over the limit
 */
export async function readFile(path: string, options: ReadOptions): Promise<Uint8Array | undefined> {
  const file = await openFile(path, options.context);
  if (file === undefined) return undefined;
  try {
    return await readAll(file, options);
  } finally {
    await file.handle.close();
  }
}

/**
 * Reads a part of a file; what lies past its end is left out.
 *
 * @returns `undefined` if there is no file
 */
export async function readPart(
  path: string,
  { offset, length }: ByteRange,
  { signal, context }: Call,
): Promise<Uint8Array | undefined> {
  const file = await openFile(path, context);
  if (file === undefined) return undefined;
  try {
    const part = new Uint8Array(Math.max(0, Math.min(length, file.size - offset)));
    return part.subarray(0, await fill(file.handle, part, offset, signal));
  } finally {
    await file.handle.close();
  }
}

async function readAll({ handle, size }: OpenFile, options: ReadOptions): Promise<Uint8Array> {
  const limit = options.limit + (options.header ?? 0);
  if (size > limit) throw tooLarge(options);
  let content = new Uint8Array(size);
  let length = await fill(handle, content, 0, options.signal);
  // A file that grows is read on; the first byte past the limit ends it.
  const next = new Uint8Array(1);
  while (length === content.length && (await fill(handle, next, length, options.signal)) === 1) {
    if (length === limit) throw tooLarge(options);
    const longer = new Uint8Array(Math.min(limit, Math.max(64, 2 * length)));
    longer.set(content);
    longer[length] = next[0]!;
    content = longer;
    length += 1;
    length += await fill(handle, content.subarray(length), length, options.signal);
  }
  return length === content.length ? content : content.slice(0, length);
}

/** Fills a buffer from a position in the file; returns how much there was. */
export async function fill(
  handle: FileHandle,
  target: Uint8Array,
  position: number,
  signal?: AbortSignal,
): Promise<number> {
  let length = 0;
  while (length < target.length) {
    signal?.throwIfAborted();
    const most = Math.min(PIECE, target.length - length);
    const { bytesRead } = await handle.read(target, length, most, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

/** Whether there is a folder; a link or a file in its place is refused. */
export async function isFolder(path: string, context: OperationContext): Promise<boolean> {
  return entryIs(path, context, "isDirectory");
}

/** Whether there is a regular file; a link or anything else in its place is refused. */
export async function isFile(path: string, context: OperationContext): Promise<boolean> {
  return entryIs(path, context, "isFile");
}

async function entryIs(
  path: string,
  context: OperationContext,
  kind: "isDirectory" | "isFile",
): Promise<boolean> {
  try {
    const entry = await lstat(path);
    if (entry[kind]()) return true;
    const found = entry.isSymbolicLink() ? "a symbolic link" : entry.isFile() ? "a file" : "something else";
    throw foreignEntry(found, context);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}

function tooLarge({ limit, context }: ReadOptions): TooLargeError {
  return new TooLargeError(`While ${context.action}, more than ${limit} bytes were found, the limit.`, {
    operation: context.operation,
    limit,
  });
}
