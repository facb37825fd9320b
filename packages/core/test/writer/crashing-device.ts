import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect } from "vitest";
import {
  type JournalWitness,
  memoryReaderStore,
  type NameResolver,
  openReader,
  openWriter,
  type Remote,
  type Writer,
  type WriterOptions,
} from "../../src/index.ts";
import { isHead, readCold, SignedRoots, text, textOf } from "./log-contents.ts";
import { looseNames } from "./loose-names.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { ProcessLife } from "./process-life.ts";
import { wrapRemote } from "./wrapped-remote.ts";

const seed = new Uint8Array(32).fill(7);
// Small pages, so that a short log has all there is to an index.
export const settings = { visibility: "public", leafSize: 2, fanOut: 2 } as const;
export const tiny: Omit<WriterOptions, "seed" | "journal"> = {
  publish: "manual",
  settings,
  leastCapacity: 1000,
  largestEmbedded: 12,
  graceMilliseconds: 0,
};

/** What a device is told to do. */
export type Command =
  | { readonly kind: "append"; readonly count: number }
  | { readonly kind: "snapshot" }
  | { readonly kind: "say" }
  /** Removes the entry at this part of the log, from 0 to 1, and the one after it. */
  | { readonly kind: "remove"; readonly at: number }
  | { readonly kind: "publish" }
  | { readonly kind: "reopen" };

/** How a power cut comes: after how many steps of the process, and how many of the unsynced writes it spares. */
export interface PowerCut {
  readonly after: number;
  readonly spared: number;
}

/** The kinds of name system that the tests run on. */
export const nameSystems: Record<string, () => { forWriter: NameResolver; forReader: NameResolver }> = {
  "compare-and-set": () => {
    const table = new NameTable();
    return { forWriter: memoryNames({ table }), forReader: memoryNames({ table }) };
  },
  "no compare-and-set": () => {
    const history = new Map();
    return { forWriter: looseNames(history), forReader: looseNames(history) };
  },
  "no compare-and-set, and reads that lag": () => {
    const history = new Map();
    let reads = 0;
    return { forWriter: looseNames(history, () => reads++ % 3), forReader: looseNames(history) };
  },
};

/** Those, and one whose names hold no head. */
export const crashSystems: typeof nameSystems = {
  ...nameSystems,
  "compare-and-set, and heads that are objects": () => {
    const names = memoryNames({ table: new NameTable(), largestContent: 100 });
    return { forWriter: names, forReader: names };
  },
};

/** A device whose power fails, its remote, a reader that follows it, and what all of them were promised. */
export class CrashingDevice {
  /** Every content that `append` acknowledged, by its sequence number. */
  readonly acknowledged = new Map<number, string>();
  /** Every content whose removal was begun, by its sequence number, and whether `remove` acknowledged it. */
  readonly removed = new Map<number, { readonly content: string; isAcknowledged: boolean }>();
  readonly #contents = new Map<string, Uint8Array>();
  readonly #signed = new SignedRoots();
  readonly #store = memoryReaderStore();
  readonly #names: { forWriter: NameResolver; forReader: NameResolver };
  #disk = new Map<string, Uint8Array>();
  // Every statement that was saved: a power cut may leave any of the newest.
  #statements: Uint8Array[] = [];
  #appended = 0;
  #said: { readonly count: number; readonly snapshot?: number } = { count: 0 };
  #seen: (string | undefined)[] = [];
  #version = 0;
  #logId = "";

  constructor(names: { forWriter: NameResolver; forReader: NameResolver }) {
    this.#names = names;
  }

