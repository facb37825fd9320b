// The messages of a group as a stream: each once, in the group's order, and word of where a late one belongs.

import { throwIfAborted } from "@remote-log/core/adapter";
import { type Attachment, attachmentOf, type PartSource } from "./attachments/attachment.ts";
import type { Codec } from "./codec.ts";
import type { UndecodableEntry } from "./options.ts";
import type { GroupStore, OrderedEntry } from "./store/group-store.ts";
import { decodeEnvelope } from "./wire/envelope.ts";
import { messageId, type Position } from "./wire/position.ts";

/** A message of a group. */
export interface Message<T> {
  /** Its id, the same on every device: the log of its author, a colon, its number there. */
  readonly id: string;
  /** The device that wrote it: the id of its log of messages. */
  readonly author: string;
  /** Whether this device wrote it. */
  readonly own: boolean;
  /**
   * When it was written, in milliseconds since 1970, by its author's word; later than everything that its author had read before.
   */
  readonly time: number;
  /** When it was first read on this device, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** The kind of its value, as its author's codec has it. */
  readonly type: string;
  /** The version of its value's form. */
  readonly version: number;
  /** What was written. */
  readonly value: T;
  /** What is attached to it; fetched when it is asked for. */
  readonly attachments: readonly Attachment[];
  /**
   * The message, delivered already, in front of which this one belongs: it came later than others that are newer. Those from there on
   * move by one. Absent if it belongs at the end.
   */
  readonly before?: string;
}

/** What the stream reads from. */
export interface MessageSource<T> {
  readonly store: GroupStore;
  readonly codec: Codec<T>;
  /** The log of messages of this device. */
  readonly own: string;
  readonly onUndecodable: (entry: UndecodableEntry) => void;
  /** Where the parts of what a member attached come from. */
  readonly partsOf: (author: string) => PartSource;
  /** Resolves when a message may have come, and rejects with the signal's reason. */
  readonly news: (signal: AbortSignal) => Promise<void>;
}

/** All messages, and new ones as they come. */
export async function* messagesOf<T>(
  source: MessageSource<T>,
  { live, signal }: { readonly live: boolean; readonly signal: AbortSignal },
): AsyncGenerator<Message<T>, void, undefined> {
  const { store } = source;
  let seen = store.arrivals;
  let last: Position | undefined;
  for (;;) {
    throwIfAborted(signal);
    const step = await store.orderedAfter(last);
    if (step.length === 0) break;
    for (const entry of step) {
      last = entry.position;
      // What comes while this goes through is delivered after it.
      if (entry.arrival >= seen) continue;
      const message = await messageAt(source, entry.position);
      if (message !== undefined) yield message;
    }
  }
  while (live) {
    const news = source.news(signal);
    // If it ends while the store is read, that is told below.
    news.catch(() => undefined);
    const { found, next } = await store.arrivedFrom(seen);
    if (next === seen) {
      await news;
      continue;
    }
    for (const { position } of [...found].sort(inOrder)) {
      const message = await messageAt(source, position);
      const before = message && (await deliveredAfter(store, position, seen));
      if (message !== undefined)
        yield { ...message, ...(before !== undefined && { before: messageId(before) }) };
      throwIfAborted(signal);
    }
    seen = next;
  }
}

// Of those that came with it, the ones behind it are not delivered yet.
async function deliveredAfter(
  store: GroupStore,
  position: Position,
  seen: number,
): Promise<Position | undefined> {
  let after = position;
  for (;;) {
    const step = await store.orderedAfter(after);
    const found = step.find(({ arrival }) => arrival < seen);
    if (found !== undefined) return found.position;
    if (step.length === 0) return undefined;
    after = step[step.length - 1]!.position;
  }
}

async function messageAt<T>(
  { store, codec, own, onUndecodable, partsOf }: MessageSource<T>,
  { log, sequence }: Position,
): Promise<Message<T> | undefined> {
  const entry = await store.entry({ log, sequence });
  if (entry === undefined) return undefined;
  const id = messageId({ log, sequence });
  const { time, type, version, body, attachments: places } = decodeEnvelope(entry.content);
  let value: T;
  try {
    value = codec.decode(body, { type, version });
  } catch (error) {
    onUndecodable({ id, author: log, error });
    return undefined;
  }
  const attachments = places.map((place) => attachmentOf(place, partsOf(log)));
  const { receivedAt } = entry;
  return { id, author: log, own: log === own, time, receivedAt, type, version, value, attachments };
}

function inOrder({ position: a }: OrderedEntry, { position: b }: OrderedEntry): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.log !== b.log) return a.log < b.log ? -1 : 1;
  return a.sequence - b.sequence;
}
