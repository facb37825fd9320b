// What one log may cost: bytes that are kept, and requests of readers.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { QuotaExhaustedError, type Remote } from "@remote-log/core";

/** The bytes of all files in a folder; 0 if it is not there. */
export async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
  let sum = 0;
  for (const entry of entries)
    if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size;
  return sum;
}

/** Counts what is stored, and refuses what would be too much. */
export class ByteQuota {
  readonly #limit: number;
  /** How much is stored. */
  used: number;

  constructor(limit: number, used: number) {
    this.#limit = limit;
    this.used = used;
  }

  /** The same remote; storing more than the limit rejects with `ERR_QUOTA`. */
  around({ storage, ...rest }: Remote): Remote {
    const put: Remote["storage"]["put"] = async (content, options) => {
      if (this.used + content.length > this.#limit) {
        throw new QuotaExhaustedError(`A log may take ${this.#limit} bytes here, and would take more.`, {
          operation: "storage.put",
        });
      }
      const address = await storage.put(content, options);
      this.used += content.length;
      return address;
    };
    const limited: Remote["storage"] = {
      name: storage.name,
      capabilities: storage.capabilities,
      put,
      get: (address, options) => storage.get(address, options),
      has: (address, options) => storage.has(address, options),
      ...(storage.close && { close: () => storage.close!() }),
    };
    return { ...rest, storage: limited };
  }
}

/** Allows a number of requests in a minute, and as many at once. */
export class RequestQuota {
  readonly #perMinute: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#now = now;
    this.#left = perMinute;
    this.#at = now();
  }

  /** Whether one more request may be answered. */
  take(): boolean {
    const now = this.#now();
    this.#left = Math.min(this.#perMinute, this.#left + ((now - this.#at) / 60_000) * this.#perMinute);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
