// What a writer and its calls are given is checked before anything is done with it.

import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { InvalidInputError, type WriterOptions } from "../../src/index.ts";
import {
  checkCallOptions,
  checkContents,
  checkLabel,
  checkUriList,
  checkWriterOptions,
} from "../../src/writer/check-writer-options.ts";

const least: WriterOptions = { seed: new Uint8Array(32), journal: new MemoryLevel<Uint8Array, Uint8Array>() };
const witness = { load: () => undefined, save: () => undefined, close: () => undefined };
const { signal } = new AbortController();

const accepted: readonly object[] = [
  {},
  { settings: undefined, remotes: undefined },
  { remotes: [] },
  { remotes: [memoryRemote()] },
  { publish: "auto" },
  { publish: "manual" },
  { settings: {} },
  { settings: { identifiers: "sha256", visibility: "public", leafSize: 2, fanOut: 2 } },
  { settings: { identifiers: "mvds", visibility: "private" } },
  { settings: { visibility: "private", padding: "none" } },
  { settings: { visibility: "private", padding: "padme" } },
  { requestMilliseconds: 2_147_483_647 },
  { witness },
];

test.each(accepted)("a writer may be opened with %j", (options) => {
  expect(() => checkWriterOptions({ ...least, ...options })).not.toThrow();
});

const refused: readonly object[] = [
  { seed: undefined },
  { journal: {} },
  { publish: "" },
  { publish: "sometimes" },
  { remotes: {} },
  { remotes: [{}] },
  { remotes: [memoryRemote(), memoryRemote()] },
  { settings: 3 },
  { settings: { identifiers: "" } },
  { settings: { visibility: "" } },
  { settings: { leafSize: "2" } },
  { settings: { padding: "" } },
  { requestMilliseconds: 2_147_483_648 },
  { requestMilliseconds: 0.5 },
  { requestMilliseconds: "1" },
  { witness: { ...witness, load: undefined } },
  { witness: { ...witness, save: undefined } },
  { witness: { ...witness, close: undefined } },
];

test.each(refused)("a writer may not be opened with %j", (options) => {
  expect(() => checkWriterOptions({ ...least, ...options })).toThrow(InvalidInputError);
});

test("what is wrong is said with the name of what was called", () => {
  expect(() => checkWriterOptions(undefined as never)).toThrow(/openWriter/);
});

test.each([
  ["append", { signal }, { signal: 1 }],
  ["publish", { signal, whole: true }, { whole: 1 }],
  ["compare", { signal }, { signal: 1 }],
  ["repair", { signal, remote: "one", reads: true, onProgress: () => undefined }, { reads: 1 }],
  ["recover", { signal, acceptLoss: true }, { acceptLoss: 1 }],
  ["stored", { signal, remotes: "any" }, { remotes: "" }],
  ["published", { signal, remotes: "all" }, { remotes: "both" }],
  ["confirmed", { remotes: "all" }, { signal: {} }],
] as const)("the options of %s are %j and the like", (call, good, bad) => {
  expect(() => checkCallOptions(good, call)).not.toThrow();
  expect(() => checkCallOptions(bad, call)).toThrow(InvalidInputError);
});

test("contents are an array, and a label is a text", () => {
  expect(() => checkContents([])).not.toThrow();
  expect(() => checkContents(new Uint8Array(1))).toThrow(InvalidInputError);
  expect(() => checkLabel("one")).not.toThrow();
  expect(() => checkLabel(1)).toThrow(InvalidInputError);
});

test("the places of a log are URIs, and none of them holds a password, which every reader would get", () => {
  expect(() => checkUriList(["https://a.example/log", "file:///srv/log"])).not.toThrow();
  for (const uris of [["https://me:secret@a.example/log"], ["no uri"], [1], "a:b", undefined]) {
    expect(() => checkUriList(uris as never)).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_INPUT",
        operation: "writer.setRemotes",
        message: expect.not.stringContaining("secret"),
      }),
    );
  }
});
