import { describe, expect, test } from "vitest";
import { canRun, places, tabOfGroup } from "../../../../tools/browser-tests/in-chromium.ts";
import type { commands } from "./commands.ts";

describe.skipIf(!canRun)("a cache in IndexedDB, in Chromium,", () => {
  const page = tabOfGroup<typeof commands>(import.meta.url);

  test.each(places)("keeps the promises of caches (%s)", async (where) => {
    expect(await page.run(where, "faults", where)).toEqual([]);
  });

  test("is there after a reload, and is shared by tabs and workers", async () => {
    await page.run("runHere", "fill", "shared", 3, 10_000);
    await page.tab.reload();
    expect(await page.run("runHere", "read", "shared", "value 2")).toEqual(new Uint8Array(100).fill(2));
    expect(await page.run("runInWorker", "read", "shared", "value 2")).toEqual(new Uint8Array(100).fill(2));
  });

  test("holds no more than it may, also if a page and a worker write at once", async () => {
    await Promise.all([
      page.run("runHere", "fill", "full", 40, 1000),
      page.run("runInWorker", "fill", "full", 40, 1000),
    ]);
    const held = await page.run("runHere", "held", "full", 40);
    expect(held).toBeLessThanOrEqual(1000);
    expect(held).toBeGreaterThan(500);
  });
});
