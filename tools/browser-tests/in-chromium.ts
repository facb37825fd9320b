import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { bundleScripts } from "../../packages/core/test/browser/bundle.ts";
import { executablePath, startChromium } from "../../packages/core/test/browser/chromium.ts";
import { type Site, serveSite } from "../../packages/core/test/browser/site.ts";
import type { Call, CommandPage, Commands } from "./commands.ts";

/** Whether a browser is here, or has to be: in CI its absence is a failure. */
export const canRun: boolean = executablePath !== undefined || process.env["CI"] !== undefined;
if (!canRun)
  console.warn("SKIPPED: the browser tests, for there is no Chromium in PATH. Install `chromium`.");

/** Where a command runs. */
export type Place = keyof CommandPage;

/** Both places. */
export const places: readonly Place[] = ["runHere", "runInWorker"];

/** A page in Chromium with the commands of a test. */
export interface CommandTab<C extends Commands> {
  /** The page, for what commands cannot do. */
  readonly tab: Page;
  /** Where the page comes from, as services see it: `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** Runs a command in the page or in a worker of it. An error there is an error here, with the same code. */
  readonly run: <K extends keyof C>(
    where: Place,
    name: K,
    ...parameters: Parameters<C[K]>
  ) => Promise<Awaited<ReturnType<C[K]>>>;
}

/**
 * Opens, before the tests of the group in which it is called, a page with the commands that `page.ts` and `worker.ts`
 * beside a test offer; closes it after them.
 *
 * @param test - `import.meta.url` of the test
 */
export function tabOfGroup<C extends Commands>(test: string): CommandTab<C> {
  let site: Site | undefined;
  let browser: Browser | undefined;
  let tab: Page | undefined;
  beforeAll(async () => {
    [site, browser] = await Promise.all([bundleScripts(test).then(serveSite), startChromium()]);
    tab = await browser.newPage();
    await tab.goto(site.address);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), site?.[Symbol.asyncDispose]()]);
  });
  return {
    get tab() {
      return tab!;
    },
    get origin() {
      return new URL(site!.address).origin;
    },
    run: async (where, name, ...parameters) => {
      const call: Call = { name, parameters };
      const outcome = await tab!.evaluate(
        ([place, what]) => (globalThis as unknown as CommandPage)[place](what),
        [where, call] as const,
      );
      if ("failure" in outcome) throw Object.assign(new Error(), outcome.failure);
      return outcome.value as never;
    },
  };
}
