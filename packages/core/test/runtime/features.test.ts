import { afterEach, expect, test, vi } from "vitest";
import { monotonicNow, parseUrl, randomBytes, requireHttp, requireRuntime } from "../../src/adapter/index.ts";

afterEach(() => vi.unstubAllGlobals());

const told = (name: string) => ({
  code: "ERR_UNSUPPORTED",
  reason: "runtime",
  retry: "never",
  message: expect.stringContaining(`\`${name}\``),
});

test("on this runtime nothing is missing", () => {
  expect(() => requireRuntime("a.open", "URL", "URLSearchParams", "Headers", "fetch")).not.toThrow();
  expect(() => requireHttp("a.open", undefined)).not.toThrow();
});

test.each(["AbortController", "setTimeout", "BigInt"])("without %s nothing opens", (name) => {
  vi.stubGlobal(name, undefined);
  expect(() => requireRuntime("a.open")).toThrow(expect.objectContaining(told(name)));
});

test("without Symbol.asyncIterator nothing opens", () => {
  const get = (all: SymbolConstructor, name: keyof SymbolConstructor): unknown =>
    name === "asyncIterator" ? undefined : all[name];
  vi.stubGlobal("Symbol", new Proxy(Symbol, { get }));
  let thrown: unknown;
  try {
    requireRuntime("a.open");
  } catch (error) {
    thrown = error;
  }
  vi.unstubAllGlobals();
  expect(thrown).toMatchObject(told("Symbol.asyncIterator"));
});

test("without 64-bit integers in views nothing opens", () => {
  const own = Object.getOwnPropertyDescriptor(DataView.prototype, "getBigUint64")!;
  try {
    Reflect.deleteProperty(DataView.prototype, "getBigUint64");
    expect(() => requireRuntime("a.open")).toThrow(
      expect.objectContaining(told("DataView.prototype.getBigUint64")),
    );
  } finally {
    Object.defineProperty(DataView.prototype, "getBigUint64", own);
  }
});

test.each(["fetch", "Headers", "URLSearchParams"])("without %s no service over HTTP opens", (name) => {
  vi.stubGlobal(name, undefined);
  expect(() => requireHttp("a.open", undefined)).toThrow(expect.objectContaining(told(name)));
});

test("a fetch that is given takes the place of the runtime's", () => {
  vi.stubGlobal("fetch", undefined);
  expect(() => requireHttp("a.open", () => undefined)).not.toThrow();
});

/** The `URL` of React Native: it is there, and most of it throws. */
class UnfinishedUrl {
  get host(): string {
    throw new Error("URL.host is not implemented");
  }
}

test.each([undefined, UnfinishedUrl])("a text is not called no URL by a runtime whose URL is %s", (URL) => {
  vi.stubGlobal("URL", URL);
  expect(() => parseUrl("https://a.example")).toThrow(expect.objectContaining(told("URL")));
});

test("what is no URL is undefined", () => {
  expect(parseUrl("https://a.example/b")?.host).toBe("a.example");
  expect(parseUrl("no URL")).toBeUndefined();
});

test("without a source of randomness there are no numbers in its place", () => {
  expect(randomBytes(32, "a.make")).not.toEqual(randomBytes(32, "a.make"));
  vi.stubGlobal("crypto", {});
  expect(() => randomBytes(32, "a.make")).toThrow(expect.objectContaining(told("crypto.getRandomValues")));
});

test("all that is missing is named at once", () => {
  vi.stubGlobal("fetch", undefined);
  vi.stubGlobal("URL", undefined);
  expect(() => requireHttp("a.open", undefined)).toThrow(/`URL`.*`fetch`/);
});

test("time passes also without `performance`", () => {
  vi.stubGlobal("performance", undefined);
  expect(Math.abs(monotonicNow() - Date.now())).toBeLessThan(60_000);
});
