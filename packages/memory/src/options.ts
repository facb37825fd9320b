// Options of both halves.

import { checkOptionTypes, type OptionKind, optionKinds } from "@remote-log/core/adapter";
import { NameTable } from "./name-table.ts";

/** Options of `memoryStorage`. */
export interface MemoryStorageOptions {
  /** The largest content that `put` takes, in bytes. Default: 16 MiB. */
  readonly largestContent?: number | undefined;
  /**
   * Where the contents are kept, by the text of their address. Instances over the same map share them.
   * Default: a new map.
   */
  readonly contents?: Map<string, Uint8Array> | undefined;
}

/** Options of `memoryNames`. */
export interface MemoryNamesOptions {
  /** The largest content of a name, in bytes. Default: 1 MiB. */
  readonly largestContent?: number | undefined;
  /** Where the names are kept. Instances over the same table share them. Default: a new table. */
  readonly table?: NameTable | undefined;
}

const { number, text, withMethods } = optionKinds;
const kinds: Readonly<Record<keyof MemoryStorageOptions | keyof MemoryNamesOptions | "label", OptionKind>> = {
  label: text,
  largestContent: number,
  contents: withMethods(["get", "set", "delete", "keys"], "a Map"),
  table: { is: (value) => value instanceof NameTable, expected: "a NameTable: `new NameTable()`" },
};

/**
 * Checks the types of options.
 *
 * @param name - what is opened with them
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkTypes(options: object, name: string): void {
  checkOptionTypes(options, kinds, { name, operation: "memory.open" });
}
