// A device that says something of its log: its disk can be copied, set back and damaged.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { openReader, openWriter, type Remote, type Writer, type WriterOptions } from "../../src/index.ts";
import type { ManifestContent } from "../../src/log/manifest.ts";
import { tiny } from "./crashing-device.ts";
import { text, textOf } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const seed = new Uint8Array(32).fill(5);

/** A remote of which everything can be looked at. */
export class ManifestPlace {
  readonly contents: Map<string, Uint8Array>;
  readonly table: NameTable;
  readonly label: string;

  constructor(label = "place", contents = new Map<string, Uint8Array>(), table = new NameTable()) {
    this.label = label;
    this.contents = contents;
    this.table = table;
  }

  get remote(): Remote {
    const { contents, table, label } = this;
    return { label, storage: memoryStorage({ contents }), names: memoryNames({ table }) };
  }

  /** What it holds now, under another label. */
  copy(label: string): ManifestPlace {
    const table = new NameTable();
    for (const [name, value] of this.table.values) table.values.set(name, value);
    return new ManifestPlace(label, new Map(this.contents), table);
  }
}

/** A device with a journal that is opened as by a new process each time. */
export class ManifestDevice {
  disk: Map<string, Uint8Array>;
  #database = new PowerCutDatabase();
  #isOpen = false;
  writer!: Writer;

  constructor(disk: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.disk = new Map(disk);
  }

  async open(remotes: readonly Remote[], options: Partial<WriterOptions> = {}): Promise<Writer> {
    await this.close();
    this.#database = new PowerCutDatabase(this.disk);
    this.writer = await openWriter({ ...tiny, seed, journal: this.#database, remotes, ...options });
    this.#isOpen = true;
    return this.writer;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.writer.close();
    this.disk = this.#database.afterPowerCut(this.#database.unsynced);
  }

  /** Another device with the same journal, as it is now. */
  async copy(): Promise<ManifestDevice> {
    await this.close();
    return new ManifestDevice(this.disk);
  }

  /** Changes a byte of every record whose key begins so. */
  damage(prefix: string): void {
    const damaged = [...this.disk].filter(([key]) => key.startsWith(prefix));
    if (damaged.length === 0) throw new Error(`The journal has no record ${prefix}.`);
    for (const [key, value] of damaged)
      this.disk.set(
        key,
        value.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
      );
  }

  /** Says something more of the log. */
  say(more: Partial<ManifestContent>): Promise<boolean> {
    return this.writer.changeManifest((content) => ({ ...content, ...more }));
  }

  /** Appends entries, of which those that begin with "state" are snapshots. */
  async append(...contents: readonly string[]): Promise<void> {
    for (const content of contents)
      await this.writer.append(text(content), { snapshot: content.startsWith("state") });
  }
}

/** What a reader with nothing gets from the newest snapshot on. */
export async function fromSnapshot(logId: string, remote: Remote): Promise<string[]> {
  const reader = await openReader({ logId, remotes: [remote] });
  try {
    const contents: string[] = [];
    for await (const { content } of reader.fromSnapshot()) contents.push(textOf(content));
    return contents;
  } finally {
    await reader.close();
  }
}
