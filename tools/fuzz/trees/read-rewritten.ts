// Reads a log from remotes of an adversary, and checks all that was delivered against what the writer wrote.

import { bytesEqual } from "../../../packages/core/src/bytes.ts";
import {
  type Entry,
  hashLeaf,
  isRemoteLogError,
  memoryReaderStore,
  openReader,
  parseCheckpoint,
  parseSignedNote,
  type Reader,
  verifyInclusion,
} from "../../../packages/core/src/index.ts";
import { promise } from "../decoder.ts";
import { Random } from "../random.ts";
import type { RealLog } from "./real-log.ts";
import { rewriteTree } from "./rewrite-tree.ts";
import { type Collection, rewritingRemote, type Temper } from "./rewriting-remote.ts";

/** What a reader got. */
export interface Outcome {
  /** How many entries were delivered, over all reads. */
  readonly delivered: number;
  /** The codes of the errors, one for each read that failed. */
  readonly codes: readonly string[];
  /** What the adversary did. */
  readonly ways: readonly string[];
}

/** How an honest writer's log must never fail: nobody but its writer can make two histories of it. */
const FALSE_ACCUSATION = "ERR_FORK";

/**
 * Reads from one to three remotes that show rewritten trees, in two lives of a reader with one store.
 *
 * @throws BrokenPromise if anything was delivered that the writer did not append there, if an honest writer was accused of
 * a fork, if a state went back, or if a read failed with an error of another kind
 */
export async function readRewritten(logs: readonly RealLog[], seed: number, index: number): Promise<Outcome> {
  const random = new Random(seed, "rewritten-trees", index);
  const log = random.pick(logs);
  const rewritten = Array.from({ length: 1 + random.below(3) }, () =>
    rewriteTree(random.pick(log.states), logs, random),
  );
  const collection: Collection = { log, logs, rewritten };
  const remotes = Array.from({ length: 1 + random.below(3) }, (_, i) => {
    const temper = random.pick<Temper>(["honest", "steady", "steady", "changing", "changing"]);
    return rewritingRemote(`remote ${i}`, temper, collection, random);
  });
  const store = memoryReaderStore();
  const reads = new Reads(log);
  for (let life = 0; life < 2; life++) {
    const reader = await openReader({ logId: log.logId, remotes, store });
    for (let left = 1 + random.below(3); left > 0; left--) await reads.read(reader, random);
    await reader.close();
  }
  return { delivered: reads.delivered, codes: reads.codes, ways: rewritten.flatMap(({ ways }) => ways) };
}

class Reads {
  readonly codes: string[] = [];
  delivered = 0;
  readonly #log: RealLog;
  // As many entries as were delivered: a state that nothing was delivered from may give way to a smaller one.
  #bound = 0;

  constructor(log: RealLog) {
    this.#log = log;
  }

  /** One read, of whatever kind. */
  async read(reader: Reader, random: Random): Promise<void> {
    try {
      await random.pick([
        () => this.#stream(reader, random.oneIn(2) ? 0 : random.below(this.#log.entries.length)),
        () => this.#latest(reader, 1 + random.below(this.#log.entries.length)),
        () => this.#entry(reader, random.below(this.#log.entries.length)),
        () => this.#proof(reader, random.below(this.#log.entries.length)),
        async () => void (await reader.sync()),
      ])();
    } catch (error) {
      if (!isRemoteLogError(error)) throw error;
      promise(error.code !== FALSE_ACCUSATION, "an honest writer was accused of a fork");
      this.codes.push(error.code);
    }
    const { size } = reader;
    promise(size >= this.#bound, `a reader that had delivered ${this.#bound} entries went back to ${size}`);
    promise(
      size === 0 || this.#log.states.some((state) => state.size === size),
      `nobody signed a state of ${size} entries`,
    );
  }

  async #stream(reader: Reader, from: number): Promise<void> {
    let next = from;
    for await (const entry of reader.from(from)) this.#check(entry, next++);
    promise(next === reader.size || from > reader.size, "a stream ended before the end, without an error");
  }

  async #latest(reader: Reader, count: number): Promise<void> {
    const entries = await reader.latest(count);
    promise(
      entries.length === Math.min(count, reader.size),
      "there are fewer entries than asked for, without an error",
    );
    for (const [i, entry] of entries.entries()) this.#check(entry, reader.size - entries.length + i);
  }

  async #entry(reader: Reader, sequence: number): Promise<void> {
    this.#check(await reader.entry(sequence), sequence);
  }

  async #proof(reader: Reader, sequence: number): Promise<void> {
    const { leaf, path, checkpoint } = await reader.inclusionProof(sequence);
    const { size, root } = parseCheckpoint(parseSignedNote(checkpoint).text);
    const claim = { leafHash: hashLeaf(leaf), index: sequence, size, path, root };
    promise(verifyInclusion(claim), "a proof of inclusion proves nothing");
  }

  #check({ sequence, content }: Entry, expected: number): void {
    const written = this.#log.entries[expected];
    promise(sequence === expected, `entry ${sequence} was delivered in the place of ${expected}`);
    promise(
      written !== undefined && bytesEqual(content, written),
      `entry ${sequence} is not what its writer appended`,
    );
    this.delivered++;
    this.#bound = Math.max(this.#bound, sequence + 1);
  }
}
