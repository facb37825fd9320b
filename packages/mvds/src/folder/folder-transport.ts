// Payloads as files: whole or not there at all, read once, removed. For a stick that is carried, or a folder that is shared.

import { createHash, randomBytes } from "node:crypto";
import { constants, type Dir } from "node:fs";
import { mkdir, open, opendir, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInputError, QuotaExhaustedError } from "@remote-log/core";
import { checkOptionTypes, checkWhole, delay, optionKinds, throwIfAborted } from "@remote-log/core/adapter";
import type { Arrival, Transport, TransportOptions } from "../transport/transport.ts";

/** Options of {@link folderTransport}. */
export interface FolderTransportOptions {
  /** The folder. It is made if it is missing. */
  readonly root: string;
  /** The name of this peer. */
  readonly self: string;
  /** The names of all other peers: files of others are left alone. */
  readonly peers: readonly string[];
  /** How often the folder is looked through, in milliseconds. Default 1,000. */
  readonly pollMilliseconds?: number | undefined;
  /** The most bytes of a payload. A larger file is removed. Default 1 MiB. */
  readonly maxPayloadBytes?: number | undefined;
  /** The most files that wait for one peer; then sending to it fails. Default 1,024. */
  readonly maxFiles?: number | undefined;
  /** Gets what was left alone or removed unread. It must not throw. */
  readonly onEvent?: ((event: FolderEvent) => void) | undefined;
}

/** A file that did not become a payload. */
export interface FolderEvent {
  /** `"foreign"`: left alone, since nobody here writes such a name. `"too-large"`, `"unreadable"`: removed, or left if that failed. */
  readonly kind: "foreign" | "too-large" | "unreadable";
  /** The name of the file, shortened. */
  readonly file: string;
  readonly error?: unknown;
}

const { callback, list, number, required, text } = optionKinds;
const kinds: optionKinds.KindsOf<FolderTransportOptions> = {
  root: required(text, "a string, the path of the folder"),
  self: required(text, "a string, the name of this peer"),
  peers: required(list, "an array of the names of the other peers"),
  pollMilliseconds: number,
  maxPayloadBytes: number,
  maxFiles: number,
  onEvent: callback,
};

/** Sender, time of writing in milliseconds, and chance: in the order of names, those of a sender are in the order of time. */
const FILE = /^([0-9a-f]{64})-([0-9]{15})-[0-9a-f]{16}\.mvds$/;
const TEMPORARY = /^\.tmp-[0-9a-f]{32}$/;
/** How many entries of a folder are looked at in one look, whatever somebody has put there. */
const ENTRIES = 4096;

/**
 * Makes a transport over a folder: one that is shared, or on a stick that is carried from device to device. Each payload is a file of its own,
 * below a folder of the peer that it is for. It appears whole, by a rename, and is removed once the node has taken it.
 *
 * The folder authenticates nobody and hides nothing: whoever can write to it can claim to be any peer. Use it where that is as it should be.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 *
 * @example
 * ```ts
 * import { folderTransport } from "@remote-log/mvds/folder";
 *
 * const transport = folderTransport({ root: "stick", self: "alice", peers: ["bob"] });
 * await transport.send("bob", new Uint8Array([1, 2, 3]));
 * ```
 */
export function folderTransport(options: FolderTransportOptions): Transport {
  checkOptionTypes(options, kinds, { name: "folderTransport", operation: "folder.open" });
  const { root, self, peers, onEvent = () => undefined } = options;
  const { pollMilliseconds = 1000, maxPayloadBytes = 2 ** 20, maxFiles = 1024 } = options;
  for (const name of [root, self, ...peers]) {
    if (typeof name === "string" && name !== "") continue;
    throw new InvalidInputError("`root`, `self` and every one of `peers` must be a text.", {
      operation: "folder.open",
    });
  }
  checkWhole(
    { pollMilliseconds, maxPayloadBytes, maxFiles },
    { operation: "folder.open", largest: 2 ** 31 - 1 },
  );
  const own = join(root, hashOf(self));
  const senders = new Map(peers.map((peer) => [hashOf(peer), peer]));
  const limits = { maxPayloadBytes, maxFiles };
  let last = 0;

  return {
    async send(peer, payload, { signal } = {}) {
      throwIfAborted(signal);
      const folder = join(root, hashOf(peer));
      await mkdir(folder, { recursive: true });
      if ((await namesIn(folder, () => undefined)).length >= maxFiles) {
        throw new QuotaExhaustedError(
          `${maxFiles} payloads wait for peer ${JSON.stringify(peer)} in the folder: it has to take them first.`,
          { operation: "folder.send", retry: "safe" },
        );
      }
      // Never the same or an earlier time, so that the order stays.
      last = Math.max(last + 1, Date.now());
      const name = `${hashOf(self)}-${String(last).padStart(15, "0")}-${randomBytes(8).toString("hex")}.mvds`;
      const temporary = join(folder, `.tmp-${randomBytes(16).toString("hex")}`);
      try {
        await writeWhole(temporary, payload, signal);
        await rename(temporary, join(folder, name));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    async *receive({ signal }: TransportOptions = {}): AsyncGenerator<Arrival, void, undefined> {
      const told = new Set<string>();
      const tell = (event: FolderEvent): void => {
        // What stays there is told once.
        if (told.has(event.file)) return;
        if (told.size < ENTRIES) told.add(event.file);
        onEvent(event);
      };
      while (!isAborted(signal)) {
        for (const name of await namesIn(own, tell)) {
          if (isAborted(signal)) return;
          const peer = senders.get(FILE.exec(name)![1]!);
          if (peer === undefined) {
            tell({ kind: "foreign", file: name });
            continue;
          }
          const path = join(own, name);
          const payload = await readOnce(path, limits.maxPayloadBytes, (event) =>
            tell({ ...event, file: name }),
          );
          if (payload !== undefined) yield { peer, payload };
          // Only now: what the node did not take comes again after a crash.
          await unlink(path).catch(() => undefined);
        }
        await delay(pollMilliseconds, signal).catch(() => undefined);
      }
    },
  };
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function hashOf(peer: string): string {
  return createHash("sha256").update(peer).digest("hex");
}

async function writeWhole(path: string, content: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  const handle = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
  );
  try {
    await handle.writeFile(content, signal === undefined ? {} : { signal });
    // The stick may be pulled out as soon as the payload counts as sent.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The names of files of ours in a folder, oldest first for each sender. */
async function namesIn(folder: string, tell: (event: FolderEvent) => void): Promise<string[]> {
  let entries: Dir;
  try {
    entries = await opendir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const names: string[] = [];
  let looked = 0;
  for await (const { name } of entries) {
    if (FILE.test(name)) names.push(name);
    else if (!TEMPORARY.test(name)) tell({ kind: "foreign", file: name.slice(0, 128) });
    if (++looked >= ENTRIES) break;
  }
  return names.sort();
}

/** Reads a regular file of at most some bytes; `undefined` for anything else. */
async function readOnce(
  path: string,
  most: number,
  tell: (event: Omit<FolderEvent, "file">) => void,
): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) throw new Error("it is no regular file");
      // One byte more than allowed, whatever its size says or becomes.
      const bytes = new Uint8Array(most + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length <= most; length += read) {
        ({ bytesRead: read } = await handle.read(bytes, length, bytes.length - length));
      }
      if (length <= most) return bytes.slice(0, length);
      tell({ kind: "too-large" });
    } finally {
      await handle.close();
    }
  } catch (error) {
    tell({ kind: "unreadable", error });
  }
  return undefined;
}
