// The kinds of options: what each accepts, and how messages call it.

import { expect, test } from "vitest";
import * as kinds from "../../src/options/option-kinds.ts";

const values = {
  "a string": "",
  "a number": Number.NaN,
  true: true,
  false: false,
  "a function": () => undefined,
  "an object": {},
  "an array": [],
  bytes: new Uint8Array(0),
  "a signal": new AbortController().signal,
  null: null,
};

test.each<[string, kinds.OptionKind, string[]]>([
  ["a string", kinds.text, ["a string"]],
  ["a number", kinds.number, ["a number"]],
  ["true or false", kinds.flag, ["true", "false"]],
  ["a function", kinds.callback, ["a function"]],
  ["an object", kinds.record, ["an object", "bytes", "a signal"]],
  ["a Uint8Array", kinds.bytes, ["bytes"]],
  ["an array", kinds.list, ["an array"]],
  [
    "an AbortSignal, such as that of `new AbortController()` or `AbortSignal.timeout(1000)`",
    kinds.signal,
    ["a signal"],
  ],
])("what has to be %s is that, and nothing else", (expected, kind, accepted) => {
  expect(kind.expected).toBe(expected);
  const all = Object.entries(values);
  expect(all.flatMap(([value, one]) => (kind.is(one) ? [value] : []))).toEqual(accepted);
});

test("a signal is one by what it has, whoever made it", () => {
  const aborted = false;
  const addEventListener = (): void => undefined;
  expect(kinds.signal.is({ aborted, addEventListener })).toBe(true);
  // Half of one would fail where it is used.
  expect(kinds.signal.is({ aborted })).toBe(false);
  expect(kinds.signal.is({ addEventListener })).toBe(false);
  expect(kinds.signal.is(Object.assign(() => undefined, { aborted, addEventListener }))).toBe(false);
});

test("one of some words is that word, and messages list them", () => {
  const kind = kinds.oneOf("auto", "manual");
  expect(["auto", "manual", "never", 1].map(kind.is)).toEqual([true, true, false, false]);
  expect(kind.expected).toBe('"auto" or "manual"');
});

test("what has to have methods has all of them", () => {
  const kind = kinds.withMethods(["get", "put"], "a store");
  const method = (): void => undefined;
  expect(kind.is({ get: method, put: method })).toBe(true);
  expect(kind.is(Object.assign(method.bind(undefined), { get: method, put: method }))).toBe(true);
  expect(kind.is({ get: method })).toBe(false);
  expect(kind.is({ get: method, put: 1 })).toBe(false);
  expect(kind.is(null)).toBe(false);
  expect(kind.expected).toBe("a store");
});

test("a kind that is required is the same kind", () => {
  expect(kinds.required(kinds.text)).toEqual({ ...kinds.text, required: true });
  expect(kinds.required(kinds.text, "a name").expected).toBe("a name");
});
