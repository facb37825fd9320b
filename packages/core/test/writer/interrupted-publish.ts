import { memoryStorage } from "@remote-log/memory";
import { expect } from "vitest";
import {
  type BatchOperation,
  type GenesisSettings,
  type NameResolver,
  openWriter,
  type PutManyLimits,
  type Remote,
  UnreachableError,
  type Writer,
} from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { nameSystems } from "./crashing-device.ts";
import { checkpointIn, readCold, SignedRoots, text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { ProcessLife } from "./process-life.ts";
import { withPutMany, wrapRemote } from "./wrapped-remote.ts";

const seed = new Uint8Array(32).fill(11);

/** A log, and the network on which it is published. */
export interface InterruptedOptions {
  readonly entries: number;
  readonly bytes: number;
  readonly settings?: Partial<GenesisSettings>;
  readonly largestEmbedded?: number;
  /** How many uploads each process lives for; endless if there are no more numbers. */
  readonly lives?: readonly number[];
  /** Which part of the uploads fails once, from 0 to 1. */
  readonly failing?: number;
  /** How much the storage takes at once. Default: one object. */
  readonly together?: PutManyLimits | undefined;
  /** Of which number of calls with several objects one is carried out, and its answer is lost. Default: none. */
  readonly lostAnswers?: number | undefined;
  /** How many entries each further process appends. */
  readonly more?: number;
  readonly labels?: readonly string[];
  /** After which of its steps each process ends: writes to the journal, and requests, count at their begin and end. */
  readonly crashes?: readonly number[];
  /** Default: names with compare-and-set. */
  readonly names?: () => { readonly forWriter: NameResolver; readonly forReader: NameResolver };
  /** What an update of the name fails with, given the number of updates before it. */
  readonly updateFailure?: (before: number) => Error | undefined;
}

/** What happened. */
export interface Outcome {
  /** How many processes there were. */
  readonly lives: number;
  /** How many uploads arrived at the storage, over all of them. */
  readonly uploads: number;
  /** How many different objects that were. */
  readonly objects: number;
  /** How many calls of `publish` failed. */
  readonly failures: number;
  /** The sizes that the name showed, in order. */
  readonly sizes: readonly number[];
  /** How often the journal was written while publishing, in all. */
  readonly journalWrites: number;
  /** How often the journal was written durably of these. */
  readonly durableWrites: number;
  /** At which steps of the last process an update of the name began. */
  readonly updatesAt: readonly number[];
}

/** Contents of which no two are the same, as text. */
export function contentsOf(count: number, bytes: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `entry ${from + i} `.padEnd(bytes, "x"));
}

/**
 * Publishes a log in processes that are killed after some uploads, on a network on which some uploads fail. Checks that the
 * journal never notes an upload that the storage did not acknowledge, that no two roots are signed for one size, and that all
 * of it can be read in the end.
 */
export async function publishInterrupted(options: InterruptedOptions): Promise<Outcome> {
  const { entries, bytes, settings, largestEmbedded, lives = [], more = 0, crashes = [] } = options;
  const { labels = ["one"] } = options;
  const remotes = labels.map((label) => new FlakyRemote(label, options));
  const appended = contentsOf(entries, bytes);
  let disk: Map<string, Uint8Array> = new Map();
  const counts = { lives: 0, failures: 0, journalWrites: 0, durableWrites: 0 };
  for (;;) {
    const life = new ProcessLife(crashes[counts.lives]);
    const journal = new PowerCutDatabase(disk, life);
    const wrapped = remotes.map((remote) => remote.open(life, lives[counts.lives]));
    const open = (): Promise<Writer> =>
      openWriter({
        settings: { visibility: "public" },
        seed,
        journal,
        remotes: wrapped,
        publish: "manual",
        ...(settings && { settings: { visibility: "public", ...settings }, leastCapacity: 1000 }),
        ...(largestEmbedded !== undefined && { largestEmbedded }),
      });
    let done = false;
    let logId = "";
    await life.run(async () => {
      const writer = await open();
      logId = writer.logId;
      if (counts.lives > 0) appended.push(...contentsOf(more, bytes, appended.length));
      const missing = appended.slice(writer.size).map(text);
      for (let at = 0; at < missing.length; at += 500) await writer.appendAll(missing.slice(at, at + 500));
      journal.onWrite = async (operations, sync) => {
        counts.journalWrites++;
        if (sync) counts.durableWrites++;
        for (const remote of remotes) await remote.checkNotes(operations);
      };
      for (;;) {
        const failure = await writer.publish().catch((error: unknown) => error);
        if (failure === undefined) break;
        expect(failure).toMatchObject({ code: "ERR_UNREACHABLE" });
        counts.failures++;
      }
      journal.onWrite = () => undefined;
      done = true;
      await writer.close();
    });
    life.kill();
    // The process is gone, not the machine.
    disk = journal.afterPowerCut(journal.unsynced);
    counts.lives++;
    if (!done) continue;
    for (const remote of remotes) expect(await readCold(logId, remote.forReader)).toEqual(appended);
    const { leafSize = 16 } = settings ?? {};
    for (const { forReader: remote } of remotes) {
      // Of the contents that the head points at itself, and of nothing else.
      const notes = await notesIn(disk, remote.label);
      expect(notes.length).toBeLessThanOrEqual(((appended.length - 1) % leafSize) + 1);
    }
    return { ...counts, ...sumOf(remotes) };
  }
}

