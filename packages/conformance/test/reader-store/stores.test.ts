// The stores of the core keep every promise of a reader's store.

import { runReaderStoreConformance } from "@remote-log/conformance/vitest";
import { whole } from "@remote-log/test-kit";
import { CASE_MS } from "../patience.ts";
import { classicLevelFixture, memoryLevelFixture, memoryStoreFixture } from "./stores.ts";

// The state of rlog, which is on classic-level, is always checked in its own tests.
const onDisk = whole ? [classicLevelFixture()] : [];

for (const fixture of [memoryStoreFixture(), memoryLevelFixture(), ...onDisk]) {
  runReaderStoreConformance({ ...fixture, timeoutMs: CASE_MS });
}
