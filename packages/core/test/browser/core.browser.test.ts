import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { bundlePackage, bundleScripts } from "./bundle.ts";
import { executablePath, inTab, inWorker, startChromium } from "./chromium.ts";
import { type Site, serveSite } from "./site.ts";

const JOURNAL = "journal";
const STORE = "store";

// Every fiftieth is too large to be embedded, and so is an object of its own.
const texts = Array.from({ length: 200 }, (_, i) => `entry ${i}${i % 50 === 0 ? " long".repeat(400) : ""}`);
const entries = texts.map((text, sequence) => ({ sequence, text }));

describe("the bundle for browsers", () => {
  test("of the core holds the core and what it declares, and nothing that browsers lack", async () => {
    const { inputs, outputs } = await bundlePackage("@remote-log/core");
    // The library of keyrings, with what it brings, is loaded on demand: a bundler puts it into chunks of its own.
    expect(packagesOf(inputs)).toEqual([
      "@noble/ciphers",
      "@noble/curves",
      "@noble/hashes",
      "@noble/post-quantum",
      "@remote-log/core",
      "@scure/base",
      "@stablelib/binary",
      "@stablelib/chacha",
      "@stablelib/constant-time",
      "@stablelib/int",
      "@stablelib/poly1305",
      "@stablelib/wipe",
      "@stablelib/xchacha20",
      "age-encryption",
      "multiformats",
      "sha256-uint8array",
    ]);
    expect(
      Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external)),
    ).toEqual([]);
  });

  test("of the memory adapter adds that adapter alone", async () => {
    const { inputs } = await bundlePackage("@remote-log/memory");
    const own = ["@remote-log/core", "@remote-log/memory"];
    expect(packagesOf(inputs)).toEqual([
      "@noble/ciphers",
      "@noble/curves",
      "@noble/hashes",
      "@noble/post-quantum",
      ...own,
      "@scure/base",
      "@stablelib/binary",
      "@stablelib/chacha",
      "@stablelib/constant-time",
      "@stablelib/int",
      "@stablelib/poly1305",
      "@stablelib/wipe",
      "@stablelib/xchacha20",
      "age-encryption",
      "multiformats",
      "sha256-uint8array",
    ]);
  });
});

const canRun = executablePath !== undefined || process.env["CI"] !== undefined;
if (!canRun)
  console.warn("SKIPPED: the browser tests, for there is no Chromium in PATH. Install `chromium`.");

