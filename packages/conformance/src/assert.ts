// What cases assert, and the failure that they throw: a promise of the adapter that was not kept.

import { isRemoteLogError } from "@remote-log/core";

/** A promise of an adapter that was not kept. */
export class ConformanceFailure extends Error {
  override readonly name = "ConformanceFailure";
}

/** Fails with a sentence that says what was seen. */
export function fail(message: string, cause?: unknown): never {
  throw new ConformanceFailure(message, cause === undefined ? undefined : { cause });
}

/** Fails unless a condition holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) fail(message);
}

/** Fails unless two values are the same. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  if (!Object.is(actual, expected)) fail(`${what}: ${show(actual)}, not ${show(expected)}`);
}

/** Fails unless two byte arrays hold the same bytes. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  check(actual instanceof Uint8Array, `${what}: ${show(actual)} is not a Uint8Array`);
  equal(actual.length, expected.length, `${what}: number of bytes`);
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] !== expected[i]) fail(`${what}: byte ${i} is ${actual[i]}, not ${expected[i]}`);
  }
}

/**
 * Fails unless a promise rejects with an error of the project that has the given code and names its operation.
 * It looks at the brand and the code, never at the class: suite and adapter may load two copies of the core.
 *
 * @returns the error
 */
export async function rejectsWith(promise: Promise<unknown>, code: string, what: string): Promise<Error> {
  const outcome = await outcomeOf(promise);
  if (outcome.status === "fulfilled") fail(`${what}: gave ${show(outcome.value)}, not an error ${code}`);
  checkError(outcome.reason, code, what);
  return outcome.reason;
}

/** Fails unless a value is an error of the project that has the given code and names its operation. */
export function checkError(error: unknown, code: string, what: string): asserts error is Error {
  if (!isRemoteLogError(error)) fail(`${what}: rejected with ${show(error)}, not with ${code}`, error);
  if (error.code !== code)
    fail(`${what}: rejected with ${error.code} (${error.message}), not with ${code}`, error);
  check(
    /^[a-z][a-zA-Z-]*\.[a-z][a-zA-Z-]*$/.test(error.operation),
    `${what}: the operation of the error is ${show(error.operation)}, not of the form subject.verb`,
  );
  check(error.message.length > 0, `${what}: the error has no message`);
}

/** Fails unless a promise rejects with exactly this reason. */
export async function rejectsAs(promise: Promise<unknown>, reason: unknown, what: string): Promise<void> {
  const outcome = await outcomeOf(promise);
  if (outcome.status === "fulfilled")
    fail(`${what}: gave ${show(outcome.value)}, not the reason of the signal`);
  if (outcome.reason !== reason) {
    fail(`${what}: rejected with ${show(outcome.reason)}, not with the reason of the signal`, outcome.reason);
  }
}

/** Waits for a promise and tells how it ended. */
export async function outcomeOf<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([promise]);
  return outcome;
}

/** How much of an object {@link show} writes, in characters. */
const LONGEST_OBJECT = 300;

/** Writes a value for a message: objects in the way of JSON, bytes by their number, errors by name and message. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "object" && value !== null) return showObject(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function showObject(value: object): string {
  try {
    // An address, a date or a URL says of itself what it is.
    const own: unknown = Reflect.get(value, "toString");
    const mute = [Object.prototype, Array.prototype].map((one): unknown => Reflect.get(one, "toString"));
    if (typeof own === "function" && !mute.includes(own)) return `${value as { toString(): string }}`;
    const text = JSON.stringify(value, (_key, held: unknown) =>
      held instanceof Uint8Array || held instanceof Error || typeof held === "bigint" ? show(held) : held,
    );
    return text.length <= LONGEST_OBJECT ? text : `${text.slice(0, LONGEST_OBJECT)}…`;
  } catch {
    // A circle, or a property that can't be read.
    return Object.prototype.toString.call(value);
  }
}
