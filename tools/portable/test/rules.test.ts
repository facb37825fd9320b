import { expect, test } from "vitest";
import { faultsOf } from "../rules.mjs";

const faults = (text: string): string[] =>
  faultsOf("a.ts", text).map((line) => line.replace(/:.*uses /, " "));

test.each([
  ["new TextEncoder().encode(text);", "TextEncoder"],
  ["const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);", "TextDecoder"],
  ["const late = setTimeout(end, 5);", "setTimeout"],
  ["globalThis.clearTimeout(late);", "clearTimeout"],
  ["setInterval(look, 5);", "setInterval"],
  ["clearInterval(looks);", "clearInterval"],
  ["const begun = Date.now();", "Date\\.now"],
  ["const { now = Date.now } = options;", "Date\\.now"],
  ["const today = new Date();", "new Date\\(\\)"],
  ["const wait = 5 * Math.random();", "Math\\.random"],
  ["const now = performance.now();", "performance"],
  ["const id = globalThis.crypto;", "crypto"],
  ["const a = { key: structuredClone };", "structuredClone"],
  ["signal?.throwIfAborted();", "\\.throwIfAborted"],
  ["this.#signal.throwIfAborted();", "\\.throwIfAborted"],
  ["throw this.#signal.reason;", "a signal's reason"],
  ["throw options.signal?.reason;", "a signal's reason"],
  ["const both = AbortSignal.any([a, b]);", "AbortSignal\\.any"],
  ["const last = list.at(-1);", "\\.at"],
  ["const url = URL.canParse(text);", "\\.canParse"],
  ["async () => f(...(await g()));", "a spread beside an `await`"],
  ["async () => [...a, await b];", "a spread beside an `await`"],
  ["async () => ({ ...a, b: await b });", "a spread beside an `await`"],
])("%s is a fault", (text, what) => {
  expect(faults(text)).toEqual([expect.stringMatching(new RegExp(`^a\\.ts ${what}: `))]);
});

test.each([
  "const { reason } = error;",
  "throw result.reason;",
  "const performance = { crypto: 1 };".replace("performance", "x"),
  "interface A { performance: number; crypto?: Crypto }",
  "async () => { const b = await g(); return [...a, b]; };",
  "async () => [...a, async () => await b];",
  "const a = x.performance;",
])("%s is none", (text) => {
  expect(faults(text)).toEqual([]);
});