  /** Runs commands, with a power cut in each of the first processes; counts the steps of the last one. */
  async run(commands: readonly Command[], cuts: readonly PowerCut[]): Promise<number> {
    let next = 0;
    for (const cut of [...cuts, undefined]) {
      const life = new ProcessLife(cut?.after);
      const database = new PowerCutDatabase(this.#disk, life);
      await life.run(async () => {
        let writer = await this.#open(database, life);
        while (next < commands.length) {
          const command = commands[next++]!;
          if (command.kind === "append") await this.#append(writer, command.count);
          else if (command.kind === "snapshot") await this.#snapshot(writer);
          else if (command.kind === "say") await this.#say(writer);
          else if (command.kind === "publish") await writer.publish();
          else if (command.kind === "remove") await this.#remove(writer, command.at);
          else {
            await writer.close();
            writer = await this.#open(database, life);
          }
        }
        if (cut === undefined) await this.#finish(writer);
      });
      life.kill();
      const spared = cut === undefined ? database.unsynced : Math.min(cut.spared, database.unsynced);
      this.#disk = database.afterPowerCut(spared);
      if (cut !== undefined)
        this.#statements = this.#statements.slice(0, Math.max(1, this.#statements.length - (spared % 3)));
      await this.#follow();
      if (cut === undefined) return life.steps;
    }
    return 0;
  }

  #remote(names: NameResolver): Remote {
    return { label: "one", storage: memoryStorage({ contents: this.#contents }), names };
  }

  async #open(journal: PowerCutDatabase, life: ProcessLife): Promise<Writer> {
    const remote = wrapRemote(
      this.#remote(this.#names.forWriter),
      async (call, proceed) => {
        await life.step();
        if (call.content !== undefined && isHead(call.content)) this.#signed.add(call.content);
        const result = await proceed();
        await life.step();
        return result;
      },
      true,
    );
    const witness: JournalWitness = {
      load: async () => this.#statements.at(-1),
      save: (statement) => life.effect(async () => void this.#statements.push(statement)),
      close: async () => undefined,
    };
    const writer = await openWriter({ ...tiny, seed, journal, witness, remotes: [remote] });
    this.#logId = writer.logId;
    return writer;
  }

  // What is acknowledged of the manifest is never taken back.
  async #snapshot(writer: Writer): Promise<void> {
    const content = `state ${this.#appended++}.`;
    const { sequence } = await writer.append(text(content), { snapshot: true });
    expect(this.acknowledged.has(sequence), `entry ${sequence} was given away twice`).toBe(false);
    this.acknowledged.set(sequence, content);
    this.#said = { ...this.#said, snapshot: sequence };
  }

  // Every second version is too large for the head.
  async #say(writer: Writer): Promise<void> {
    const count = this.#said.count + 1;
    // Every second version is too large for a head.
    const remotes = new Uint8Array(count % 2 === 0 ? 1500 : 8).fill(count);
    await writer.changeManifest((content) => ({ ...content, remotes }));
    this.#said = { ...this.#said, count };
  }

  async #append(writer: Writer, count: number): Promise<void> {
    const contents = Array.from({ length: count }, () => {
      const number = this.#appended++;
      // Every third is too large to be embedded.
      return `entry ${number}.${number % 3 === 0 ? " in an object of its own" : ""}`;
    });
    const receipts = await writer.appendAll(contents.map(text));
    for (const [i, { sequence }] of receipts.entries()) {
      expect(this.acknowledged.has(sequence), `entry ${sequence} was given away twice`).toBe(false);
      this.acknowledged.set(sequence, contents[i]!);
    }
  }

