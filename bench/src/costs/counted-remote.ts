import type { Remote } from "@remote-log/core";
import { keyOf, namedAddresses, namedContents } from "./named-addresses.ts";

/** What was written to a remote. */
export interface Writes {
  /** Objects put into the CAS. */
  puts: number;
  /** Their bytes. */
  putBytes: number;
  /** Updates of the name. */
  updates: number;
  /** Their bytes. */
  updateBytes: number;
}

/** A remote whose writes are counted into `writes`. */
export function countWrites(remote: Remote, writes: Writes, onPut: () => void): Remote {
  return {
    ...remote,
    storage: {
      ...remote.storage,
      put(content, options) {
        writes.puts++;
        writes.putBytes += content.length;
        onPut();
        return remote.storage.put(content, options);
      },
    },
    names: {
      ...remote.names,
      update(name, content, options) {
        writes.updates++;
        writes.updateBytes += content.length;
        return remote.names.update(name, content, options);
      },
    },
  };
}

/** What was read from a remote. */
export interface Reads {
  /** Requests: resolves of the name and gets of objects. */
  requests: number;
  /** Bytes of heads, index nodes, pages and contents. */
  bytes: number;
  /** The longest chain of requests of which each needs what the one before it returned. */
  dependent: number;
}

/**
 * A remote whose reads are counted into `reads`.
 *
 * The name is read at depth 1, and an address one deeper than the shallowest object that names it. So the depth
 * is a fact about who named what, and no measurement of time.
 */
export function countReads(remote: Remote, reads: Reads): Remote {
  const depths = new Map<string, number>();
  const contents = new Set<string>();
  const returned = (object: Uint8Array, depth: number, key?: string): void => {
    reads.bytes += object.length;
    reads.dependent = Math.max(reads.dependent, depth);
    if (key !== undefined && contents.has(key)) return;
    for (const content of namedContents(object)) contents.add(content);
    for (const named of namedAddresses(object)) {
      depths.set(named, Math.min(depths.get(named) ?? Number.POSITIVE_INFINITY, depth + 1));
    }
  };
  return {
    ...remote,
    storage: {
      ...remote.storage,
      async get(address, options) {
        reads.requests++;
        const key = keyOf(address.bytes);
        const depth = depths.get(key);
        if (depth === undefined) throw new Error(`${address} was read, and no object before it names it.`);
        const content = await remote.storage.get(address, options);
        returned(content, depth, key);
        return content;
      },
    },
    names: {
      ...remote.names,
      async resolve(name, options) {
        reads.requests++;
        const resolution = await remote.names.resolve(name, options);
        reads.dependent = Math.max(reads.dependent, 1);
        if (resolution.status === "found") returned(resolution.content, 1);
        return resolution;
      },
    },
  };
}
