// The stores of the core keep every promise of a reader's store.

import { runReaderStoreConformance } from "@remote-log/conformance/vitest";
import { CASE_MS } from "../patience.ts";
import { classicLevelFixture, memoryLevelFixture, memoryStoreFixture } from "./stores.ts";

for (const fixture of [memoryStoreFixture(), memoryLevelFixture(), classicLevelFixture()]) {
  runReaderStoreConformance({ ...fixture, timeoutMs: CASE_MS });
}
