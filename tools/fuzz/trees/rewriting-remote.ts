// A remote of an adversary: it answers each read as it likes, and may answer the next one otherwise.

import {
  type Address,
  type GetOptions,
  hashTypeOf,
  type NameResolver,
  NotFoundError,
  type Remote,
  type Resolution,
  rawSha256,
  type StorageBackend,
  TooLargeError,
  UnreachableError,
  UnsupportedError,
} from "../../../packages/core/src/index.ts";
import type { Random } from "../random.ts";
import type { RealLog } from "./real-log.ts";
import type { Rewritten } from "./rewrite-tree.ts";

/** How a remote behaves: it shows what is there, one rewritten tree for good, or something else at each read. */
export type Temper = "honest" | "steady" | "changing";

/** What an adversary has. */
export interface Collection {
  readonly log: RealLog;
  readonly logs: readonly RealLog[];
  readonly rewritten: readonly Rewritten[];
}

const refuse = (operation: string): UnsupportedError =>
  new UnsupportedError("This remote can only be read.", { operation });

/**
 * A remote that an adversary owns. It does not check what it returns: the reader has to.
 *
 * @param label - its name
 */
export function rewritingRemote(
  label: string,
  temper: Temper,
  collection: Collection,
  random: Random,
): Remote {
  return {
    label,
    storage: storageOf(temper, collection, random),
    names: namesOf(temper, collection, random),
  };
}

function namesOf(temper: Temper, { log, logs, rewritten }: Collection, random: Random): NameResolver {
  const newest = log.states.at(-1)!.head;
  let revisions = 0;
  const shown = (): Uint8Array => {
    if (temper === "honest") return newest;
    if (temper === "steady") return rewritten[0]!.head;
    const choice = random.below(10);
    if (choice < 4) return random.pick(rewritten).head;
    if (choice < 7) return random.pick(log.states).head;
    return choice === 7 ? random.pick(random.pick(logs).states).head : newest;
  };
  return {
    name: "rewriting",
    capabilities: {
      compareAndSet: "none",
      readYourWrites: random.oneIn(2),
      largestContent: 2 ** 20,
      watch: false,
    },
    async resolve(): Promise<Resolution> {
      if (temper === "changing" && random.oneIn(12)) return { status: "absent" };
      if (temper === "changing" && random.oneIn(12)) {
        throw new UnreachableError("Nobody answers.", { operation: "names.resolve" });
      }
      return { status: "found", content: shown().slice(), revision: `${++revisions}` };
    },
    update: () => Promise.reject(refuse("names.update")),
  };
}

function storageOf(temper: Temper, { log, logs, rewritten }: Collection, random: Random): StorageBackend {
  const everything = [
    log.objects,
    ...rewritten.map(({ objects }) => objects),
    ...logs.map(({ objects }) => objects),
  ];
  return {
    name: "rewriting",
    capabilities: {
      largestContent: 2 ** 24,
      hashTypes: [rawSha256],
      readYourWrites: true,
      delete: false,
      list: false,
    },
    async get(
      address: Address,
      { maxBytes = Number.POSITIVE_INFINITY, signal }: GetOptions = {},
    ): Promise<Uint8Array> {
      signal?.throwIfAborted();
      const text = `${address}`;
      let content = everything.find((objects) => objects.has(text))?.get(text);
      if (temper !== "honest" && random.oneIn(12))
        content = random.pick([...random.pick(everything).values()]);
      if (temper !== "honest" && rewritten.some(({ lost }) => lost.has(text))) content = undefined;
      if (temper === "changing" && random.oneIn(12)) content = undefined;
      if (content === undefined)
        throw new NotFoundError(`Nothing is at ${text}.`, { operation: "storage.get" });
      if (content.length > maxBytes) {
        throw new TooLargeError(`${text} is too large.`, { operation: "storage.get", limit: maxBytes });
      }
      if (temper !== "honest" && random.oneIn(20)) {
        const flipped = content.slice();
        if (flipped.length > 0) flipped[random.below(flipped.length)]! ^= 1 << random.below(8);
        return flipped;
      }
      return content.slice();
    },
    async has(address: Address): Promise<boolean> {
      hashTypeOf(address, [rawSha256]);
      return random.oneIn(2);
    },
    put: () => Promise.reject(refuse("storage.put")),
  };
}
