// Attaching: the parts go into a log of their own, each durable as it is appended.

import { bytesEqual, Semaphore, throwIfAborted } from "@remote-log/core/adapter";
import type { OwnLog } from "../own/own-log.ts";
import type { Settings } from "../store/settings.ts";
import type { AttachmentPlace, PartRange } from "../wire/envelope.ts";
import { type AttachmentSource, partsOf } from "./parts.ts";

/** How far attaching or fetching has come. */
export interface AttachmentProgress {
  /** How many bytes are done. */
  readonly done: number;
  /** How many there are; absent while nobody knows. */
  readonly bytes?: number;
}

/** Options of `Group.attach`. */
export interface AttachOptions {
  /** Ends it. The parts so far stay, and are used again if it has a name. */
  readonly signal?: AbortSignal | undefined;
  /**
   * What it is called on this device until it is in a message, such as a path. If attaching under the name was cut off before, it continues
   * behind the parts that are the same. Default: none; then it begins anew.
   */
  readonly resume?: string | undefined;
  /** Called after each part. It must not throw. */
  readonly onProgress?: ((progress: AttachmentProgress) => void) | undefined;
}

/** The size of a part, in bytes; smaller where the remotes take no more. */
const PART_BYTES = 1_048_576;

/** The log of attachments of this device. */
export class OwnAttachments {
  readonly #log: OwnLog;
  readonly #settings: Settings;
  // One after another, so that the parts of one are a few ranges.
  readonly #attaching = new Semaphore(1);

  constructor(log: OwnLog, settings: Settings) {
    this.#log = log;
    this.#settings = settings;
  }

  /** Appends all of a source. Durable on this device when it resolves. */
  attach(source: AttachmentSource, options: AttachOptions = {}): Promise<AttachmentPlace> {
    const { signal } = options;
    return this.#attaching.run(signal, () => this.#attach(source, options));
  }

  /** Parts of this device's own, from its journal. */
  async *parts(ranges: readonly PartRange[]): AsyncGenerator<Uint8Array, void, undefined> {
    for (const { first, count } of ranges) {
      for await (const { sequence, content } of this.#log.writer.entries(first)) {
        if (sequence >= first + count) break;
        yield content;
      }
    }
  }

  async #attach(
    source: AttachmentSource,
    { signal, resume, onProgress = () => undefined }: AttachOptions,
  ): Promise<AttachmentPlace> {
    const { writer } = this.#log;
    const earlier = resume === undefined ? [] : await this.#attachedAs(resume);
    const before = this.parts(earlier);
    let same = true;
    const sequences: number[] = [];
    let bytes = 0;
    const size = Math.min(PART_BYTES, writer.largestContent);
    try {
      for await (const part of partsOf(source, size)) {
        throwIfAborted(signal);
        if (same) {
          const { value } = await before.next();
          same = value !== undefined && bytesEqual(value, part);
        }
        const sequence = same
          ? numberAt(earlier, sequences.length)
          : (await this.#log.append(part, signal)).sequence;
        sequences.push(sequence);
        bytes += part.length;
        if (resume !== undefined && !same) await this.#keep(resume, rangesOf(sequences));
        onProgress({ done: bytes });
      }
    } finally {
      await before.return();
    }
    return { parts: rangesOf(sequences), bytes, size, key: writer.readKey!.toBytes() };
  }

  async #attachedAs(name: string): Promise<readonly PartRange[]> {
    const text = await this.#settings.get(`attachment/${name}`);
    return text === undefined ? [] : (JSON.parse(text) as PartRange[]);
  }

  #keep(name: string, ranges: readonly PartRange[]): Promise<void> {
    return this.#settings.set(`attachment/${name}`, JSON.stringify(ranges));
  }
}

/** Numbers that rise, as ranges. */
function rangesOf(sequences: readonly number[]): readonly PartRange[] {
  const ranges: { first: number; count: number }[] = [];
  for (const sequence of sequences) {
    const last = ranges[ranges.length - 1];
    if (last !== undefined && last.first + last.count === sequence) last.count++;
    else ranges.push({ first: sequence, count: 1 });
  }
  return ranges;
}

/** The n-th number of some ranges. */
function numberAt(ranges: readonly PartRange[], n: number): number {
  let rest = n;
  for (const { first, count } of ranges) {
    if (rest < count) return first + rest;
    rest -= count;
  }
  throw new RangeError(`There is no part ${n}.`);
}
