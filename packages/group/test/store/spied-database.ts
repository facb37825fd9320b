// A database in memory that notes what is written to it, and how.

import type { BatchOperation, KeyValueDatabase } from "@remote-log/core";
import { MemoryLevel } from "memory-level";

export interface SpiedDatabase extends KeyValueDatabase {
  /** The writes: how many operations each had, and whether it was synced. */
  readonly writes: { readonly operations: number; readonly sync: boolean | undefined }[];
  /** What the next write fails with. */
  fails: Error | undefined;
  /** How often it was opened. */
  opened: number;
  /** All that it has, as hexadecimal digits. */
  contents(): Promise<ReadonlyMap<string, string>>;
}

export function spiedDatabase(): SpiedDatabase {
  const kept = new MemoryLevel<Uint8Array, Uint8Array>();
  const writes: SpiedDatabase["writes"] = [];
  const spied: Pick<SpiedDatabase, "writes" | "fails" | "opened" | "contents" | "batch" | "open"> = {
    writes,
    fails: undefined,
    opened: 0,
    async contents() {
      const found = new Map<string, string>();
      const hex = { keyEncoding: "hex", valueEncoding: "hex" } as const;
      for await (const [key, value] of kept.iterator<string, string>(hex)) found.set(key, value);
      return found;
    },
    async open() {
      spied.opened++;
      await kept.open();
    },
    async batch(operations: readonly BatchOperation[], options) {
      const { fails } = spied;
      spied.fails = undefined;
      if (fails !== undefined) throw fails;
      writes.push({ operations: operations.length, sync: options.sync });
      await kept.batch([...operations], options);
    },
  };
  return new Proxy(kept, {
    get(_, key) {
      if (key in spied) return spied[key as keyof typeof spied];
      const value: unknown = Reflect.get(kept, key, kept);
      return typeof value === "function" ? (value as (...words: unknown[]) => unknown).bind(kept) : value;
    },
    set(_, key, value) {
      return Reflect.set(spied, key, value);
    },
  }) as unknown as SpiedDatabase;
}
