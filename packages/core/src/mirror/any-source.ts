// Every source of a log as one storage: an object comes from whichever can show it.

import type { Address } from "../address/address.ts";
import { hashTypeOf } from "../address/hash-type.ts";
import { delay } from "../async/signals.ts";
import { hasCode, isRemoteLogError, UnsupportedError } from "../errors/index.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { GetOptions, StorageBackend } from "../remote/storage-backend.ts";
import { gravest } from "./missing-entries.ts";

/** Waits before a request is made again, in milliseconds. */
const WAITS: readonly number[] = [20, 100];

/** How many requests may be made again: a few at once, and one more for each ten that succeeded. */
const FIRST_RETRIES = 16;
const RETRIES_PER_SUCCESS = 0.1;

/** After this many objects in a row that it could not be asked for, a source is not asked any more. */
const MOST_SILENT = 8;

/**
 * A budget of further tries for what may pass. A network that fails now and then costs little; one that is down is not
 * asked for every object three times.
 */
export class RetryBudget {
  #left = FIRST_RETRIES;

  /** Does something, and again after failures that may pass, at most so often and while the budget lasts. */
  async run<T>(
    work: () => Promise<T>,
    signal: AbortSignal | undefined,
    most: number = WAITS.length,
  ): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        const result = await work();
        this.#left = Math.min(FIRST_RETRIES, this.#left + RETRIES_PER_SUCCESS);
        return result;
      } catch (error) {
        signal?.throwIfAborted();
        const wait = tries < most ? (WAITS[tries] ?? WAITS.at(-1)) : undefined;
        // A timeout took long enough.
        const passes = isRemoteLogError(error) && error.retry === "safe" && error.code !== "ERR_TIMEOUT";
        if (!passes || wait === undefined || this.#left < 1) throw error;
        this.#left--;
        await delay(wait * (0.5 + Math.random() / 2), signal);
      }
    }
  }
}

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
      budget: new RetryBudget(),
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
          signal,
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
