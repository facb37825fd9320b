// The types of options, checked at every entry: JavaScript lets everything in, and a wrong one must not fail far from its place.

import { InvalidInputError } from "../errors/index.ts";
import { isObject, type OptionKind, record } from "./option-kinds.ts";

/**
 * Checks options: each is of its kind, or absent (`undefined`) if it may be. What is not listed is not looked at.
 *
 * @param given - what the caller passed
 * @param kinds - the kind of each option
 * @param caller - what was called, and the operation for the error
 * @throws InvalidInputError `ERR_INVALID_INPUT`, which says what is wrong, what is expected and how to get it. The value is not
 * repeated, for it may be a secret at the wrong place.
 *
 * @example
 * ```ts
 * import { checkOptionTypes, optionKinds } from "@remote-log/core/adapter";
 *
 * const { number, required, text } = optionKinds;
 * const kinds = { url: required(text, 'a URL, such as "https://db.example"'), largestContent: number };
 * checkOptionTypes({ url: "https://db.example" }, kinds, { name: "dbRemote", operation: "db.open" });
 * ```
 */
export function checkOptionTypes(
  given: unknown,
  kinds: Readonly<Record<string, OptionKind>>,
  { name, operation }: { readonly name: string; readonly operation: string },
): void {
  if (!isObject(given)) throw wrongType(`The options of ${name}`, record.expected, given, operation);
  for (const [option, kind] of Object.entries(kinds)) {
    const value = (given as Readonly<Record<string, unknown>>)[option];
    const isRight = value === undefined ? kind.required !== true : kind.is(value);
    if (!isRight) throw wrongType(`\`${option}\` of ${name}`, kind.expected, value, operation);
  }
}

/**
 * Checks one argument.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`, as {@link checkOptionTypes}
 */
export function checkArgument(
  value: unknown,
  { is, expected }: OptionKind,
  { name, operation }: { readonly name: string; readonly operation: string },
): void {
  if (!is(value)) throw wrongType(name, expected, value, operation);
}

/**
 * Checks how many of something are meant: whole, and not less than `least`, which is 0 by default.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkCount(
  value: number,
  {
    name,
    operation,
    least = 0,
  }: { readonly name: string; readonly operation: string; readonly least?: number },
): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InvalidInputError(`${name} must be a whole number of at least ${least}, not ${shown(value)}.`, {
    operation,
  });
}

function wrongType(what: string, expected: string, found: unknown, operation: string): InvalidInputError {
  const hint = isPromise(found) ? ": put `await` before the call that returned it" : "";
  return new InvalidInputError(`${what} must be ${expected}, not ${kindOf(found)}${hint}.`, { operation });
}

function isPromise(value: unknown): boolean {
  return isObject(value) && typeof (value as { then?: unknown }).then === "function";
}

/** A value as messages about numbers show it: a number itself, of everything else what it is. */
export function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : kindOf(value);
}

/** What a value is, for messages. Not the value itself: it may be a secret that was passed at the wrong place. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  if (isPromise(value)) return "a Promise";
  if (typeof value !== "object") return `a ${typeof value}`;
  const maker: unknown = value.constructor;
  if (typeof maker !== "function" || maker === Object || maker.name === "") return "an object";
  return `an object of the class ${maker.name}`;
}
