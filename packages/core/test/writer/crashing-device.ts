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
import { readCold, SignedRoots, text, textOf } from "./log-contents.ts";
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
};

/** What a device is told to do. */
export type Command =
  | { readonly kind: "append"; readonly count: number }
  | { readonly kind: "snapshot" }
  | { readonly kind: "say" }
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

/** A device whose power fails, its remote, a reader that follows it, and what all of them were promised. */
export class CrashingDevice {
  /** Every content that `append` acknowledged, by its sequence number. */
  readonly acknowledged = new Map<number, string>();
  readonly #contents = new Map<string, Uint8Array>();
  readonly #signed = new SignedRoots();
  readonly #store = memoryReaderStore();
  readonly #names: { forWriter: NameResolver; forReader: NameResolver };
  #disk = new Map<string, Uint8Array>();
  // Every statement that was saved: a power cut may leave any of the newest.
  #statements: Uint8Array[] = [];
  #appended = 0;
  #said: { readonly firstKept: number; readonly snapshot?: number; readonly remotes?: Uint8Array } = {
    firstKept: 0,
  };
  #seen: string[] = [];
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
    const remote = wrapRemote(this.#remote(this.#names.forWriter), async (call, proceed) => {
      await life.step();
      if (call.kind === "update") this.#signed.add(call.content!);
      const result = await proceed();
      await life.step();
      return result;
    });
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
    const content = `state ${this.#appended++}`;
    const { sequence } = await writer.append(text(content), { snapshot: true });
    expect(this.acknowledged.has(sequence), `entry ${sequence} was given away twice`).toBe(false);
    this.acknowledged.set(sequence, content);
    this.#said = { ...this.#said, snapshot: sequence };
  }

  // Every second version is too large for the head.
  async #say(writer: Writer): Promise<void> {
    const count = this.#said.firstKept + 1;
    const remotes = count % 2 === 0 ? { remotes: new Uint8Array(1500).fill(count) } : {};
    await writer.changeManifest((content) => ({ ...content, firstKept: count, ...remotes }));
    this.#said = { ...this.#said, firstKept: count, ...remotes };
  }

  async #append(writer: Writer, count: number): Promise<void> {
    const contents = Array.from({ length: count }, () => {
      const number = this.#appended++;
      // Every third is too large to be embedded.
      return `entry ${number}${number % 3 === 0 ? " in an object of its own" : ""}`;
    });
    const receipts = await writer.appendAll(contents.map(text));
    for (const [i, { sequence }] of receipts.entries()) {
      expect(this.acknowledged.has(sequence), `entry ${sequence} was given away twice`).toBe(false);
      this.acknowledged.set(sequence, contents[i]!);
    }
  }

  // In the end all is published, once, and a reader without memory agrees with the journal.
  async #finish(writer: Writer): Promise<void> {
    await writer.publish();
    const own: string[] = [];
    for await (const { content } of writer.entries()) own.push(textOf(content));
    for (const [sequence, content] of this.acknowledged) expect(own[sequence]).toBe(content);
    expect(new Set(own).size).toBe(own.length);
    // A change that was not acknowledged may be there all the same.
    const { firstKept = 0, snapshot = -1 } = writer.manifest ?? {};
    expect(firstKept).toBeGreaterThanOrEqual(this.#said.firstKept);
    expect(snapshot).toBeGreaterThanOrEqual(this.#said.snapshot ?? -1);
    if (snapshot >= 0) expect(own[snapshot]).toMatch(/^state/);
    const remote = this.#remote(this.#names.forReader);
    expect(await readCold(this.#logId, remote)).toEqual(own);
    const reader = await openReader({ logId: this.#logId, remotes: [remote] });
    await reader.sync();
    expect(reader.manifest).toEqual(writer.manifest);
    await reader.close();
    await writer.close();
  }

  // A reader with a memory goes on from where it was: a fork or a rollback would be an error here.
  async #follow(): Promise<void> {
    if (this.#logId === "") return;
    const remotes = [this.#remote(this.#names.forReader)];
    const reader = await openReader({ logId: this.#logId, remotes, store: this.#store });
    if ((await remotes[0]!.names.resolve(this.#logId)).status === "absent") {
      expect(await failure(reader.sync())).toMatchObject({ code: "ERR_NOT_FOUND" });
    } else {
      const contents: string[] = [];
      for await (const { content } of reader.from(0)) contents.push(textOf(content));
      expect(contents.slice(0, this.#seen.length)).toEqual(this.#seen);
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
