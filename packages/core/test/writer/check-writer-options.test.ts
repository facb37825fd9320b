// What a writer and its calls are given is checked before anything is done with it.

import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { DeviceSeed, InvalidInputError, type WriterOptions } from "../../src/index.ts";
import {
  checkCallOptions,
  checkContents,
  checkLabel,
  checkRecipientList,
  checkRetention,
  checkUriList,
  checkWriterOptions,
} from "../../src/writer/check-writer-options.ts";

const least: WriterOptions = { seed: new Uint8Array(32), journal: new MemoryLevel<Uint8Array, Uint8Array>() };
const witness = { load: () => undefined, save: () => undefined, close: () => undefined };
const { signal } = new AbortController();
const SEED = new DeviceSeed(new Uint8Array(32), { generation: 0, recoveryKeyHash: new Uint8Array(32) });

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
  { seed: SEED },
  { bundles: "writer" },
  { bundles: "off" },
  { oldPages: "keep" },
  { oldPages: "delete" },
  { rotateKey: undefined, retention: undefined },
  { rotateKey: { afterEntries: 1 } },
  { rotateKey: { afterMilliseconds: 1 } },
  { retention: { entries: 0 } },
  { retention: { milliseconds: 0 } },
  { graceMilliseconds: 0 },
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
  { bundles: "" },
  { oldPages: "" },
  { graceMilliseconds: -1 },
  { retention: {} },
  { retention: { entries: -1 } },
];

test.each(refused)("a writer may not be opened with %j", (options) => {
  expect(() => checkWriterOptions({ ...least, ...options })).toThrow(InvalidInputError);
});

test("what is wrong is said with the name of what was called", () => {
  expect(() => checkWriterOptions(undefined as never)).toThrow(/openWriter/);
});

test.each([
  [{ afterEntries: 0 }, "`afterEntries` must be a whole number of at least 1, not 0."],
  [{ afterMilliseconds: 0 }, "`afterMilliseconds` must be a whole number of at least 1, not 0."],
  [{ afterEntries: "1" }, "`afterEntries` of rotateKey must be"],
] as const)("the key is not replaced after %j: %s", (rotateKey, said) => {
  expect(() => checkWriterOptions({ ...least, rotateKey: rotateKey as never })).toThrow(said);
});

test.each([
  [{}, "A retention needs `entries`, `milliseconds`, or both."],
  [{ entries: undefined, milliseconds: undefined }, "A retention needs `entries`, `milliseconds`, or both."],
  [{ entries: "1" }, "`entries` of the retention must be"],
  [{ entries: -1 }, "entries must be a whole number from 0 to"],
  [{ milliseconds: 0.5 }, "milliseconds must be a whole number from 0 to"],
] as const)("a log is not kept to %j: %s", (retention, said) => {
  const expected = { code: "ERR_INVALID_INPUT", operation: "writer.keepNewest" };
  expect(() => checkRetention(retention as never, "writer.keepNewest")).toThrow(
    expect.objectContaining({ ...expected, message: expect.stringContaining(said) }),
  );
});

test.each(["grant", "revoke"] as const)("the recipients of %s are an array of texts", (call) => {
  expect(() => checkRecipientList(["age1one", "age1two"], call)).not.toThrow();
  for (const [recipients, said] of [
    ["age1one", "The recipients must be"],
    [undefined, "The recipients must be"],
    [["age1one", 1], "A recipient must be"],
  ] as const) {
    expect(() => checkRecipientList(recipients, call)).toThrow(
      expect.objectContaining({ operation: `writer.${call}`, message: expect.stringContaining(said) }),
    );
  }
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
  for (const uris of [["https://me:secret@a.example/log"], ["no uri"], "a:b", undefined]) {
    expect(() => checkUriList(uris as never)).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_INPUT",
        operation: "writer.setRemotes",
        message: expect.not.stringContaining("secret"),
      }),
    );
  }
  for (const uris of [[1], ["https://a.example/log", 1], "a:b", {}]) {
    expect(() => checkUriList(uris as never)).toThrow("The remotes must be an array of URIs, each a string");
  }
});
