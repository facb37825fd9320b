// What was asked of a remote, and how much it was.

import type { NameResolver } from "./name-resolver.ts";
import type { Remote } from "./remote.ts";
import type { StorageBackend } from "./storage-backend.ts";

/**
 * What was asked of a remote. Each call of its storage or of its names counts as one, whether it succeeded or not; an adapter can
 * need several requests for one, or one for several.
 */
export interface RemoteTraffic {
  /** Contents and names that were read, and looks whether something is there. */
  readonly reads: number;
  /** Contents that were stored, and updates of the name. */
  readonly writes: number;
  /** Contents that were deleted or released. */
  readonly deletes: number;
  /** Bytes of what was read. */
  readonly bytesRead: number;
  /** Bytes of what was sent. */
  readonly bytesWritten: number;
}

/** Counts what is asked of a remote. */
export class TrafficCounter implements RemoteTraffic {
  reads = 0;
  writes = 0;
  deletes = 0;
  bytesRead = 0;
  bytesWritten = 0;

  /** The counts as they are now. */
  get now(): RemoteTraffic {
    const { reads, writes, deletes, bytesRead, bytesWritten } = this;
    return { reads, writes, deletes, bytesRead, bytesWritten };
  }

  /** Counts a question. */
  asked(): void {
    this.reads += 1;
  }

  /** Counts what an answer holds. */
  read({ length }: Uint8Array): void {
    this.bytesRead += length;
  }

  /** Counts what is sent. */
  wrote(...contents: readonly Uint8Array[]): void {
    this.writes += contents.length;
    for (const { length } of contents) this.bytesWritten += length;
  }

  /** The same way to take contents away, counted. */
  deleting(remove: Taking): Taking {
    return (address, options) => {
      this.deletes += 1;
      return remove(address, options);
    };
  }
}

type Taking = NonNullable<StorageBackend["delete"]>;

/**
 * The same remote, with everything counted that is asked of it.
 *
 * @param remote - one with deadlines: its methods are its own
 */
export function withTraffic(remote: Remote, counter: TrafficCounter): Remote {
  const { storage, names } = remote;
  return { ...remote, storage: countedStorage(storage, counter), names: countedNames(names, counter) };
}

function countedStorage(storage: StorageBackend, counter: TrafficCounter): StorageBackend {
  return {
    ...storage,
    put: (content, options) => {
      counter.wrote(content);
      return storage.put(content, options);
    },
    get: async (address, options) => {
      counter.asked();
      const content = await storage.get(address, options);
      counter.read(content);
      return content;
    },
    has: (address, options) => {
      counter.asked();
      return storage.has(address, options);
    },
    ...(storage.putMany && {
      putMany: (contents, options) => {
        counter.wrote(...contents);
        return storage.putMany!(contents, options);
      },
    }),
    ...(storage.delete && { delete: counter.deleting(storage.delete.bind(storage)) }),
    ...(storage.release && { release: counter.deleting(storage.release.bind(storage)) }),
    ...(storage.list && {
      list: (options) => {
        counter.asked();
        return storage.list!(options);
      },
    }),
  };
}

function countedNames(names: NameResolver, counter: TrafficCounter): NameResolver {
  return {
    ...names,
    resolve: async (name, options) => {
      counter.asked();
      const resolution = await names.resolve(name, options);
      if (resolution.status === "found") counter.read(resolution.content);
      return resolution;
    },
    update: (name, content, options) => {
      counter.wrote(content);
      return names.update(name, content, options);
    },
  };
}
