import { ipfsStorage } from "@remote-log/ipfs";
import { serverOrSkip, startKubo } from "@remote-log/servers";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleScripts } from "../../../core/test/browser/bundle.ts";
import { executablePath, startChromium } from "../../../core/test/browser/chromium.ts";
import { type Site, serveSite } from "../../../core/test/browser/site.ts";
import type { BrowserNode, Call, commands } from "./commands.ts";
import type { IpfsPage } from "./page.ts";

// Enough for a page of the log besides its head, and a content that is a block of its own.
const texts = Array.from({ length: 40 }, (_, i) => `entry ${i}${i === 7 ? " long".repeat(400) : ""}`);
const clients = ["url", "kubo-rpc-client"] as const;

const canRun = executablePath !== undefined || process.env["CI"] !== undefined;
if (!canRun)
  console.warn("SKIPPED: the browser tests, for there is no Chromium in PATH. Install `chromium`.");
const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip || !canRun)("in Chromium", async () => {
  let site: Site;
  let browser: Browser;
  let tab: Page;
  let open: Awaited<ReturnType<typeof startKubo>>;
  let closed: Awaited<ReturnType<typeof startKubo>>;

  beforeAll(async () => {
    [site, browser] = await Promise.all([bundleScripts(import.meta.url).then(serveSite), startChromium()]);
    const origin = new URL(site.address).origin;
    [open, closed] = await Promise.all([
      // What the README says to set.
      startKubo({
        config: {
          "API.HTTPHeaders": {
            "Access-Control-Allow-Origin": [origin],
            "Access-Control-Allow-Methods": ["POST"],
          },
          "Gateway.HTTPHeaders": { "Access-Control-Allow-Headers": ["Cache-Control"] },
        },
      }),
      startKubo(),
    ]);
    tab = await browser.newPage();
    await tab.goto(site.address);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([browser?.close(), site?.[Symbol.asyncDispose](), open?.stop(), closed?.stop()]);
  });

  /** Runs a command in the page or in a worker of it. An error there is an error here, with the same code. */
  async function run<K extends keyof typeof commands>(
    where: keyof IpfsPage,
    name: K,
    ...parameters: Parameters<(typeof commands)[K]>
  ): Promise<Awaited<ReturnType<(typeof commands)[K]>>> {
    const call: Call = { name, parameters };
    const outcome = await tab.evaluate(([place, what]) => (globalThis as unknown as IpfsPage)[place](what), [
      where,
      call,
    ] as const);
    if ("failure" in outcome) throw Object.assign(new Error(), outcome.failure);
    return outcome.value as Awaited<ReturnType<(typeof commands)[K]>>;
  }

  describe.each(["runHere", "runInWorker"] as const)("%s", (where) => {
    test.each(clients)("a log published by the RPC (%s) is read through the gateway", async (client) => {
      const { logId, name } = await run(where, "publish", { rpc: open.rpc, client }, texts);
      expect(name).toMatch(/^k51/);
      expect(await run(where, "read", open.gateway, name, logId)).toEqual(texts);
      expect(await run(where, "resolve", open.gateway, name)).toBe("found");
    });
  });

  test("reading through a gateway sends no preflight", async () => {
    const node: BrowserNode = { rpc: open.rpc, client: "url" };
    const { logId, name } = await run("runHere", "publish", node, texts);
    const methods: string[] = [];
    const session = await tab.context().newCDPSession(tab);
    await session.send("Network.enable");
    session.on("Network.requestWillBeSent", ({ request }) => void methods.push(request.method));
    expect(await run("runHere", "read", open.gateway, name, logId)).toEqual(texts);
    await session.detach();
    expect(methods.length).toBeGreaterThan(0);
    expect(new Set(methods)).toEqual(new Set(["GET"]));
  });

  test("a name without a record is absent", async () => {
    const nobody = "k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8";
    expect(await run("runHere", "resolve", open.gateway, nobody)).toBe("absent");
  });

  test("the browser's cache gives no old record for a name, though its TTL would allow that", async () => {
    const node: BrowserNode = { rpc: open.rpc, client: "url" };
    expect(await run("runHere", "publishAndRead", node, open.gateway)).toEqual([1, 2]);
  });

  test("has asks the gateway's own store where that allows the header", async () => {
    await run("runHere", "publish", { rpc: open.rpc, client: "url" }, texts);
    expect(await run("runHere", "has", open.gateway, texts[7]!, 20_000)).toBe(true);
    expect(await run("runHere", "has", open.gateway, "never", 20_000)).toBe(false);
  });

  test("has says yes to what is there by Kubo's own settings, too, and does not take silence for a no", async () => {
    await ipfsStorage({ node: closed.rpc }).put(new TextEncoder().encode("hello"));
    expect(await run("runHere", "has", closed.gateway, "hello", 20_000)).toBe(true);
    await expect(run("runHere", "has", closed.gateway, "never", 300)).rejects.toMatchObject({
      code: "ERR_TIMEOUT",
    });
  });

  test.each(clients)(
    "where the RPC does not allow the page, the error names what to set (%s)",
    async (client) => {
      await expect(run("runHere", "publish", { rpc: closed.rpc, client }, ["x"])).rejects.toMatchObject({
        message: expect.stringContaining("API.HTTPHeaders") as string,
      });
    },
  );

  test("a redirect to a subdomain is refused, and the error says what to do", async () => {
    const { logId, name } = await run("runHere", "publish", { rpc: open.rpc, client: "url" }, ["x"]);
    const byName = open.gateway.replace("127.0.0.1", "localhost");
    await expect(run("runHere", "read", byName, name, logId)).rejects.toMatchObject({
      message: expect.stringContaining("127.0.0.1 in place of localhost") as string,
    });
  });
});
