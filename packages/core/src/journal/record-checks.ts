// What a record of a remote has to look like, whatever wrote it.

import { Address } from "../address/address.ts";

/** Whether something read has fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Whether something read is a number of things. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether something read is a record of what removals changed. */
export function isRewrite(value: unknown): value is { removed: [number, number][]; unshown: boolean } {
  if (!isObject(value) || typeof value["unshown"] !== "boolean" || !Array.isArray(value["removed"]))
    return false;
  return value["removed"].every(
    (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(isCount),
  );
}

/** Whether something read is a list of heads that are objects. */
export function isHeads(value: unknown): value is readonly (readonly [string, number])[] {
  const isHead = (one: unknown): boolean =>
    Array.isArray(one) && one.length === 2 && isAddress(one[0]) && isCount(one[1]);
  return Array.isArray(value) && value.every(isHead);
}

function isAddress(text: unknown): boolean {
  if (typeof text !== "string") return false;
  try {
    Address.fromString(text);
    return true;
  } catch {
    return false;
  }
}
