// A log that says something of itself, with every state in which it was published.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { openWriter, type Remote, type Writer } from "../../src/index.ts";
import type { ManifestContent } from "../../src/log/manifest.ts";
import { ScriptedNames } from "./scripted-remote.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What happens to a log: entries are appended, something is said, and all of it is published. */
export interface Step {
  readonly entries?: number;
  /** How many versions of the manifest; the last says what `say` says. */
  readonly versions?: number;
  readonly say?: Partial<ManifestContent>;
}

/** A log whose published states can be shown by any number of remotes. */
export class ManifestLog {
  readonly logId: string;
  /** What the storage has. */
  readonly contents: Map<string, Uint8Array>;
  /** What the name held after each step. */
  readonly heads: readonly Uint8Array[];
  readonly writer: Writer;

  private constructor(writer: Writer, contents: Map<string, Uint8Array>, heads: readonly Uint8Array[]) {
    this.logId = writer.logId;
    this.writer = writer;
    this.contents = contents;
    this.heads = heads;
  }

  static async write(steps: readonly Step[], seed = new Uint8Array(32).fill(9)): Promise<ManifestLog> {
    const contents = new Map<string, Uint8Array>();
    const table = new NameTable();
    const remote: Remote = {
      label: "origin",
      storage: memoryStorage({ contents }),
      names: memoryNames({ table }),
    };
    const writer = await openWriter({
      seed,
      journal: new MemoryLevel(),
      remotes: [remote],
      publish: "manual",
      settings: { visibility: "public" },
    });
    const heads: Uint8Array[] = [];
    let said = 0;
    for (const { entries = 0, versions = 0, say = {} } of steps) {
      for (let i = 0; i < entries; i++) await writer.append(text(`entry ${writer.size}`));
      for (let i = 0; i < versions; i++) {
        const more = i === versions - 1 ? say : {};
        // Of an entry that is not there: so that versions differ, and readers get every entry.
        const removed = [{ first: 1_000 + said++, count: 1 }];
        await writer.changeManifest((content) => ({ ...content, removed, ...more }));
      }
      await writer.publish();
      heads.push(table.values.get(writer.logId)!.content.slice());
    }
    await writer.close();
    return new ManifestLog(writer, contents, heads);
  }

  /** A remote that shows the state after a step. */
  place(label: string, step: number, lags?: boolean): ShownPlace {
    return new ShownPlace(this, label, step, lags);
  }
}

/** A remote that shows one state after another, in any order, and counts what it is asked. */
export class ShownPlace {
  readonly label: string;
  readonly contents: Map<string, Uint8Array>;
  readonly names: ScriptedNames;
  #reads = 0;
  #resolved = 0;
  readonly #log: ManifestLog;

  /** @param lags - whether its name may lag behind what was written */
  constructor(log: ManifestLog, label: string, step: number, lags = false) {
    this.#log = log;
    this.label = label;
    this.contents = new Map(log.contents);
    this.names = new ScriptedNames(log.heads[step], !lags);
  }

  get logId(): string {
    return this.#log.logId;
  }

  show(step: number): void {
    this.names.show(this.#log.heads[step]!);
  }

  /** Shows what another writer of the log has published. */
  showFork(fork: ManifestLog, step: number): void {
    this.names.show(fork.heads[step]!);
    for (const [address, content] of fork.contents) this.contents.set(address, content);
  }

  /** Loses every object that is a list of leaf hashes. */
  withholdLeaves(): void {
    for (const [address, content] of this.contents) if (isLeaves(content)) this.contents.delete(address);
  }

  /** Replaces every such list by another one. */
  forgeLeaves(): void {
    for (const [address, content] of this.contents)
      if (isLeaves(content))
        this.contents.set(
          address,
          content.map((byte) => byte ^ 1),
        );
  }

  get remote(): Remote {
    const storage = memoryStorage({ contents: this.contents });
    const get: typeof storage.get = (address, options) => {
      this.#reads++;
      return storage.get(address, options);
    };
    return { label: this.label, storage: { ...storage, get }, names: this.names };
  }

  /** How often the name, and objects, were asked for since the last time. */
  asked(): readonly [names: number, objects: number] {
    const counts = [this.names.asked.length - this.#resolved, this.#reads] as const;
    this.#resolved = this.names.asked.length;
    this.#reads = 0;
    return counts;
  }
}

// Contents of the tests' entries are embedded, and pages are larger than this.
function isLeaves({ length }: Uint8Array): boolean {
  return length % 32 === 0 && length < 32 * 64;
}
