// Pages of a log that are stored on one remote in runs, without the tree above them.

import { MemoryLevel } from "memory-level";
import { Address } from "../../src/address/address.ts";
import { addressOf, rawSha256 } from "../../src/address/hash-type.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import { Journal } from "../../src/journal/journal.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import type { Pair } from "../../src/log/pair.ts";
import type { StorageBackend } from "../../src/remote/storage-backend.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import type { GrowingLevel } from "../../src/writer/index-levels.ts";
import { type LeftPage, PageRuns } from "../../src/writer/page-runs.ts";

/** Runs of two pages, of which a node holds two. */
const cuts = { leafSize: 128, fanOut: 4 };
export const { leafSize } = cuts;

export const encoder = new TextEncoder();
const pairOf = (sequence: number): Pair => {
  const stored = encoder.encode(`${sequence}`);
  return { localHash: sha256(stored), contentHash: sha256(stored), place: { kind: "embedded", stored } };
};
/** The pairs of all entries that there may be. */
export const all: readonly Pair[] = Array.from({ length: 12 * leafSize }, (_, i) => pairOf(i));
/** Those of some pages. */
export const pairsOf = (firstPage: number, endPage: number): Pair[] =>
  all.slice(firstPage * leafSize, endPage * leafSize);
export const addressAt = (byte: number): Address => Address.create(0x55, 0x12, new Uint8Array(32).fill(byte));

/** What an object is: see `shape` of {@link World}. */
export type Shape = readonly [page: number, pages: number, tail: number | "none" | "other"];

/** A log in runs on one remote, with all that is put there. */
export class World {
  readonly journal: Journal;
  readonly records: RemoteRecords;
  readonly objects: { readonly bytes: Uint8Array; readonly address: Address }[] = [];
  readonly asked: (readonly [number, number])[] = [];
  runs: PageRuns;
  levels: GrowingLevel[] = [];
  nodes: Uint8Array[] = [];
  /** Pages that were left to their bundles. */
  readonly left: LeftPage[] = [];
  stored = 0;

  constructor(journal: Journal, bundles: boolean, largestContent = 2 ** 24) {
    this.journal = journal;
    this.records = new RemoteRecords(journal, "one");
    this.runs = this.opened(bundles, largestContent);
  }

  static async of(bundles = true, largestContent?: number): Promise<World> {
    return new World(await Journal.open(new MemoryLevel<Uint8Array, Uint8Array>()), bundles, largestContent);
  }

  opened(bundles: boolean, largestContent = 2 ** 24, genesis = cuts, leavesPages?: boolean): PageRuns {
    const capabilities = { hashTypes: [rawSha256], largestContent };
    const pairs = async (from: number, to: number): Promise<Pair[]> => {
      this.asked.push([from / leafSize, to / leafSize]);
      return all.slice(from, to);
    };
    const storage = { capabilities } as unknown as StorageBackend;
    const parts = { records: this.records, genesis, storage, bundles, pairs };
    return new PageRuns({ ...parts, ...(leavesPages !== undefined && { leavesPages }) });
  }

  readonly sink = {
    address: (content: Uint8Array) => addressOf(content, rawSha256),
    put: async (bytes: Uint8Array, address: Address) => void this.objects.push({ bytes, address }),
    settled: async () => undefined,
  };

  /** Stores the pages up to one, as a stage of a publish after which there will be some pages. */
  async store(end: number, pages = end, doubted = false): Promise<void> {
    const { runs, stored } = this;
    const added = pairsOf(Math.max(runs.next(stored), stored), end);
    const stage = { stored, end, pages, doubted };
    const { steps, bundled, left } = await runs.lay(stage, added, this.levels, this.sink);
    this.left.push(...left);
    await this.journal.write(await runs.operations(steps), true);
    for (const step of steps) if (step.kind === "node") this.nodes.push(step.bytes);
    runs.bundled = bundled;
    this.stored = Math.max(end, stored);
  }

  /** As if nothing were there: it is looked for in the form that it had. */
  forget(): void {
    const { from } = this.runs.bundled;
    this.objects.length = 0;
    this.runs.bundled = { from, to: from };
    this.levels = [];
    this.nodes = [];
    this.stored = 0;
  }

  /** The first page of each object, how many pages it has, and which object its tail leads to. */
  get shape(): Shape[] {
    return this.objects.map(({ bytes }) => {
      const { pairs, tail } = decodeRemoteLog(bytes);
      const oldest = Number(new TextDecoder().decode(pairs.at(-1)!.data));
      const at = this.objects.findIndex(
        ({ address }) => tail.length > 0 && address.equals(Address.fromBytes(tail)),
      );
      return [oldest / leafSize, pairs.length / leafSize, tail.length === 0 ? "none" : at < 0 ? "other" : at];
    });
  }

  /** For each page that is stored, which object its ref leads to. */
  async refs(): Promise<number[]> {
    const refs = await this.records.loadRefs(0, 0, this.stored);
    return refs.map((ref) => this.objects.findIndex(({ address }) => address.equals(ref.address)));
  }

  async bundles(): Promise<number[]> {
    return (await this.records.bundles.load(0, 100)).map(({ first }) => first);
  }
}
