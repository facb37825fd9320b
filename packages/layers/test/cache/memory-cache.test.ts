import type { ReaderCache } from "@remote-log/core";
import { memoryCache } from "@remote-log/layers";
import { wrongTypeProblems } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { cacheFaults } from "./cache-checks.ts";

test("a cache in memory keeps the promises of caches", async () => {
  const places = new Map<string, ReaderCache>();
  const open = (place: string, bytes: number): ReaderCache => {
    const cache = places.get(place) ?? memoryCache({ bytes });
    places.set(place, cache);
    return cache;
  };
  expect(await cacheFaults({ open, later: async () => undefined })).toEqual([]);
});

test("options of wrong types, and numbers out of range, are refused", async () => {
  expect(await wrongTypeProblems((options) => memoryCache(options), {}, { bytes: "number" })).toEqual([]);
  for (const bytes of [0, 1.5, Number.NaN]) expect(() => memoryCache({ bytes })).toThrow("bytes");
});
