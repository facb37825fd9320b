import { readerStoreCases } from "@remote-log/conformance";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleScripts } from "../../../core/test/browser/bundle.ts";
import { executablePath, startChromium } from "../../../core/test/browser/chromium.ts";
import { type Site, serveSite } from "../../../core/test/browser/site.ts";
import type { SuitePage } from "./page.ts";
import { runSuite } from "./run-suite.ts";

const SEED = 20_260;

test("the suite is bundled for browsers without anything that they lack", async () => {
  expect([...(await bundleScripts(import.meta.url)).keys()]).toEqual(
    expect.arrayContaining(["/page.js", "/worker.js"]),
  );
});

const canRun = executablePath !== undefined || process.env["CI"] !== undefined;
if (!canRun)
  console.warn("SKIPPED: the browser tests, for there is no Chromium in PATH. Install `chromium`.");

describe.skipIf(!canRun)("in Chromium", () => {
  let site: Site;
  let browser: Browser;
  let tab: Page;

  beforeAll(async () => {
    [site, browser] = await Promise.all([bundleScripts(import.meta.url).then(serveSite), startChromium()]);
    tab = await browser.newPage();
    await tab.goto(site.address);
  });

  afterAll(async () => {
    await Promise.all([browser?.close(), site?.[Symbol.asyncDispose]()]);
  });

  test.for(["runHere", "runInWorker"] as const)(
    "%s gives every case the status that it has in Node",
    {
      timeout: 1_800_000,
    },
    async (where) => {
      const [there, here] = await Promise.all([
        tab.evaluate(([place, seed]) => (globalThis as unknown as SuitePage)[place](seed), [
          where,
          SEED,
        ] as const),
        runSuite(SEED),
      ]);
      const statuses = ({ results }: typeof here) =>
        results.map(({ id, status, reason }) => [id, status, reason]);
      expect(statuses(there)).toEqual(statuses(here));
      expect(there.results.filter(({ status }) => status === "failed")).toEqual([]);
      expect(there.runtime.agent).toContain("Chrome/");
      expect(there).toMatchObject({ seed: SEED, complete: true, conformant: true });
    },
  );

  test("the reader's store on the database of the browser keeps every promise", {
    timeout: 1_800_000,
  }, async () => {
    const run = () => (globalThis as unknown as SuitePage).runStoreSuite();
    const ended = await tab.evaluate(run);
    // A page can't be killed from within.
    const skipped = ["STORE-CRASH-01 skipped the fixture gives no `crash`"];
    expect(ended.filter((line) => !line.endsWith(" passed"))).toEqual(skipped);
    expect(ended.length).toBe(readerStoreCases.length);
  });
});
