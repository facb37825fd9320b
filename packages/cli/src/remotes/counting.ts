// Counts what is asked of remotes, for `--stats`.

import { Address, type NameResolver, type Remote, type StorageBackend } from "@remote-log/core";
import { counted } from "../terminal/counted.ts";

/** The requests and bytes of one run. */
export class Counts {
  /** Requests of each kind. */
  readonly requests: Record<"resolve" | "update" | "get" | "put" | "has", number> = {
    resolve: 0,
    update: 0,
    get: 0,
    put: 0,
    has: 0,
  };
  /** Bytes read from remotes. */
  bytesRead = 0;
  /** Bytes written to remotes. */
  bytesWritten = 0;
  /** The longest chain of reads in which each read needed the answer to the one before. */
  dependentReads = 0;
  readonly #depths = new Map<string, number>();

  /** Counts a read by name, which depends on no other read. */
  resolved(content: Uint8Array | undefined, storage: StorageBackend): void {
    this.#read(content, 1, storage);
  }

  /** Counts a read by address, which depends on the read in which the address was found. */
  got(address: Address, content: Uint8Array | undefined, storage: StorageBackend): void {
    this.#read(content, 1 + (this.#depths.get(hex(address.bytes)) ?? 1), storage);
  }

  /** One line, for people. */
  toString(): string {
    const all = Object.values(this.requests).reduce((sum, count) => sum + count, 0);
    const kinds = Object.entries(this.requests).filter(([, count]) => count > 0);
    const shown = kinds.map(([kind, count]) => `${kind} ${count}`).join(", ");
    return (
      `${counted(all, "request")} (${shown}), ${this.bytesRead} bytes read, ${this.bytesWritten} bytes written, ` +
      counted(this.dependentReads, "dependent read")
    );
  }

  // Every byte sequence that looks like an address counts as one: a wrong guess does no harm here.
  #read(content: Uint8Array | undefined, depth: number, storage: StorageBackend): void {
    this.dependentReads = Math.max(this.dependentReads, depth);
    if (content === undefined) return;
    this.bytesRead += content.length;
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    for (const { codec, hash, digestBytes } of storage.capabilities.hashTypes) {
      const sample = Address.create(codec, hash, new Uint8Array(digestBytes)).bytes;
      const start = sample.subarray(0, sample.length - digestBytes);
      for (let at = bytes.indexOf(start); at >= 0; at = bytes.indexOf(start, at + 1)) {
        if (at + sample.length > bytes.length) break;
        const key = hex(bytes.subarray(at, at + sample.length));
        this.#depths.set(key, Math.min(depth, this.#depths.get(key) ?? depth));
      }
    }
  }
}

/** The same remote, with every request to it counted. */
export function countedRemote(remote: Remote, counts: Counts): Remote {
  return {
    ...remote,
    storage: countedStorage(remote.storage, counts),
    names: countedNames(remote.names, remote.storage, counts),
  };
}

function countedStorage(inner: StorageBackend, counts: Counts): StorageBackend {
  return {
    name: inner.name,
    capabilities: inner.capabilities,
    async put(content, options) {
      counts.requests.put++;
      counts.bytesWritten += content.length;
      return inner.put(content, options);
    },
    ...(inner.putMany && {
      async putMany(contents, options) {
        counts.requests.put++;
        counts.bytesWritten += contents.reduce((sum, { length }) => sum + length, 0);
        return inner.putMany!(contents, options);
      },
    }),
    async get(address, options) {
      counts.requests.get++;
      const content = await inner.get(address, options);
      counts.got(address, content, inner);
      return content;
    },
    async has(address, options) {
      counts.requests.has++;
      return inner.has(address, options);
    },
    ...(inner.delete && { delete: inner.delete.bind(inner) }),
    ...(inner.release && { release: inner.release.bind(inner) }),
    ...(inner.list && { list: inner.list.bind(inner) }),
    ...(inner.close && { close: inner.close.bind(inner) }),
  };
}

function countedNames(inner: NameResolver, storage: StorageBackend, counts: Counts): NameResolver {
  return {
    name: inner.name,
    capabilities: inner.capabilities,
    async update(name, content, options) {
      counts.requests.update++;
      counts.bytesWritten += content.length;
      return inner.update(name, content, options);
    },
    async resolve(name, options) {
      counts.requests.resolve++;
      const resolution = await inner.resolve(name, options);
      counts.resolved(resolution.status === "found" ? resolution.content : undefined, storage);
      return resolution;
    },
    ...(inner.probeCompareAndSet && { probeCompareAndSet: inner.probeCompareAndSet.bind(inner) }),
    ...(inner.watch && { watch: inner.watch.bind(inner) }),
    ...(inner.close && { close: inner.close.bind(inner) }),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
