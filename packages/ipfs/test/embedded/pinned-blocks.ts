import type { PinsLike } from "@remote-log/ipfs/embedded";
import { MemoryBlockstore } from "blockstore-core";
import { CID } from "multiformats/cid";
import { allOf } from "./all-of.ts";

/** Blocks in memory, pins that are a set, and a collection of what is not in it: as Helia has them. */
export class PinnedBlocks {
  readonly blockstore = new MemoryBlockstore();
  readonly #held = new Set<string>();
  readonly pins: PinsLike;

  constructor() {
    const [held, blockstore] = [this.#held, this.blockstore];
    this.pins = {
      async *add(cid) {
        if (!blockstore.has(CID.decode(cid.bytes))) throw named("BlockNotFoundWhileOfflineError");
        if (held.has(`${cid}`)) throw named("AlreadyPinnedError");
        yield cid;
        held.add(`${cid}`);
      },
      async *rm(cid) {
        if (!held.delete(`${cid}`)) throw named("NotFoundError");
        yield cid;
      },
    };
  }

  /** Removes every block that is not pinned. */
  readonly collect = async (): Promise<void> => {
    for (const { cid } of await allOf(this.blockstore.getAll()))
      if (!this.#held.has(`${cid}`)) await this.blockstore.delete(cid);
  };
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
