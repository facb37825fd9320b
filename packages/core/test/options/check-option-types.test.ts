// What a wrong option is told: what is wrong, what is expected, and never the value itself, which may be a secret.

import { expect, test } from "vitest";
import { InvalidInputError } from "../../src/errors/index.ts";
import { checkArgument, checkCount, checkOptionTypes, shown } from "../../src/options/check-option-types.ts";
import { number, record, required, text } from "../../src/options/option-kinds.ts";

const caller = { name: "open", operation: "a.open" };
const kinds = { url: required(text, 'a URL, such as "https://db.example"'), most: number };
const refusal = (message: string): unknown =>
  expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "a.open", message });

class Bucket {}
const ownName = { constructor: { name: "secret" } };
const nameless = { constructor: class {} };
Object.defineProperty(nameless.constructor, "name", { value: "" });

test.each<[unknown, string]>([
  [undefined, "undefined"],
  [null, "null"],
  [["secret"], "an array"],
  [Promise.resolve("secret"), "a Promise: put `await` before the call that returned it"],
  ["secret", "a string"],
  [Symbol("secret"), "a symbol"],
  [() => "secret", "a function"],
  [{ secret: 1 }, "an object"],
  // What an object says of itself is not what it is.
  [ownName, "an object"],
  [nameless, "an object"],
  [Object.create(null), "an object"],
  [new Bucket(), "an object of the class Bucket"],
  [Uint8Array.of(7), "an object of the class Uint8Array"],
])("a wrong value is told by its kind alone (%#)", (value, kind) => {
  const message = `The limit must be a number, not ${kind}.`;
  expect(() => checkArgument(value, number, { ...caller, name: "The limit" })).toThrow(refusal(message));
});

test("options of a wrong type, or missing ones, are told by their names; what is not listed is not looked at", () => {
  const check = (options: unknown) => () => checkOptionTypes(options, kinds, caller);
  const url = '`url` of open must be a URL, such as "https://db.example"';
  expect(check({ url: "a", most: undefined, else: Symbol("x") })).not.toThrow();
  expect(check({ url: "a", most: 0 })).not.toThrow();
  expect(check({})).toThrow(refusal(`${url}, not undefined.`));
  expect(check({ url: 5 })).toThrow(refusal(`${url}, not a number.`));
  expect(check({ url: "a", most: "5" })).toThrow(refusal("`most` of open must be a number, not a string."));
  for (const [options, kind] of [
    [undefined, "undefined"],
    [null, "null"],
    ["a", "a string"],
    [[], "an array"],
    [Promise.resolve({}), undefined],
  ] as const) {
    // A promise is an object: what it lacks is told.
    const message =
      kind === undefined ? `${url}, not undefined.` : `The options of open must be an object, not ${kind}.`;
    expect(check(options)).toThrow(refusal(message));
  }
});

test("a count is whole, and at least 0 or the least that makes sense", () => {
  const check = (value: unknown, least?: number) => () =>
    checkCount(value as number, { ...caller, name: "The size", ...(least !== undefined && { least }) });
  for (const value of [0, 1, Number.MAX_SAFE_INTEGER]) expect(check(value)).not.toThrow();
  expect(check(1, 1)).not.toThrow();
  const wrong = (least: number, said: string) =>
    refusal(`The size must be a whole number of at least ${least}, not ${said}.`);
  expect(check(0, 1)).toThrow(wrong(1, "0"));
  for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) expect(check(value)).toThrow(wrong(0, String(value)));
  expect(check("secret")).toThrow(wrong(0, "a string"));
  expect(check("secret")).toThrow(InvalidInputError);
});

test("a number is shown, and of everything else what it is", () => {
  expect([shown(7), shown(Number.NaN), shown("7"), shown(7n), shown({})]).toEqual([
    "7",
    "NaN",
    "a string",
    "a bigint",
    "an object",
  ]);
  expect(() => checkArgument({}, record, caller)).not.toThrow();
});