describe.skipIf(!canRun)("in Chromium", () => {
  let site: Site;
  let browser: Browser;
  let profile: BrowserContext;
  let tab: Page;

  beforeAll(async () => {
    [site, browser] = await Promise.all([bundleScripts(import.meta.url).then(serveSite), startChromium()]);
  });

  afterAll(async () => {
    await Promise.all([browser?.close(), site?.[Symbol.asyncDispose]()]);
  });

  beforeEach(async () => {
    profile = await browser.newContext();
    tab = await openTab();
  });

  afterEach(async () => {
    await profile?.close();
  });

  async function openTab(): Promise<Page> {
    const page = await profile.newPage();
    page.on("pageerror", (error) => console.error(error));
    await page.goto(site.address);
    return page;
  }

  test("a page writes, publishes and reads back", async () => {
    const logId = await inTab(tab, "openWriter", JOURNAL);
    expect(await inTab(tab, "append", texts)).toEqual(entries.map(({ sequence }) => sequence));
    const published = await inTab(tab, "publish");
    expect(published.contents.length).toBeGreaterThan(4);
    expect(await inTab(tab, "readAll", logId, published)).toEqual(entries);
    expect(await inTab(tab, "latest", logId, published, 16)).toEqual(entries.slice(-16));
    expect(await inTab(tab, "entry", logId, published, 50)).toEqual(entries[50]);
  });

  test("the journal outlives a reload, and the log continues behind its last entry", async () => {
    const logId = await inTab(tab, "openWriter", JOURNAL);
    const seed = await inTab(tab, "seed");
    await inTab(tab, "append", texts.slice(0, 150));
    const published = await inTab(tab, "publish");
    await inTab(tab, "append", texts.slice(150)); // and these were not published

    await tab.reload();
    expect(await inTab(tab, "openWriter", JOURNAL, seed, published)).toBe(logId);
    expect(await inTab(tab, "ownEntries")).toEqual(entries);
    expect(await inTab(tab, "append", ["after the reload"])).toEqual([200]);
    const all = [...entries, { sequence: 200, text: "after the reload" }];
    expect(await inTab(tab, "readAll", logId, await inTab(tab, "publish"))).toEqual(all);
  });

  test("a journal that another tab has open is refused until that one closes it", async () => {
    const second = await openTab();
    await inTab(tab, "openWriter", JOURNAL);
    const seed = await inTab(tab, "seed");
    await inTab(tab, "append", ["by the first"]);
    await expect(inTab(second, "openWriter", JOURNAL, seed)).rejects.toMatchObject(locked);
    await inTab(tab, "closeWriter");
    await inTab(second, "openWriter", JOURNAL, seed);
    expect(await inTab(second, "append", ["by the second"])).toEqual([1]);
    await expect(inTab(tab, "openWriter", JOURNAL, seed)).rejects.toMatchObject(locked);
  });

  test("a tab that is closed without a word lets go of its journal", async () => {
    const second = await openTab();
    await inTab(second, "openWriter", JOURNAL);
    const seed = await inTab(second, "seed");
    await inTab(second, "append", texts);
    await second.close();
    // The browser clears up behind a closed tab in its own time.
    await vi.waitFor(() => inTab(tab, "openWriter", JOURNAL, seed), { timeout: 60_000 });
    expect(await inTab(tab, "ownEntries")).toEqual(entries);
  });

  test("a journal is free for other tabs the moment that it is closed", async () => {
    await inTab(tab, "openWriter", JOURNAL);
    const seed = await inTab(tab, "seed");
    let [holder, waiter] = [tab, await openTab()];
    for (let i = 0; i < 10; i++) {
      await inTab(waiter, "takeOver", JOURNAL, seed);
      await inTab(holder, "closeWriter");
      await inTab(waiter, "taken");
      [holder, waiter] = [waiter, holder];
    }
    expect(await inTab(holder, "append", ["by the last"])).toEqual([0]);
  });

  test("tabs and workers that share a reader's store lose no write of another", async () => {
    const second = await openTab();
    const counting = [inTab(tab, "count", STORE, 40), inTab(second, "count", STORE, 40)];
    await Promise.all([...counting, inWorker(tab, "count", STORE, 40)]);
    expect(await inTab(tab, "counted", STORE)).toBe(120);
  });

  test("two journals side by side do not lock each other out", async () => {
    const second = await openTab();
    await inTab(tab, "openWriter", JOURNAL);
    await inTab(second, "openWriter", "another journal");
    expect(await inTab(second, "append", ["one"])).toEqual([0]);
  });

  test("a worker verifies what the page wrote", async () => {
    const logId = await inTab(tab, "openWriter", JOURNAL);
    await inTab(tab, "append", texts);
    const published = await inTab(tab, "publish");
    expect(await inWorker(tab, "scope")).toBe("DedicatedWorkerGlobalScope");
    expect(await inWorker(tab, "readAll", logId, published)).toEqual(entries);
  });

  test("a worker refuses what was changed on the way", async () => {
    const logId = await inTab(tab, "openWriter", JOURNAL);
    await inTab(tab, "append", texts);
    const { contents, names } = await inTab(tab, "publish");
    for (const [, content] of contents) content[content.length - 1]! ^= 1;
    const reading = inWorker(tab, "readAll", logId, { contents, names });
    await expect(reading).rejects.toMatchObject({ name: "IntegrityError", code: "ERR_INTEGRITY" });
  });

  test("a worker and its page exclude each other from a journal", async () => {
    await inWorker(tab, "openWriter", JOURNAL);
    const seed = await inWorker(tab, "seed");
    await inWorker(tab, "append", texts);
    await expect(inTab(tab, "openWriter", JOURNAL, seed)).rejects.toMatchObject(locked);
    await inWorker(tab, "closeWriter");
    await inTab(tab, "openWriter", JOURNAL, seed);
    expect(await inTab(tab, "ownEntries")).toEqual(entries);
  });

  test.each([
    ["a page", inTab],
    ["a worker", inWorker],
  ] as const)("Web Crypto and plain JavaScript give the same verdict on signatures in %s", async (_, run) => {
    const verdicts = await run(tab, "signatureVerdicts");
    expect(verdicts.filter(({ good }) => good)).toHaveLength(3);
    expect(verdicts.length).toBeGreaterThan(100);
    for (const { what, good, ...said } of verdicts) {
      expect(said, what).toEqual({ webCrypto: good, noble: good, chosen: good });
    }
  });

  test("a reader notices after a reload that the name was set back", async () => {
    const logId = await inTab(tab, "openWriter", JOURNAL);
    await inTab(tab, "append", texts);
    const older = await inTab(tab, "publish");
    await inTab(tab, "append", texts);
    const newer = await inTab(tab, "publish");
    expect(await inTab(tab, "sync", logId, newer, STORE)).toBe(400);

    await tab.reload();
    const setBack = inTab(tab, "sync", logId, older, STORE);
    await expect(setBack).rejects.toMatchObject({ code: "ERR_ROLLBACK", offered: 200, verified: 400 });
    expect(await inTab(tab, "sync", logId, older, "the store of a new reader")).toBe(200);
    expect(await inTab(tab, "sync", logId, newer, STORE)).toBe(400);
  });
});

const locked = { name: "JournalLockedError", code: "ERR_JOURNAL_LOCKED" };

/** The packages whose files went into a bundle, by name. */
function packagesOf(inputs: Record<string, unknown>): string[] {
  const names = Object.keys(inputs).flatMap((path) => {
    const inWorkspace = /^packages\/([^/]+)\/src\//.exec(path)?.[1];
    if (inWorkspace !== undefined) return `@remote-log/${inWorkspace}`;
    if (path === "<stdin>") return [];
    return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? path;
  });
  return [...new Set(names)].sort();
}