function sumOf(
  remotes: readonly FlakyRemote[],
): Pick<Outcome, "uploads" | "objects" | "sizes" | "updatesAt"> {
  return {
    updatesAt: remotes.flatMap(({ updatesAt }) => updatesAt),
    uploads: remotes.reduce((sum, { uploads }) => sum + uploads, 0),
    objects: remotes.reduce((sum, { contents }) => sum + contents.size, 0),
    sizes: remotes.flatMap(({ sizes }) => sizes),
  };
}

/** A remote of which some uploads fail, and which kills the process that uses it. */
class FlakyRemote {
  readonly contents = new Map<string, Uint8Array>();
  readonly sizes: number[] = [];
  readonly forReader: Remote;
  readonly #forWriter: Remote;
  readonly #acknowledged = new Set<string>();
  readonly #signed = new SignedRoots();
  readonly #failing: number;
  readonly #together: PutManyLimits | undefined;
  readonly #lostAnswers: number;
  #calls = 0;
  readonly #updateFailure: (before: number) => Error | undefined;
  uploads = 0;
  updatesAt: number[] = [];
  #attempts = 0;
  #updates = 0;

  constructor(label: string, options: InterruptedOptions) {
    const { failing = 0, together, lostAnswers = Number.POSITIVE_INFINITY, names, updateFailure } = options;
    this.#failing = failing;
    this.#together = together;
    this.#lostAnswers = lostAnswers;
    this.#updateFailure = updateFailure ?? (() => undefined);
    const storage = memoryStorage({ contents: this.contents });
    const { forWriter, forReader } = (names ?? nameSystems["compare-and-set"])!();
    this.#forWriter = { label, storage, names: forWriter };
    this.forReader = { label, storage, names: forReader };
  }

  /** @param limit - after how many uploads the process ends */
  open(life: ProcessLife, limit: number = Number.POSITIVE_INFINITY): Remote {
    let uploads = 0;
    this.updatesAt = [];
    const remote = wrapRemote(this.#forWriter, async (call, proceed) => {
      if (call.kind === "put") {
        this.#attempts++;
        if (Math.floor(this.#attempts * this.#failing) > Math.floor((this.#attempts - 1) * this.#failing)) {
          throw new UnreachableError("Connection reset.", { operation: "test" });
        }
        if (uploads++ >= limit) life.kill();
        await life.step();
        this.uploads++;
      } else {
        if (call.kind === "update") this.#update(call.content!, life);
        await life.step();
      }
      const result = await proceed();
      if (call.kind === "update") this.sizes.push(checkpointIn(call.content!).size);
      // An answer takes its time: others are under way meanwhile.
      await new Promise((answered) => setImmediate(answered));
      await life.step();
      if (call.kind === "put") this.#acknowledged.add(String(result));
      // What a storage says that it holds counts as well.
      if (call.kind === "has" && result === true) this.#acknowledged.add(String(call.address));
      return result;
    });
    if (this.#together === undefined) return remote;
    const storage = withPutMany(remote.storage, this.#together);
    const putMany: NonNullable<typeof storage.putMany> = async (contents, putOptions) => {
      const outcomes = await storage.putMany!(contents, putOptions);
      if (++this.#calls % this.#lostAnswers !== 0) return outcomes;
      throw new UnreachableError("Connection reset.", { operation: "test" });
    };
    return { ...remote, storage: { ...storage, putMany } };
  }

  #update(content: Uint8Array, life: ProcessLife): void {
    this.#signed.add(content);
    this.updatesAt.push(life.steps);
    const failure = this.#updateFailure(this.#updates++);
    if (failure !== undefined) throw failure;
  }

  /** Checks that what a batch notes as acknowledged is. */
  async checkNotes(operations: readonly BatchOperation[]): Promise<void> {
    const database = new PowerCutDatabase();
    await database.batch(operations.filter(({ type }) => type === "put"));
    const notes = await notesIn(database.afterPowerCut(1), this.forReader.label);
    expect(notes.filter((note) => !this.#acknowledged.has(note))).toEqual([]);
  }
}

/** The addresses that a journal notes as uploaded. */
async function notesIn(disk: ReadonlyMap<string, Uint8Array>, label: string): Promise<string[]> {
  const records = await new UploadRecords(await Journal.open(new PowerCutDatabase(disk)), label).load();
  return records.flatMap(({ addresses }) => addresses.map(String));
}
