// The database of a reader's state, which notices if it has lost writes.
//
// LevelDB can lose the end of its log without a word, and an older state would be accepted as the newest that was verified. So
// each write is counted, in the same batch, and a small file beside the database states the count. A database that has
// counted less than was stated has lost something.

import { type BatchOperation, isRemoteLogError, type KeyValueDatabase } from "@remote-log/core";
import { fileWitness } from "@remote-log/fs";
import { ClassicLevel } from "classic-level";

/** No text has this key: it is not UTF-8. */
const COUNT_KEY = new Uint8Array([255]);

/** A database that lost what was written to it; its message is a clause. */
export class LostWrites extends Error {
  override readonly name = "LostWrites";
}

/**
 * Opens the database of a reader's state.
 *
 * @throws LostWrites if it lost some of what was written to it
 * @throws an error of the database, or of the system
 */
export async function openCounted(path: string): Promise<KeyValueDatabase> {
  const database: KeyValueDatabase = new ClassicLevel(path);
  await database.open();
  const witness = fileWitness(`${path}.witness`);
  const close = async (): Promise<void> => {
    try {
      await witness.close();
    } finally {
      await database.close();
    }
  };
  try {
    const view = { keyEncoding: "view", valueEncoding: "view" } as const;
    let count = countOf(await database.get(COUNT_KEY, view));
    const stated = countOf(await witness.load());
    if (count < stated)
      throw new LostWrites(`it has lost ${stated - count} of the ${stated} changes that were made to it`);
    return {
      status: database.status,
      open: async () => undefined,
      close,
      get: (key, options) => database.get(key, options),
      iterator: (options) => database.iterator(options),
      async batch(operations, options) {
        const next = new TextEncoder().encode(String(count + 1));
        const counting: BatchOperation = { type: "put", key: COUNT_KEY, value: next };
        await database.batch([...operations, counting], options);
        count++;
        await witness.save(next);
      },
    };
  } catch (error) {
    await close();
    if (isRemoteLogError(error) && error.reason === "witness")
      throw new LostWrites("the file that counts its changes is damaged");
    throw error;
  }
}

function countOf(bytes: Uint8Array | undefined): number {
  return bytes === undefined ? 0 : Number(new TextDecoder().decode(bytes));
}
