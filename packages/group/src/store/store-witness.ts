// The witness of a journal of this device, in the other database: a journal that was put back from a backup, and knows less than what
// was acknowledged, is noticed when it is opened.

import type { JournalWitness, KeyValueDatabase } from "@remote-log/core";

const views = { keyEncoding: "view", valueEncoding: "view" } as const;
const WITNESSES = 8;

/**
 * The witness of a log, in the store of its group.
 *
 * @param store - opened when the journal is: whoever has that has the store as well
 * @param log - the number of the log among those of the device
 */
export function storeWitness(store: KeyValueDatabase, log: number): JournalWitness {
  const key = new Uint8Array([WITNESSES, log]);
  return {
    async load() {
      await store.open();
      return store.get(key, views);
    },
    // On disk with the next entry that the store keeps: that of this append.
    save: (value) => store.batch([{ type: "put", key, value }], { ...views, sync: false }),
    close: async () => undefined,
  };
}
