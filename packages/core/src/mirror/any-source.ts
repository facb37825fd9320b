// Every source of a log as one storage: an object comes from whichever can show it.

import type { Address } from "../address/address.ts";
import { hashTypeOf } from "../address/hash-type.ts";
import { RetryBudget } from "../async/retry.ts";
import { hasCode, UnsupportedError } from "../errors/index.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { GetOptions, StorageBackend } from "../remote/storage-backend.ts";
import { gravest } from "./missing-entries.ts";

/** How often an object is asked of one source. */
const TRIES = 3;

/** After this many objects in a row that it could not be asked for, a source is not asked any more. */
const MOST_SILENT = 8;

interface Source {
  readonly storage: StorageBackend;
  readonly budget: RetryBudget;
  silent: number;
  failure?: unknown;
}

/**
 * Several storages as one that can be read: it asks each in turn until one shows the object. What it returns has the hash of
 * the address, so it does not matter who shows it.
 */
export class AnySource implements StorageBackend {
  readonly name = "sources";
  readonly capabilities: StorageBackend["capabilities"];
  readonly #sources: readonly Source[];

  /** @param storages - in the order in which they are asked; at least one */
  constructor(storages: readonly StorageBackend[]) {
    const [first] = storages;
    const hashTypes = storages.flatMap(({ capabilities }) => capabilities.hashTypes);
    // Whether an object is missing or still on its way, each storage says itself.
    this.capabilities = { ...first!.capabilities, hashTypes, readYourWrites: true };
    this.#sources = [...new Set(storages)].map((storage) => ({
      storage,
      // An object that it can't give says nothing of the others; a timeout took long enough.
      budget: new RetryBudget({ failsAsOne: false, repeatsTimeouts: false }),
      silent: 0,
    }));
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    const { signal, maxBytes = Number.MAX_SAFE_INTEGER } = options;
    const failures: unknown[] = [];
    for (const source of this.#sources) {
      if (!acceptsType(source.storage, address)) continue;
      if (source.silent >= MOST_SILENT) {
        failures.push(source.failure);
        continue;
      }
      try {
        const content = await source.budget.run(
          () => getChecked(source.storage, address, { maxBytes, ...(signal && { signal }) }),
          { most: TRIES, signal },
        );
        source.silent = 0;
        return content;
      } catch (error) {
        signal?.throwIfAborted();
        failures.push(error);
        if (hasCode(error, "ERR_UNREACHABLE", "ERR_TIMEOUT")) source.silent++;
        else source.silent = 0;
        source.failure = error;
      }
    }
    // Nobody declares addresses of this kind: nothing was asked.
    if (failures.length === 0) hashTypeOf(address, this.capabilities.hashTypes);
    throw gravest(failures);
  }

  has(): Promise<boolean> {
    throw new UnsupportedError("Sources are only read.", { operation: "storage.has" });
  }

  put(): Promise<Address> {
    throw new UnsupportedError("Sources are only read.", { operation: "storage.put" });
  }
}

function acceptsType({ capabilities }: StorageBackend, { codec, hash, digest }: Address): boolean {
  return capabilities.hashTypes.some(
    (type) => type.codec === codec && type.hash === hash && type.digestBytes === digest.length,
  );
}
