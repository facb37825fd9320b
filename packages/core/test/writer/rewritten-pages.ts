// A log on one remote whose pages are written anew, and whether everything there fits together.

import { memoryStorage } from "@remote-log/memory";
import { expect } from "vitest";
import { Address, addressOf, openWriter, rawSha256, type StorageBackend } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { removeFromJournal } from "../../src/journal/removal.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { encodeIndexNode } from "../../src/log/index-node.ts";
import { decodePage, type Ref } from "../../src/log/page.ts";
import { joinRanges, type SequenceRanges } from "../../src/log/sequence-ranges.ts";
import { openLog } from "../../src/writer/open-log.ts";
import { RemoteTree } from "../../src/writer/remote-tree.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const seed: Uint8Array = new Uint8Array(32).fill(2);
export const { signal }: AbortController = new AbortController();

/** Every third content is stored on its own. */
export const contentOf = (sequence: number): string =>
  `content ${sequence}${sequence % 3 === 0 ? ".".repeat(20) : ""}`;
export const isAlone = (sequence: number): boolean => sequence % 3 === 0;
const addressOfEntry = (sequence: number): Promise<Address> =>
  addressOf(text(contentOf(sequence)), rawSha256);
export const rangesOf = (sequences: readonly number[]): SequenceRanges =>
  joinRanges(sequences.map((first) => ({ first, count: 1 })));

/** A log of these settings on a device, and one remote. */
export class World {
  readonly fanOut: number;
  readonly leafSize = 2;
  readonly bundles: boolean;
  readonly contents: Map<string, Uint8Array>;
  storage: StorageBackend;
  database: PowerCutDatabase;
  journal: Journal = undefined as never;
  tree!: RemoteTree;
  records!: RemoteRecords;
  log!: Awaited<ReturnType<typeof openLog>>;

  constructor(
    fanOut: number,
    disk?: ReadonlyMap<string, Uint8Array>,
    contents?: ReadonlyMap<string, Uint8Array>,
    bundles = false,
  ) {
    this.fanOut = fanOut;
    this.bundles = bundles;
    this.database = new PowerCutDatabase(disk);
    this.contents = new Map(contents);
    this.storage = memoryStorage({ contents: this.contents });
  }

  /** @param bundles - whether the pages below a node are stored together, once a page follows them */
  static async of(fanOut: number, entries: number, stored = entries, bundles = false): Promise<World> {
    const world = new World(fanOut, undefined, undefined, bundles);
    const settings = { visibility: "public", leafSize: 2, fanOut } as const;
    const options = { seed, publish: "manual", settings, leastCapacity: 1 } as const;
    const writer = await openWriter({ ...options, journal: world.database });
    await writer.appendAll(Array.from({ length: entries }, (_, i) => text(contentOf(i))));
    await writer.close();
    world.database = new PowerCutDatabase(world.database.afterPowerCut(world.database.unsynced));
    await world.open();
    await world.store(stored);
    return world;
  }

  /** As a new process does. */
  async open(): Promise<void> {
    if (this.journal !== undefined) {
      await this.journal.close();
      this.database = new PowerCutDatabase(this.database.afterPowerCut(this.database.unsynced));
    }
    this.journal = await Journal.open(this.database);
    this.log = await openLog(this.journal, { seed, journal: this.database });
    this.records = new RemoteRecords(this.journal, "one");
    const parts = { records: this.records, uploadRecords: new UploadRecords(this.journal, "one") };
    const more = {
      storage: this.storage,
      largestEmbedded: 16,
      bundles: this.bundles,
      onStored: () => undefined,
    };
    this.tree = new RemoteTree({ ...this.log, journal: this.journal }, { ...parts, ...more });
    await this.tree.load();
  }

  /** The same device and remote, of which the last batches may be lost. */
  async copy(kept = this.database.unsynced): Promise<World> {
    const disk = this.database.afterPowerCut(kept);
    const world = new World(this.fanOut, disk, this.contents, this.bundles);
    await world.open();
    return world;
  }

  async store(size: number): Promise<void> {
    const range = size === this.log.tree.size ? this.log.tree : await this.tree.prefix(size);
    await this.tree.store(size, { root: range.root(), last: true, signal });
  }

  async remove(sequences: readonly number[]): Promise<SequenceRanges> {
    const { sealing, tree } = this.log;
    return removeFromJournal(this.journal, rangesOf(sequences), { sealing, size: tree.size });
  }

  /** Everything that a head leads to, after a check that it fits together; pages, and nodes. */
  async reachable(
    removed: readonly number[],
  ): Promise<{ pages: string[]; nodes: string[]; contents: string[] }> {
    const [pages, nodes, contents]: [string[], string[], string[]] = [[], [], []];
    const { levels } = this.tree;
    let below: Ref[] = [];
    for (const [level, growing] of levels.entries()) {
      const count = growing.first + growing.refs.length;
      const refs = await this.records.loadRefs(level, 0, count);
      expect(growing.refs.map(({ address }) => `${address}`)).toEqual(
        refs.slice(growing.first).map(({ address }) => `${address}`),
      );
      for (const [index, { address, hash }] of refs.entries()) {
        const bytes = this.contents.get(`${address}`)!;
        if (level > 0) {
          nodes.push(`${address}`);
          expect(bytes).toEqual(encodeIndexNode(below.slice(index * this.fanOut, (index + 1) * this.fanOut)));
          continue;
        }
        pages.push(`${address}`);
        const { pairs } = decodePage(bytes, this.leafSize, hash);
        for (const [i, { place }] of pairs.entries()) {
          const sequence = index * this.leafSize + i;
          expect([sequence, place.kind === "removed"]).toEqual([sequence, removed.includes(sequence)]);
          if (place.kind === "pointer") contents.push(`${place.address}`);
        }
      }
      if (growing.node !== undefined) {
        nodes.push(`${growing.node.address}`);
        const bytes = this.contents.get(`${growing.node.address}`);
        expect(bytes).toEqual(encodeIndexNode(growing.refs.slice(0, growing.node.refs)));
      }
      below = refs;
    }
    // What the journal has of the nodes at the edge is what the tree has.
    const { nodes: kept } = await this.records.loadTree();
    expect(kept.map((node) => node?.address)).toEqual(levels.map(({ node }) => node && `${node.address}`));
    return { pages, nodes, contents };
  }

  /** The address of the page before a page, as that says it. */
  async tailOf(index: number): Promise<string> {
    const [ref] = await this.records.loadRefs(0, index, index + 1);
    const { tail } = decodePage(this.contents.get(`${ref!.address}`)!, this.leafSize, ref!.hash);
    return `${Address.fromBytes(tail)}`;
  }

  /** What is noted to be deleted. */
  async old(): Promise<{ tree: string[]; contents: string[] }> {
    const [tree, contents]: [string[], string[]] = [[], []];
    for await (const record of this.records.oldObjects.load()) {
      tree.push(...record.tree.map(String));
      contents.push(...record.contents.map(String));
    }
    return { tree: tree.sort(), contents: contents.sort() };
  }
}

export const without = (all: readonly string[], some: readonly string[]): string[] =>
  all.filter((one) => !some.includes(one)).sort();
export const addressesOf = async (sequences: readonly number[]): Promise<string[]> =>
  (await Promise.all(sequences.map(addressOfEntry))).map(String).sort();
