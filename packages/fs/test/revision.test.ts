import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytes, failure } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { errnoOf } from "../src/errors.ts";
import { fsNames } from "../src/index.ts";
import { encodeValue, formatRevision, parseRevision, readId, readValue } from "../src/revision.ts";

const id = "0123456789abcdef0123456789abcdef";
const LARGEST = Number.MAX_SAFE_INTEGER - 1;

test.each([1, 9, 10, LARGEST])("revision %d is read as it is written", (number) => {
  expect(parseRevision(formatRevision({ number, id }))).toEqual({ number, id });
});

test.each([
  `0000000000000000-${id}`,
  `${LARGEST + 1}-${id}`,
  `${LARGEST + 2}-${id}`,
  `9999999999999999-${id}`,
  `000000000000001-${id}`,
  `00000000000000001-${id}`,
  `0000000000000001-${id}0`,
  `0000000000000001-${id}.tmp`,
  `x0000000000000001-${id}`,
  `0000000000000001-${id.toUpperCase()}`,
  `0000000000000001${id}`,
])("%s is no revision", (text) => {
  expect(parseRevision(text)).toBeUndefined();
});

test("a file that is not there has neither an id nor a value", async () => {
  const context = { operation: "names.resolve", action: "reading a name" };
  const path = join(await temporaryFolder(), "missing");
  expect(await readId(path, context)).toBeUndefined();
  expect(await readValue(path, { limit: 10, context })).toBeUndefined();
});

test.each([0, 15])("a file of a matching hash over %d bytes of an id is no value", async (length) => {
  const path = join(await temporaryFolder(), "value");
  const id = new Uint8Array(length);
  const hash = createHash("sha256").update(id).digest();
  await writeFile(path, Buffer.concat([bytes("remote-log name 1\n"), hash, id]));
  const context = { operation: "names.resolve", action: "reading a name" };
  const refused = { code: "ERR_INTEGRITY", operation: "names.resolve" };
  expect(await failure(readValue(path, { limit: 100, context }))).toMatchObject(refused);
  expect(await failure(readId(path, context))).toMatchObject(refused);
});

test.each([
  [0, "ERR_UNREACHABLE"],
  [7, "ERR_INTEGRITY"],
])(
  "a value with a wrong header is still arriving if its very last byte is zero (%d: %s)",
  async (last, code) => {
    const path = join(await temporaryFolder(), "value");
    const value = encodeValue({ number: 1, id }, Uint8Array.of(1, last === 0 ? 1 : 0, last));
    value[70] = value[70]! ^ 1;
    await writeFile(path, value);
    const context = { operation: "names.resolve", action: "reading a name" };
    expect(await failure(readId(path, context))).toMatchObject({ code });
    expect(await failure(readValue(path, { limit: 100, context }))).toMatchObject({ code });
  },
);

test("names say what they promise", () => {
  expect(fsNames({ root: "x" }).capabilities).toMatchObject({
    compareAndSet: "atomic",
    readYourWrites: true,
    largestContent: 1_048_576,
  });
  expect(fsNames({ root: "x", largestContent: 7 }).capabilities.largestContent).toBe(7);
});

test("a failure names the folder that it is in", async () => {
  const root = await temporaryFolder();
  const names = fsNames({ root });
  const failing = names.update("log", bytes("too long"), { expected: null, signal: AbortSignal.abort("x") });
  await expect(failing).rejects.toBe("x");
  const missing = fsNames({ root: join(root, "missing"), create: false }).resolve("log");
  await expect(missing).rejects.toThrow(join(root, "missing"));
  const large = fsNames({ root, largestContent: 1 }).update("log", bytes("too long"), { expected: null });
  await expect(large).rejects.toThrow(` in ${root}`);
});

test.each([
  [Object.assign(new Error("x"), { code: "ENOENT", syscall: "open" }), "ENOENT"],
  [Object.assign(new Error("x"), { code: "ENOENT" }), undefined],
  [Object.assign(new Error("x"), { syscall: "open" }), undefined],
  [Object.assign(new Error("x"), { code: 2, syscall: "open" }), undefined],
  [{ code: "ENOENT", syscall: "open" }, undefined],
  ["ENOENT", undefined],
  [undefined, undefined],
])("the code of %o is %s", (error, code) => {
  expect(errnoOf(error)).toBe(code);
});
