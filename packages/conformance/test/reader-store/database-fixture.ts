// The store on a database as a fixture of the suite, in any runtime.

import type { OpenedReaderStore, ReaderStoreFixture } from "@remote-log/conformance";
import { databaseReaderStore, type KeyValueDatabase } from "@remote-log/core";

/**
 * The store on a database. A database is open once; the stores on it are many.
 *
 * @param make - makes the database of a namespace; called again after it was closed
 */
export function databaseStoreFixture(
  name: string,
  make: (namespace: string) => Promise<KeyValueDatabase>,
): ReaderStoreFixture {
  const places = new Map<string, { readonly database: KeyValueDatabase; users: number }>();
  const open = async ({ namespace }: { namespace: string }): Promise<OpenedReaderStore> => {
    const place = places.get(namespace) ?? { database: await make(namespace), users: 0 };
    places.set(namespace, place);
    place.users++;
    return {
      store: databaseReaderStore(place.database),
      async close() {
        if (--place.users > 0) return;
        places.delete(namespace);
        await place.database.close();
      },
    };
  };
  return { name, create: open, reopen: open };
}
