import type { ConformanceFixture, Opened, OpenOptions } from "@remote-log/conformance";
import { embeddedRemote } from "@remote-log/ipfs/embedded";
import { MemoryBlockstore } from "blockstore-core";
import { MemoryDatastore } from "datastore-core";
import { FaultyStores } from "./faulty-stores.ts";

/** The adapter as the suite takes it: two stores in memory for each namespace, which can be made to fail. */
export function embeddedFixture(): ConformanceFixture {
  const nameKey = crypto.getRandomValues(new Uint8Array(32));
  const storesOf = new Map<string, [MemoryBlockstore, MemoryDatastore]>();

  async function open({ namespace }: OpenOptions): Promise<Opened> {
    const held = storesOf.get(namespace) ?? [new MemoryBlockstore(), new MemoryDatastore()];
    storesOf.set(namespace, held);
    const stores = new FaultyStores(...held);
    const { blockstore, datastore, faults } = stores;
    const { storage, names } = await embeddedRemote({
      blockstore,
      datastore,
      nameKey,
      // Stores that are silent for longer are silent for ever.
      routeMilliseconds: 1_000,
    });
    return {
      storage,
      names,
      requests: () => stores.calls,
      faults,
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
