import type { ConformanceFixture, Opened, OpenOptions } from "@remote-log/conformance";
import { embeddedRemote } from "@remote-log/ipfs/embedded";
import { MemoryDatastore } from "datastore-core";
import { FaultyStores } from "./faulty-stores.ts";
import { PinnedBlocks } from "./pinned-blocks.ts";

/** The adapter as the suite takes it: two stores in memory for each namespace, with pins, which can be made to fail. */
export function embeddedFixture(): ConformanceFixture {
  const nameKey = crypto.getRandomValues(new Uint8Array(32));
  const storesOf = new Map<string, readonly [PinnedBlocks, MemoryDatastore]>();

  async function open({ namespace }: OpenOptions): Promise<Opened> {
    const held = storesOf.get(namespace) ?? ([new PinnedBlocks(), new MemoryDatastore()] as const);
    storesOf.set(namespace, held);
    const [blocks, records] = held;
    const stores = new FaultyStores(blocks.blockstore, records, blocks.pins);
    const { blockstore, datastore, pins, faults } = stores;
    const { storage, names } = await embeddedRemote({
      blockstore,
      datastore,
      pins,
      nameKey,
      // Stores that are silent for longer are silent for ever.
      routeMilliseconds: 1_000,
    });
    return {
      storage,
      names,
      requests: () => stores.calls,
      faults,
      tidyUp: blocks.collect,
      secrets: [Buffer.from(nameKey).toString("hex"), Buffer.from(nameKey).toString("base64")],
    };
  }

  return {
    name: "ipfs-embedded",
    service: "stores in memory",
    // For hangs alone, on a machine that is busy with other things.
    limits: { timeoutMs: 180_000, settleMs: 60_000 },
    known: [
      {
        id: "NS-FAULT-23",
        reason: "A datastore gives a record as a whole: one that is slow with it is silent.",
      },
    ],
    create: open,
    reopen: open,
  };
}
