import { expect, test } from "vitest";
import { jsonCodec } from "../src/index.ts";

const malformed = expect.objectContaining({ code: "ERR_MALFORMED" });

test("values come back as they were, and say their form", () => {
  const codec = jsonCodec<{ text: string }>({ type: "note", version: 3 });
  expect(codec).toMatchObject({ type: "note", version: 3 });
  expect(codec.decode(codec.encode({ text: "Grüße" }), codec)).toEqual({ text: "Grüße" });
  expect(jsonCodec()).toMatchObject({ type: "json", version: 1 });
});

test("what is no JSON is refused, and so is what is no UTF-8", () => {
  const codec = jsonCodec();
  expect(() => codec.decode(new TextEncoder().encode("{"), codec)).toThrow(malformed);
  expect(() => codec.decode(Uint8Array.of(0x22, 0xff, 0x22), codec)).toThrow(malformed);
});

test("what JSON leaves out is refused, and no message", () => {
  const codec = jsonCodec<unknown>();
  for (const [value, name] of [
    [undefined, "undefined"],
    [() => 1, "a function"],
    [Symbol("x"), "a symbol"],
  ] as const)
    expect(() => codec.encode(value)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT", message: `JSON has no word for ${name}.` }),
    );
  expect(codec.decode(codec.encode(null), codec)).toBe(null);
});

test("a check sees the JSON and its form, and its word counts", () => {
  const codec = jsonCodec<number>({
    check(json, { version }) {
      if (typeof json !== "number") throw new TypeError("no number");
      return json + version;
    },
  });
  expect(codec.decode(codec.encode(1), { type: "json", version: 41 })).toBe(42);
  expect(() => codec.decode(new TextEncoder().encode('"1"'), codec)).toThrow(TypeError);
});
