// Opens a journal that was tampered with, appends and publishes, and checks what came of it.

import {
  type Checkpoint,
  parseCheckpoint,
  parseSignedNote,
} from "../../../packages/core/src/checkpoint/index.ts";
import {
  isRemoteLogError,
  memoryReaderStore,
  openReader,
  type Reader,
  type Remote,
} from "../../../packages/core/src/index.ts";
import { decodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf, promise } from "../decoder.ts";
import { type JournalWorld, openWorldWriter } from "./journal-world.ts";
import type { Tampered } from "./tamper.ts";

/** What came of it. */
export interface Outcome {
  /**
   * - `noticed`: an error said so, and nothing was signed on top of it
   * - `harmless`: everything that was acknowledged is there and published
   * - `lost`: nothing said so, and entries that were acknowledged are gone, or others are in their place
   */
  readonly kind: "noticed" | "harmless" | "lost";
  /** The code of the error. */
  readonly code?: string;
}

const MORE = "one more";

/**
 * Uses a tampered journal as a writer would after a restart.
 *
 * @throws BrokenPromise if two roots were signed for one size, if a reader that was there before is delivered anything else
 * than it was, if it sees a fork or a rollback, or if an error is of no known kind
 */
export async function useTampered(world: JournalWorld, { disk }: Tampered): Promise<Outcome> {
  const sent: Uint8Array[] = [];
  const remotes = world.remotes(sent);
  const reader = await openReader({ logId: world.logId, remotes, store: memoryReaderStore() });
  const before = await contentsOf(reader);
  const outcome = await restart(world, disk, remotes);
  checkRoots([...world.sent, ...sent]);
  const after = await contentsOf(reader);
  await reader.close();
  promise(
    before.every((content, i) => after[i] === content),
    "a reader is delivered other entries than before",
  );
  return outcome;
}

async function restart(
  world: JournalWorld,
  disk: Tampered["disk"],
  remotes: readonly Remote[],
): Promise<Outcome> {
  try {
    const [writer] = await openWorldWriter(disk, remotes, world.shape);
    try {
      promise(writer.logId === world.logId, "the journal is that of another log now");
      const { sequence } = await writer.append(new TextEncoder().encode(MORE));
      await writer.publish();
      const own: string[] = [];
      for await (const { content } of writer.entries()) own.push(new TextDecoder().decode(content));
      const kept = world.acknowledged.every((content, i) => own[i] === content);
      if (kept) promise(sequence === own.length - 1, "a number was given out that was acknowledged before");
      return { kind: kept ? "harmless" : "lost" };
    } finally {
      await writer.close();
    }
  } catch (error) {
    if (!isRemoteLogError(error)) throw error;
    return { kind: "noticed", code: error.code };
  }
}

/** The contents that a reader delivers, by sequence number. */
async function contentsOf(reader: Reader): Promise<string[]> {
  const contents: string[] = [];
  for await (const { content } of reader.from(0)) contents.push(new TextDecoder().decode(content));
  return contents;
}

/** No two heads of one size have different roots. What is no head at all says nothing, and nobody accepts it. */
function checkRoots(heads: readonly Uint8Array[]): void {
  const roots = new Map<number, string>();
  for (const head of heads) {
    const checkpoint = checkpointIn(head);
    if (checkpoint === undefined) continue;
    const { size, root } = checkpoint;
    promise((roots.get(size) ?? hexOf(root)) === hexOf(root), `two roots were signed for ${size} entries`);
    roots.set(size, hexOf(root));
  }
}

function checkpointIn(head: Uint8Array): Checkpoint | undefined {
  try {
    return parseCheckpoint(parseSignedNote(decodeRemoteLog(head).checkpoint).text);
  } catch {
    return undefined;
  }
}