  async #remove(writer: Writer, at: number): Promise<void> {
    const first = Math.floor(at * writer.size);
    const count = Math.min(2, writer.size - first);
    if (count === 0) return;
    for await (const { sequence, content } of writer.entries(first, { removed: "skip" })) {
      if (sequence < first + count)
        this.removed.set(sequence, { content: textOf(content), isAcknowledged: false });
    }
    const { snapshot, ...said } = this.#said;
    // A snapshot that is removed is none any more; the newest one may be there without having been acknowledged.
    const newest = writer.manifest?.snapshot ?? snapshot;
    if (newest !== undefined && newest >= first && newest < first + count) this.#said = said;
    await writer.remove({ first, count });
    for (let sequence = first; sequence < first + count; sequence++)
      this.removed.get(sequence)!.isAcknowledged = true;
  }

  // In the end all is published, once, and a reader without memory agrees with the journal.
  async #finish(writer: Writer): Promise<void> {
    await writer.publish();
    const own = new Array<string | undefined>(writer.size).fill(undefined);
    for await (const { sequence, content } of writer.entries(0, { removed: "skip" }))
      own[sequence] = textOf(content);
    for (const [sequence, content] of this.acknowledged) {
      if (own[sequence] !== undefined || !this.removed.has(sequence)) expect(own[sequence]).toBe(content);
    }
    const left = own.filter((content) => content !== undefined);
    expect(new Set(left).size).toBe(left.length);
    // A change that was not acknowledged may be there all the same.
    const { remotes, snapshot = -1 } = writer.manifest ?? {};
    expect(remotes?.[0] ?? 0).toBeGreaterThanOrEqual(this.#said.count);
    expect(snapshot).toBeGreaterThanOrEqual(this.#said.snapshot ?? -1);
    if (snapshot >= 0) expect(own[snapshot]).toMatch(/^state/);
    const remote = this.#remote(this.#names.forReader);
    if (this.removed.size === 0) expect(await readCold(this.#logId, remote)).toEqual(own);
    else expect(await readLeft(this.#logId, remote)).toEqual(own);
    expect(writer.status().remotes[0]).not.toHaveProperty("removal");
    const reader = await openReader({ logId: this.#logId, remotes: [remote] });
    await reader.sync();
    expect(reader.manifest).toEqual(writer.manifest);
    await reader.close();
    await writer.close();
    this.#expectGone(own);
  }

  // Nothing is left of a content whose removal was acknowledged: not on the remote, nor in the journal's database.
  #expectGone(own: readonly (string | undefined)[]): void {
    // Of heads that are objects none stays behind.
    expect([...this.#contents.values()].filter(isHead).length).toBeLessThanOrEqual(1);
    const stored = [...this.#contents.values()].map(textOf);
    for (const [sequence, { content, isAcknowledged }] of this.removed) {
      if (isAcknowledged) expect(own[sequence]).toBeUndefined();
      if (own[sequence] === undefined)
        expect(
          stored.filter((bytes) => bytes.includes(content)),
          `entry ${sequence}`,
        ).toEqual([]);
    }
  }

  // A reader with a memory continues from where it was: a fork or a rollback would be an error here.
  async #follow(): Promise<void> {
    if (this.#logId === "") return;
    const remotes = [this.#remote(this.#names.forReader)];
    const reader = await openReader({ logId: this.#logId, remotes, store: this.#store });
    if ((await remotes[0]!.names.resolve(this.#logId)).status === "absent") {
      expect(await failure(reader.sync())).toMatchObject({ code: "ERR_NOT_FOUND" });
    } else {
      await reader.sync();
      const contents = new Array<string | undefined>(reader.size).fill(undefined);
      for await (const { sequence, content } of reader.from(0, { removed: "skip" }))
        contents[sequence] = textOf(content);
      for (const [sequence, content] of contents.entries()) {
        // What is not there was removed by the writer, and stays so.
        if (content === undefined) expect(this.removed.has(sequence), `entry ${sequence}`).toBe(true);
        else if (sequence < this.#seen.length) expect(content).toBe(this.#seen[sequence]);
      }
      expect(contents.length).toBeGreaterThanOrEqual(this.#seen.length);
      const { snapshot = -1, version = 0 } = reader.manifest ?? {};
      // A head may show a newer manifest than entries.
      if (snapshot in contents) expect(contents[snapshot]).toMatch(/^state/);
      expect(version).toBeGreaterThanOrEqual(this.#version);
      this.#version = version;
      this.#seen = contents;
    }
    await reader.close();
  }
}

/** The contents of all entries, `undefined` for those that were removed, as a reader without any memory reads them. */
async function readLeft(logId: string, remote: Remote): Promise<(string | undefined)[]> {
  const reader = await openReader({ logId, remotes: [remote] });
  await reader.sync();
  const contents = new Array<string | undefined>(reader.size).fill(undefined);
  for await (const { sequence, content } of reader.from(0, { removed: "skip" }))
    contents[sequence] = textOf(content);
  await reader.close();
  return contents;
}
