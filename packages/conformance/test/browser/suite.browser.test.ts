import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { executablePath, startChromium } from "../../../core/test/browser/chromium.ts";
import { type Site, serveSite } from "../../../core/test/browser/site.ts";
import type { SuitePage } from "./page.ts";
import { runSuite } from "./run-suite.ts";

const SEED = 20_260;
const require = createRequire(import.meta.url);
const scripts = [new URL("./page.ts", import.meta.url), new URL("./worker.ts", import.meta.url)];

/** How an application would bundle for browsers, except that the workspace's packages are read from their sources. */
async function bundleScripts(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: scripts.map((script) => fileURLToPath(script)),
    bundle: true,
    write: false,
    platform: "browser",
    format: "esm",
    target: "es2022",
    splitting: true,
    conditions: ["@remote-log/source"],
    outdir: "/",
    logLevel: "silent",
    // `abstract-level` wants Node's `events`; who bundles it for browsers adds the package of that name.
    alias: { events: require.resolve("events/") },
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

test("the suite is bundled for browsers without anything that they lack", async () => {
  expect([...(await bundleScripts()).keys()]).toEqual(expect.arrayContaining(["/page.js", "/worker.js"]));
});

const canRun = executablePath !== undefined || process.env["CI"] !== undefined;
if (!canRun)
  console.warn("SKIPPED: the browser tests, for there is no Chromium in PATH. Install `chromium`.");

describe.skipIf(!canRun)("in Chromium", () => {
  let site: Site;
  let browser: Browser;
  let tab: Page;

  beforeAll(async () => {
    [site, browser] = await Promise.all([bundleScripts().then(serveSite), startChromium()]);
    tab = await browser.newPage();
    await tab.goto(site.address);
  }, 60_000);

  afterAll(async () => {
    await Promise.all([browser?.close(), site?.[Symbol.asyncDispose]()]);
  });

  test.for(["runHere", "runInWorker"] as const)(
    "%s gives every case the status that it has in Node",
    {
      timeout: 120_000,
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
});
