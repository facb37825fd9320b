// What a mirroring is given is checked before anything is asked.

import { memoryNames, memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { InvalidInputError, type MirrorOptions, mirrorLog } from "../../src/index.ts";
import { checkMirrorOptions } from "../../src/mirror/check-mirror-options.ts";

const storage = memoryStorage();
const least = { reader: { sync: () => undefined }, to: { storage } } as unknown as MirrorOptions;

const accepted: readonly object[] = [
  {},
  { known: undefined, missing: undefined, concurrency: undefined, retries: undefined },
  { known: new Uint8Array(1), missing: [], resume: true, storeHead: true },
  { missing: [{ from: 0, to: 1 }] },
  { concurrency: 1, retries: 0 },
  { bundles: "made" },
  { bundles: "copied" },
  { onProgress: () => undefined, signal: new AbortController().signal },
  { to: { storage, names: memoryNames(), name: "name", label: "label" } },
];

test.each(accepted)("a log may be mirrored with %j", (options) => {
  expect(() => checkMirrorOptions({ ...least, ...options })).not.toThrow();
});

test.each<[object, string]>([
  [{ reader: undefined }, "`reader` of mirrorLog must be a reader"],
  [{ reader: {} }, "`reader` of mirrorLog"],
  [{ to: undefined }, "`to` of mirrorLog must be a remote"],
  [{ to: 3 }, "`to` of mirrorLog"],
  [{ to: {} }, "`storage` of `to`"],
  [{ to: { storage: {} } }, "`storage` of `to`"],
  [{ to: { storage, names: {} } }, "`names` of `to`"],
  [{ to: { storage, name: 1 } }, "`name` of `to`"],
  [{ to: { storage, label: 1 } }, "`label` of `to`"],
  [{ known: "head" }, "`known` of mirrorLog"],
  [{ missing: {} }, "`missing` of mirrorLog"],
  [{ missing: [{ from: 0, to: 1 }, { from: 1 }] }, "`to` of `missing`"],
  [{ missing: [{ from: "0", to: 1 }] }, "`from` of `missing`"],
  [{ resume: 1 }, "`resume` of mirrorLog"],
  [{ bundles: "writer" }, "`bundles` of mirrorLog"],
  [{ storeHead: 1 }, "`storeHead` of mirrorLog"],
  [{ onProgress: 1 }, "`onProgress` of mirrorLog"],
  [{ signal: 1 }, "`signal` of mirrorLog"],
  [{ concurrency: 0 }, "concurrency must be a whole number of at least 1, not 0"],
  [{ concurrency: 1.5 }, "concurrency must be a whole number of at least 1, not 1.5"],
  [{ retries: -1 }, "retries must be a whole number of at least 0, not -1"],
  [{ retries: "1" }, "`retries` of mirrorLog"],
])("a log may not be mirrored with %j", (options, message) => {
  const check = (): void => checkMirrorOptions({ ...least, ...options });
  expect(check).toThrow(InvalidInputError);
  expect(check).toThrow(message);
  expect(check).toThrow(expect.objectContaining({ operation: "mirror.open" }));
});

test("a runtime that lacks something is told before anything is asked", async () => {
  vi.stubGlobal("AbortController", undefined);
  const mirroring = failure(mirrorLog(least)).finally(() => vi.unstubAllGlobals());
  expect(await mirroring).toMatchObject({
    code: "ERR_UNSUPPORTED",
    operation: "mirror.open",
    reason: "runtime",
  });
});
