import { indexedDbCache } from "@remote-log/layers/indexed-db";
import { wrongTypeProblems } from "@remote-log/test-kit";
import { expect, test } from "vitest";

test("options of wrong types are refused, and opening needs no IndexedDB yet", async () => {
  const types = { bytes: "number", name: "string" };
  expect(await wrongTypeProblems((options) => indexedDbCache(options), {}, types)).toEqual([]);
  indexedDbCache();
});
