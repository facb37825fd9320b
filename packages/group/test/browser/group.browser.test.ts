import { startOwnS3 } from "@remote-log/servers";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { CommandPage } from "../../../../tools/browser-tests/commands.ts";
import { canRun, type Place } from "../../../../tools/browser-tests/in-chromium.ts";
import { bundleScripts } from "../../../core/test/browser/bundle.ts";
import { startChromium } from "../../../core/test/browser/chromium.ts";
import { type Site, serveSite } from "../../../core/test/browser/site.ts";
import type { Bucket, commands } from "./commands.ts";

type Commands = typeof commands;

const locked = { name: "JournalLockedError", code: "ERR_JOURNAL_LOCKED" };

describe.skipIf(!canRun)("in Chromium", () => {
  let site: Site;
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startOwnS3>>;
  let bucket: Bucket;
  let profiles: BrowserContext[] = [];

  beforeAll(async () => {
    const exposeHeaders = ["ETag", "x-amz-checksum-sha256", "x-amz-meta-remote-log-write"];
    [site, browser, server] = await Promise.all([
      bundleScripts(import.meta.url).then(serveSite),
      startChromium(),
      startOwnS3({ buckets: ["group"], cors: { allowedOrigins: ["*"], exposeHeaders } }),
    ]);
  });

  afterAll(async () => {
    await Promise.all([browser?.close(), site?.[Symbol.asyncDispose](), server?.stop()]);
  });

  beforeEach(() => {
    const { endpoint, region, credentials } = server;
    bucket = { endpoint, region, credentials, bucket: "group", prefix: crypto.randomUUID() };
  });

  afterEach(async () => {
    await Promise.all(profiles.map((profile) => profile.close()));
    profiles = [];
  });

  async function newProfile(): Promise<BrowserContext> {
    const profile = await browser.newContext();
    profiles.push(profile);
    return profile;
  }

  async function newTab(profile: BrowserContext): Promise<Page> {
    const tab = await profile.newPage();
    await tab.goto(site.address);
    return tab;
  }

  async function runIn<K extends keyof Commands>(
    where: Place,
    tab: Page,
    name: K,
    ...parameters: Parameters<Commands[K]>
  ): Promise<Awaited<ReturnType<Commands[K]>>> {
    const outcome = await tab.evaluate(
      ([place, what]) => (globalThis as unknown as CommandPage)[place](what),
      [where, { name, parameters }] as const,
    );
    if ("failure" in outcome) throw Object.assign(new Error(), outcome.failure);
    return outcome.value as never;
  }

  const run = <K extends keyof Commands>(tab: Page, name: K, ...parameters: Parameters<Commands[K]>) =>
    runIn("runHere", tab, name, ...parameters);

  test("two profiles are two devices of a group; what they read outlives a reload, and is there offline", async () => {
    const [alices, bobs] = [await newProfile(), await newProfile()];
    const [alice, bob] = [await newTab(alices), await newTab(bobs)];
    const self = await run(alice, "open", bucket, "Alice");
    await run(alice, "append", "before");
    const photo = crypto.getRandomValues(new Uint8Array(60_000));
    await run(alice, "send", "a photo", photo);
    await run(bob, "open", bucket, "Bob", await run(alice, "invite"));
    for (const tab of [alice, bob, alice, bob]) await run(tab, "sync");
    expect(await run(bob, "download", "a photo", 0)).toEqual(photo);
    expect(await run(bob, "download", "a photo", 59_990)).toEqual(photo.slice(59_990));

    await bob.reload();
    await alice.reload();
    // What the page loads on demand has to be there: a service worker would keep it.
    for (const tab of [alice, bob]) await run(tab, "openAndRead", bucket, "Device");
    await Promise.all([alices, bobs].map((profile) => profile.setOffline(true)));
    expect(await run(alice, "open", bucket, "Alice")).toBe(self);
    await run(bob, "open", bucket, "Bob");
    for (const tab of [alice, bob]) expect(await run(tab, "texts")).toEqual(["before", "a photo"]);
    expect(await run(alice, "download", "a photo", 0)).toEqual(photo);
    await run(alice, "append", "by Alice, offline");
    await run(bob, "append", "by Bob, offline");
    await expect(run(bob, "sync")).rejects.toMatchObject({ code: "ERR_UNREACHABLE" });

    await Promise.all([alices, bobs].map((profile) => profile.setOffline(false)));
    await run(bob, "sync");
    for (const tab of [alice, bob])
      expect(await run(tab, "sync")).toEqual({ state: "up-to-date", waitingToPublish: 0 });
    const texts = ["before", "a photo", "by Alice, offline", "by Bob, offline"];
    for (const tab of [alice, bob]) expect(await run(tab, "texts")).toEqual(texts);
  });

  test("a group that another tab has open is refused, whole, until that one closes it or is closed", async () => {
    const profile = await newProfile();
    const [first, second] = [await newTab(profile), await newTab(profile)];
    await run(first, "open", bucket, "Alice");
    await run(first, "append", "by the first");
    await expect(run(second, "open", bucket, "Alice")).rejects.toMatchObject(locked);
    await expect(runIn("runInWorker", second, "openAndRead", bucket, "Alice")).rejects.toMatchObject(locked);
    await run(first, "append", "by the first again");
    await run(first, "close");
    await run(second, "open", bucket, "Alice");
    await run(second, "append", "by the second");
    await expect(run(first, "open", bucket, "Alice")).rejects.toMatchObject(locked);
    await second.close();
    // The browser clears up behind a closed tab in its own time.
    const texts = await vi.waitFor(() => runIn("runInWorker", first, "openAndRead", bucket, "Alice"), {
      timeout: 60_000,
    });
    expect(texts).toEqual(["by the first", "by the first again", "by the second"]);
  });
});
