// A device that writes a log, whose process may end at any moment.

import {
  type DeviceSeed,
  openWriter,
  type ReadKey,
  type Remote,
  type Writer,
  type WriterOptions,
} from "@remote-log/core";
import { Disk, type DiskImage } from "./disk.ts";
import { allowedFailure } from "./outcomes.ts";
import type { Place } from "./place.ts";
import { ProcessLife } from "./process-life.ts";
import type { Promises } from "./promises.ts";
import { Violation } from "./violation.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the devices of a schedule have in common. */
export interface DeviceOptions {
  readonly name: string;
  readonly places: readonly Place[];
  readonly promises: Promises;
  readonly options: Omit<WriterOptions, "seed" | "journal" | "witness" | "remotes">;
  /** The seed that the device has, by the number of key changes so far. */
  readonly seedOf: (generation: number) => Promise<Uint8Array | DeviceSeed>;
  readonly hasWitness: boolean;
}

/** A device. Its process is started when it is needed. */
export class Device {
  readonly name: string;
  generation = 0;
  logId: string | undefined;
  readKey: ReadKey | undefined;
  /** Whether its journal says that it lacks something that others have. */
  needsRecovery = false;
  #image: DiskImage | undefined;
  #process: { readonly writer: Writer; readonly disk: Disk; readonly life: ProcessLife } | undefined;
  #opening: Disk | undefined;
  // When the next process dies, in steps, and how many of its writes the power cut spares.
  #death: { readonly steps: number; readonly spared: number } | undefined;
  #appended = 0;
  readonly #shared: DeviceOptions;

  constructor(shared: DeviceOptions) {
    this.#shared = shared;
    this.name = shared.name;
  }

  /** Does something with the writer, and notes how it failed if it did. A process that dies meanwhile leaves its disk. */
  async do(what: string, work: (writer: Writer) => Promise<void>): Promise<string> {
    const life = this.#process?.life ?? new ProcessLife();
    if (this.#death !== undefined) life.dieAfter(this.#death.steps);
    let result = "dead";
    const doing = async (): Promise<void> => {
      try {
        await work(await this.#writer(life));
        result = "done";
      } catch (error) {
        // What a process that is gone would have thrown, nobody hears.
        if (life.isDead && !(error instanceof Violation)) return;
        result = allowedFailure(error, `${this.name} ${what}`, this.#shared.promises.isShared);
        if (result === "ERR_RESTORED" || result === "ERR_JOURNAL_CORRUPT") this.needsRecovery = true;
      }
    };
    await Promise.race([doing(), life.ended]);
    if (life.isDead) this.#afterDeath();
    else life.live();
    return result;
  }

  /** Lets the process die after a number of steps from the beginning of what it does next. */
  dieAfter(steps: number, spared: number): void {
    this.#death = { steps, spared };
  }

  /** Takes back a death that has not come. */
  outlive(): void {
    this.#death = undefined;
  }

  /** Ends the process at once. */
  crash(spared: number): void {
    this.#death = { steps: 0, spared };
    this.#process?.life.kill();
    this.#afterDeath();
  }

  /** Ends the process as it should. */
  async close(): Promise<void> {
    if (this.#process === undefined) return;
    await this.do("closes", (writer) => writer.close());
    if (this.#process === undefined) return;
    this.#image = this.#process.disk.afterCrash();
    this.#process.life.kill();
    this.#process = undefined;
  }

  /** What a backup would have. */
  async backup(): Promise<{ readonly image: DiskImage | undefined; readonly size: number }> {
    let size = 0;
    await this.do("is saved", async (writer) => {
      size = writer.size;
    });
    return { image: this.#process?.disk.afterCrash() ?? this.#image, size };
  }

  /** Puts a backup back. */
  putBack(image: DiskImage | undefined, keepsWitness: boolean): void {
    const statement = keepsWitness ? (this.#process?.disk.afterCrash() ?? this.#image)?.statement : undefined;
    this.crash(Number.POSITIVE_INFINITY);
    this.#image = image && { records: image.records, statement: statement ?? image.statement };
  }

  async append(writer: Writer, lengths: readonly number[], snapshot: boolean): Promise<void> {
    const { promises } = this.#shared;
    const contents = lengths.map((length) => `${this.name} ${this.#appended++} `.padEnd(length, "."));
    for (const content of contents) promises.submit(content);
    const receipts =
      snapshot && contents.length === 1
        ? [await writer.append(encoder.encode(contents[0]), { snapshot })]
        : await writer.appendAll(contents.map((content) => encoder.encode(content)));
    for (const [i, { sequence }] of receipts.entries()) promises.acknowledge(contents[i]!, sequence);
  }

  async remove(writer: Writer, at: number, count: number): Promise<void> {
    const first = Math.floor(at * writer.size);
    const end = Math.min(first + count, writer.size);
    if (first >= end) return;
    const { promises } = this.#shared;
    const contents: string[] = [];
    for await (const { sequence, content } of writer.entries(first, { removed: "skip" })) {
      if (sequence >= end) break;
      contents.push(decoder.decode(content));
    }
    promises.beginRemoval(contents);
    await writer.remove({ first, count: end - first });
    promises.endRemoval(contents);
  }

  /** All contents of the journal, in their order. */
  async contents(writer: Writer): Promise<string[]> {
    const contents: string[] = [];
    for await (const { content } of writer.entries(0, { removed: "skip" }))
      contents.push(decoder.decode(content));
    return contents;
  }

  async #writer(life: ProcessLife): Promise<Writer> {
    if (this.#process !== undefined) return this.#process.writer;
    const { places, promises, options, seedOf, hasWitness } = this.#shared;
    const disk = new Disk(this.#image, life);
    // From here on, a death leaves what this disk has.
    this.#opening = disk;
    const remotes = places.map((place): Remote => place.remoteFor(life, (content) => promises.sent(content)));
    let writer: Writer | undefined;
    try {
      writer = await openWriter({
        ...options,
        seed: await seedOf(this.generation),
        journal: disk,
        witness: hasWitness ? disk.witness : undefined,
        remotes,
        logId: this.#image === undefined ? undefined : this.logId,
        forRecovery: this.needsRecovery,
      });
      this.logId ??= writer.logId;
      this.readKey ??= writer.readKey;
      if (this.needsRecovery) {
        await writer.recover({ acceptLoss: true });
        this.needsRecovery = false;
      }
    } catch (error) {
      await writer?.close();
      if (!life.isDead) this.#image = disk.afterCrash();
      throw error;
    }
    this.#process = { writer, disk, life };
    this.#opening = undefined;
    return writer;
  }

  #afterDeath(): void {
    const disk = this.#process?.disk ?? this.#opening;
    this.#image = disk?.afterCrash(this.#death?.spared) ?? this.#image;
    this.#process = undefined;
    this.#opening = undefined;
    this.#death = undefined;
  }
}
