// Names in memory, written against the contract by hand: the reference.

import { NameConflictError, type NameResolver } from "@remote-log/core";
import { checkSize, checkUsable } from "./errors.ts";
import { NameTable } from "./name-table.ts";
import { checkTypes, type MemoryNamesOptions } from "./options.ts";

/**
 * A name resolver that keeps its names in a table. It is the reference that other adapters are compared with: every
 * promise of `NameResolver` in the fewest lines. Any text is a valid name.
 *
 * @param options - the size limit, and the table
 * @returns a resolver with atomic compare-and-set that reads its own writes and has `watch` and `close`
 *
 * @example
 * ```ts
 * import { memoryNames, NameTable } from "@remote-log/memory";
 *
 * const table = new NameTable();
 * const [one, another] = [memoryNames({ table }), memoryNames({ table })];
 * ```
 */
export function memoryNames(options: MemoryNamesOptions = {}): NameResolver {
  checkTypes(options, "memoryNames");
  const { largestContent = 1024 * 1024, table = new NameTable() } = options;
  let closed = false;

  return {
    name: "memory",
    capabilities: { compareAndSet: "atomic", readYourWrites: true, largestContent, watch: true },

    // Atomic, because nothing is awaited between the comparison and the change.
    async update(name, content, { expected, signal }) {
      checkUsable(closed, "names.update", signal);
      checkSize(content.length, largestContent, "names.update");
      const held = table.values.get(name)?.revision ?? null;
      if (held !== expected) {
        const message = `The name ${JSON.stringify(name)} holds revision ${held}, not ${expected}: resolve it first.`;
        throw new NameConflictError(message, { operation: "names.update" });
      }
      const revision = String(Number(held) + 1);
      table.values.set(name, { status: "found", content: new Uint8Array(content), revision });
      table.notify();
      return revision;
    },

    async resolve(name, { known, maxBytes, signal } = {}) {
      checkUsable(closed, "names.resolve", signal);
      const value = table.values.get(name);
      if (value === undefined) return { status: "absent" };
      if (value.revision === known) return { status: "unchanged", revision: known };
      checkSize(value.content.length, maxBytes, "names.resolve");
      return { ...value, content: new Uint8Array(value.content) };
    },

    watch: (name, { signal } = {}) =>
      table.watch(name, () => checkUsable(closed, "names.watch", signal), signal),

    async close() {
      closed = true;
      table.notify();
    },
  };
}
