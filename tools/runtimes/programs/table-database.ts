// A database for a journal that needs nothing of its runtime: a table in memory. An app on a phone brings one that keeps.

import type { KeyValueDatabase } from "@remote-log/core";

/** A new, empty database in memory. */
export function tableDatabase(): KeyValueDatabase {
  const values = new Map<string, Uint8Array>();
  const textOf = (key: Uint8Array): string => String.fromCharCode(...key);
  const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
  let status = "closed";
  return {
    get status() {
      return status;
    },
    async open() {
      status = "open";
    },
    async close() {
      status = "closed";
    },
    async get(key) {
      return values.get(textOf(key));
    },
    async batch(operations) {
      for (const operation of operations) {
        if (operation.type === "put") values.set(textOf(operation.key), operation.value.slice());
        else values.delete(textOf(operation.key));
      }
    },
    async *iterator({ gte, lt, reverse = false, limit = Number.POSITIVE_INFINITY }) {
      const [first, end] = [textOf(gte), textOf(lt)];
      const keys = [...values.keys()].filter((key) => key >= first && key < end).sort();
      if (reverse) keys.reverse();
      for (const key of keys.slice(0, limit)) yield [bytesOf(key), values.get(key)!];
    },
  };
}
