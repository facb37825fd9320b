// Every source of a log as one storage: an object comes from whichever can show it.

import type { Address } from "../address/address.ts";
import { hashTypeOf } from "../address/hash-type.ts";
import { mayPass, type Retry, RetryBudget, type RunOptions, TIMEOUT_COST } from "../async/retry.ts";
import { throwIfAborted } from "../async/signals.ts";
import { hasCode, UnsupportedError } from "../errors/index.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { GetOptions, StorageBackend } from "../remote/storage-backend.ts";
import { gravest } from "./missing-entries.ts";

/** How often an object is asked of one source: as often as a reader asks by default. */
const TRIES = 7;

/** How many retries one source has room for: a timeout of each of 32 reads, which is as many as run at once by default. */
const RETRIES = 32 * TIMEOUT_COST;

/** After this many objects in a row that it could not be asked for, a source is not asked any more. */
const MOST_SILENT = 8;

type OnRetry = ((retry: Retry) => void) | undefined;

class Source {
  readonly storage: StorageBackend;
  // An object that it can't give says nothing of the others.
  readonly #budget: RetryBudget;
  /** How many objects in a row it could not be asked for, and why not the last. */
  silent = 0;
  failure: unknown;

  constructor(storage: StorageBackend, onRetry: OnRetry) {
    this.storage = storage;
    this.#budget = new RetryBudget({ failsAsOne: false, refunds: true, retries: RETRIES, onRetry });
  }

  async run<T>(work: (storage: StorageBackend) => Promise<T>, options: RunOptions): Promise<T> {
    const result = await this.#budget.run(() => work(this.storage), options);
    this.silent = 0;
    return result;
  }

  failed(error: unknown): void {
    this.silent++;
    this.failure = error;
  }
}

/**
 * Several storages as one that can be read: it asks each in turn until one shows the object, and those again
 * that failed in a way that may pass. What it returns has the hash of the address, so it does not matter who shows it.
 */
export class AnySource implements StorageBackend {
  readonly name = "sources";
  readonly capabilities: StorageBackend["capabilities"];
  readonly #sources: readonly Source[];

  /**
   * @param storages - in the order in which they are asked; at least one
   * @param onRetry - called before each wait
   */
  constructor(storages: readonly StorageBackend[], onRetry?: OnRetry) {
    const [first] = storages;
    const hashTypes = storages.flatMap(({ capabilities }) => capabilities.hashTypes);
    // Whether an object is missing or still on its way, each storage says itself.
    this.capabilities = { ...first!.capabilities, hashTypes, readYourWrites: true };
    this.#sources = [...new Set(storages)].map((storage) => new Source(storage, onRetry));
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    const { signal, maxBytes = Number.MAX_SAFE_INTEGER } = options;
    const read = { maxBytes, ...(signal && { signal }) };
    const sources = this.#sources.filter(({ storage }) => acceptsType(storage, address));
    // Nobody declares addresses of this kind: nothing is asked.
    if (sources.length === 0) hashTypeOf(address, this.capabilities.hashTypes);
    const get = (storage: StorageBackend): Promise<Uint8Array> => getChecked(storage, address, read);
    const failures = new Map<Source, unknown>();
    // Whoever can answer at once comes first; only then is it worth waiting for one.
    for (const source of sources) {
      if (source.silent >= MOST_SILENT) {
        failures.set(source, source.failure);
        continue;
      }
      try {
        return await source.run(get, { most: 1, signal });
      } catch (error) {
        throwIfAborted(signal);
        failures.set(source, error);
        if (!mayPass(error)) source.silent = 0;
        // A timeout holds everything up each time, whoever has the object.
        else if (hasCode(error, "ERR_TIMEOUT")) source.failed(error);
      }
    }
    for (const [source, failed] of failures) {
      if (source.silent >= MOST_SILENT || !mayPass(failed)) continue;
      try {
        return await source.run(get, { most: TRIES, signal, failed });
      } catch (error) {
        throwIfAborted(signal);
        failures.set(source, error);
        if (!hasCode(error, "ERR_UNREACHABLE", "ERR_TIMEOUT")) source.silent = 0;
        else if (!hasCode(failed, "ERR_TIMEOUT")) source.failed(error);
      }
    }
    throw gravest([...failures.values()]);
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
