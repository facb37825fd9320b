import { expect } from "vitest";
import { parseCheckpoint, parseSignedNote } from "../../src/checkpoint/index.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import { type Checkpoint, openReader, type Remote } from "../../src/index.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The contents of all entries, as a reader without any memory reads them from a remote. */
export async function readCold(logId: string, remote: Remote): Promise<string[]> {
  const reader = await openReader({ logId, remotes: [remote] });
  try {
    const contents: string[] = [];
    for await (const { sequence, content } of reader.from(0)) {
      expect(sequence).toBe(contents.length);
      contents.push(textOf(content));
    }
    expect(parseCheckpoint(parseSignedNote(reader.checkpoint!).text)).toMatchObject({
      size: contents.length,
      root: rootOf(contents),
    });
    return contents;
  } finally {
    await reader.close();
  }
}

/** The root of a public log of these contents, computed without the writer. */
function rootOf(contents: readonly string[]): Uint8Array {
  const tree = CompactRange.empty();
  for (const content of contents) {
    const hash = sha256(text(content));
    tree.appendLeaf(leafHashOf(hash, hash));
  }
  return tree.root();
}

/** The checkpoint in what a name holds. */
export function checkpointIn(content: Uint8Array): Checkpoint {
  return parseCheckpoint(parseSignedNote(textOf(decodeRemoteLog(content).checkpoint)).text);
}

/** The checkpoint of the manifest in what a name holds, if it has one. */
function manifestCheckpointIn(content: Uint8Array): Checkpoint | undefined {
  const { manifest } = decodeRemoteLog(content);
  return manifest && parseCheckpoint(parseSignedNote(textOf(manifest.checkpoint)).text);
}

/** Whether an object is a head: a name leads to it because it is too large for it. */
export function isHead(object: Uint8Array): boolean {
  try {
    return decodeRemoteLog(object).genesis.length > 0;
  } catch {
    return false;
  }
}

/** Every checkpoint that left a process, and whether two of one size ever differed. */
export class SignedRoots {
  readonly #roots = new Map<number, string>();
  readonly #manifestRoots = new Map<number, string>();

  add(content: Uint8Array): void {
    note(this.#roots, checkpointIn(content), "entries");
    const manifest = manifestCheckpointIn(content);
    if (manifest !== undefined) note(this.#manifestRoots, manifest, "versions");
  }

  get sizes(): number[] {
    return [...this.#roots.keys()];
  }
}

function note(roots: Map<number, string>, { size, root }: Checkpoint, what: string): void {
  const hex = [...root].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  expect(roots.get(size) ?? hex, `two roots were signed for ${size} ${what}`).toBe(hex);
  roots.set(size, hex);
}
