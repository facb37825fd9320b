import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createBucket, serverOrSkip, startMinio } from "@remote-log/servers";
import { until } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { startChromium } from "../../packages/core/test/browser/chromium.ts";
import { canRun } from "../../tools/browser-tests/in-chromium.ts";

const program = fileURLToPath(new URL("../notes/serve.mjs", import.meta.url));
const { skip } = await serverOrSkip("minio");

describe.skipIf(skip || !canRun)("notes in Chromium", () => {
  let minio: Awaited<ReturnType<typeof startMinio>>;
  let browser: Browser;
  let served: { readonly child: ChildProcess; readonly url: string };
  const failures: string[] = [];

  beforeAll(async () => {
    [minio, browser] = await Promise.all([startMinio(), startChromium()]);
    await createBucket(minio, "notes");
    served = await serve(["--bucket", "notes"], {
      AWS_ENDPOINT_URL: minio.endpoint,
      AWS_REGION: minio.region,
      AWS_ACCESS_KEY_ID: minio.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: minio.credentials.secretAccessKey,
    });
  });

  afterAll(async () => {
    served?.child.kill();
    await Promise.all([browser?.close(), minio?.stop()]);
  });

  /** Starts the page's server, as its README says. */
  async function serve(words: readonly string[], account: NodeJS.ProcessEnv): Promise<typeof served> {
    const { AWS_ENDPOINT_URL: _, ...env } = process.env;
    const all = [program, "--port", "0", "--poll", "300", ...words];
    const child = spawn(process.execPath, all, {
      env: { ...env, ...account },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await until(() => said.includes("\n") || child.exitCode !== null, { what: "the page's server" });
    return { child, url: /http:\/\/\S+/.exec(said)![0] };
  }

  async function openTab(profile: BrowserContext, url = served.url): Promise<Page> {
    const tab = await profile.newPage();
    tab.setDefaultTimeout(120_000);
    tab.on("pageerror", (error) => void failures.push(String(error)));
    await tab.goto(url);
    return tab;
  }

  async function begin(tab: Page, name: string): Promise<void> {
    await tab.fill("#name", name);
    await tab.click("#start button");
    await tab.locator("#write").waitFor();
  }

  /** Writes a note by the keyboard alone. */
  async function write(tab: Page, text: string): Promise<void> {
    await tab.locator("#write").waitFor();
    await tab.locator("#text").focus();
    await tab.keyboard.type(text);
    await tab.keyboard.press("Control+Enter");
    await tab.locator(".note .text", { hasText: text }).waitFor();
  }

  const notesIn = (tab: Page) => tab.locator(".note .text").allTextContents();
  const textOf = async (tab: Page, id: string) => (await tab.locator(`#${id}`).textContent()) ?? "";

  /** Waits until every tab shows these notes, newest first. */
  async function allShow(tabs: readonly Page[], notes: readonly string[]): Promise<void> {
    for (const tab of tabs) await eventually(async () => expect(await notesIn(tab)).toEqual(notes));
  }

  async function says(tab: Page, id: string, words: RegExp): Promise<void> {
    await eventually(async () => expect(await tab.locator(`#${id}`).textContent()).toMatch(words));
  }

  const eventually = (check: () => Promise<void>) =>
    vi.waitFor(check, { timeout: Number(process.env["T"] ?? 120_000), interval: 20 });

  test("over MinIO, two tabs and a second device have the same notes in the same order, offline and after it", async () => {
    const [laptop, phone] = [await browser.newContext(), await browser.newContext()];
    const one = await openTab(laptop);
    await begin(one, "Laptop");
    await write(one, "one");

    // A second tab of the same browser writes through the first.
    const two = await openTab(laptop);
    await allShow([two], ["one"]);
    await says(one, "tab", /^This tab writes/);
    await says(two, "tab", /^Another tab writes/);
    await write(two, "two");
    await allShow([one, two], ["two", "one"]);

    // A second device comes in by a link.
    await two.click("#invite");
    await two.locator("#invitation[open]").waitFor();
    const link = await two.inputValue("#link");
    await two.keyboard.press("Escape");
    const three = await openTab(phone, link);
    expect(three.url()).toBe(served.url);
    await begin(three, "Phone");
    await allShow([three], ["two", "one"]);
    await write(three, "three");
    await allShow([one, two, three], ["three", "two", "one"]);
    for (const tab of [one, two]) await says(tab, "offline-ready", /opens offline/);

    // The network goes. The service worker has the page, the tabs have the notes, also when the tab that writes is loaded anew.
    await laptop.setOffline(true);
    for (const tab of [one, two]) {
      const answer = await tab.reload();
      expect(answer?.fromServiceWorker()).toBe(true);
      await allShow([tab], ["three", "two", "one"]);
    }
    await write(two, "four, offline");
    await write(three, "five, meanwhile");
    for (const tab of [one, two]) {
      await says(tab, "status-text", /^Offline\..* 1 message waits to be published\.$/);
      await allShow([tab], ["four, offline", "three", "two", "one"]);
      expect(await tab.locator(".waits:visible").count()).toBe(1);
    }
    await allShow([three], ["five, meanwhile", "three", "two", "one"]);

    await laptop.setOffline(false);
    const all = ["five, meanwhile", "four, offline", "three", "two", "one"];
    await allShow([one, two, three], all);
    for (const tab of [one, two, three]) {
      await says(tab, "status-text", /^Up to date as of [\d:]+\.$/);
      expect(await tab.locator(".waits:visible").count()).toBe(0);
    }

    // The tab that writes is closed: the other one does it from now on.
    const [leader, other] = /^This/.test(await textOf(one, "tab")) ? [one, two] : [two, one];
    await leader.close();
    await says(other, "tab", /^This tab writes/);
    await write(other, "six");
    await allShow([three], ["six", ...all]);

    // Another device changes a note, and removes one: the notes that are left keep their places.
    const noteOf = (text: string) => three.locator(".note", { hasText: text });
    await noteOf("two").getByRole("button", { name: "Edit" }).click();
    await three.keyboard.press("End");
    await three.keyboard.type(", changed");
    await three.keyboard.press("Control+Enter");
    await noteOf("six").getByRole("button", { name: "Delete" }).click();
    await allShow([other, three], [...all.slice(0, 3), "two, changed", "one"]);

    // What is kept for offline is the page, and no secret.
    const kept = await other.evaluate(async () => {
      const caught = await Promise.all(
        (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
      );
      return caught.flat().map(({ url }) => new URL(url).pathname);
    });
    expect(kept.toSorted()).toEqual(["/", "/icon.svg", "/page.js", "/place.json", "/style.css"]);
    expect(failures).toEqual([]);
    await Promise.all([laptop.close(), phone.close()]);
  });

  test("over our own S3 server, a note that was written offline arrives on a second device", async () => {
    const own = await serve(["--data", await temporaryFolder()], {});
    onTestFinished(() => void own.child.kill());
    const [laptop, phone] = [await browser.newContext(), await browser.newContext()];
    const one = await openTab(laptop, own.url);
    await begin(one, "Laptop");
    await write(one, "one");
    await one.click("#invite");
    await one.locator("#invitation[open]").waitFor();
    const link = await one.inputValue("#link");
    await one.keyboard.press("Escape");
    const two = await openTab(phone, link);
    await begin(two, "Phone");
    await allShow([two], ["one"]);
    await says(one, "offline-ready", /opens offline/);
    await laptop.setOffline(true);
    await one.reload();
    await write(one, "two, offline");
    await says(one, "status-text", /^Offline\..* 1 message waits to be published\.$/);
    await laptop.setOffline(false);
    await allShow([one, two], ["two, offline", "one"]);
    for (const tab of [one, two]) await says(tab, "status-text", /^Up to date as of [\d:]+\.$/);
    expect(failures).toEqual([]);
    await Promise.all([laptop.close(), phone.close()]);
  });
});
