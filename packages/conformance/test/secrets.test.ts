import { expect, test } from "vitest";
import { findSecret } from "../src/secrets.ts";

const secret = "made-up-secret";

function deep(levels: number, value: unknown): unknown {
  return levels === 0 ? value : { in: deep(levels - 1, value) };
}

test.for<[string, unknown, string | undefined]>([
  ["its message", new Error(`key ${secret}`), "error.message"],
  ["its name", Object.assign(new Error("x"), { name: secret }), "error.name"],
  ["its stack", Object.assign(new Error("x"), { stack: `at ${secret}` }), "error.stack"],
  [
    "a cause of its cause",
    new Error("x", { cause: new Error("y", { cause: new Error(secret) }) }),
    "error.cause.cause.message",
  ],
  ["one of several errors", new AggregateError([new Error(secret)], "x"), "error.errors.0.message"],
  [
    "a property that can't be enumerated",
    Object.defineProperty(new Error("x"), "config", { value: { key: secret } }),
    "error.config.key",
  ],
  [
    "a property under a symbol",
    Object.assign(new Error("x"), { [Symbol("request")]: secret }),
    "error.Symbol(request)",
  ],
  ["the name of a property", Object.assign(new Error("x"), { [secret]: 1 }), "error (a key)"],
  ["what a getter gives", Object.defineProperty(new Error("x"), "key", { get: () => secret }), "error.key"],
  [
    "a map",
    Object.assign(new Error("x"), { headers: new Map([["authorization", `Bearer ${secret}`]]) }),
    "error.headers",
  ],
  [
    "headers",
    Object.assign(new Error("x"), { headers: new Headers({ authorization: secret }) }),
    "error.headers.authorization",
  ],
  ["an address", Object.assign(new Error("x"), { url: new URL(`http://user:${secret}@host/`) }), "error.url"],
  ["bytes", Object.assign(new Error("x"), { body: new TextEncoder().encode(`a${secret}`) }), "error.body"],
  ["its JSON", Object.assign(new Error("x"), { toJSON: () => ({ key: secret }) }), "error as JSON"],
  ["a text that is no error", `key ${secret}`, "error"],
  ["six levels down", Object.assign(new Error("x"), { in: deep(5, secret) }), `error${".in".repeat(6)}`],
  [
    "Basic credentials",
    Object.assign(new Error("x"), { headers: { authorization: `Basic ${btoa(`user:${secret}`)}` } }),
    "error.headers.authorization",
  ],
  ["base64 of it alone", new Error(`key ${btoa(secret)}`), "error.message"],
  ["base64 with one character before it", new Error(btoa(`a${secret}z`)), "error.message"],
  ["base64 with two characters before it", new Error(btoa(`ab${secret}`)), "error.message"],
  [
    "base64 as URLs have it",
    new Error(btoa(`??>${secret}`).replaceAll("+", "-").replaceAll("/", "_")),
    "error.message",
  ],
  ["base64 that is percent-encoded", new Error(encodeURIComponent(btoa(`u:${secret}`))), "error.message"],
  ["a text that is percent-encoded", new Error(`/x?key=${secret.replaceAll("-", "%2d")}`), "error.message"],
  ["hexadecimal digits", new Error(Buffer.from(secret).toString("hex").toUpperCase()), "error.message"],
  [
    "what a getter of a prototype gives",
    Object.setPrototypeOf(
      new Error("x"),
      Object.create(Error.prototype, { request: { get: () => ({ key: secret }) } }) as object,
    ),
    "error.request.key",
  ],
  ["nothing at all", new Error("key"), undefined],
  ["nothing that is base64 of a part of it", new Error(btoa(secret.slice(0, 7))), undefined],
])("a secret is found in %s", ([, error, path]) => {
  expect(findSecret(error, ["another", secret])).toBe(path);
});

test("circles, properties that throw and values of every kind are no obstacle", () => {
  const error = Object.assign(new Error("x"), { self: {}, big: 1n, no: null, call: () => 1 });
  error.self = error;
  Object.defineProperty(error, "key", {
    get() {
      throw new Error("It can't be read.");
    },
  });
  expect(findSecret(error, [secret])).toBe(undefined);
  expect(findSecret(error, [""])).toBe(undefined);
});
