import { ipfsStorage } from "@remote-log/ipfs";
import { serverOrSkip, startKubo } from "@remote-log/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun, places, tabOfGroup } from "../../../../tools/browser-tests/in-chromium.ts";
import type { BrowserNode, commands } from "./commands.ts";

// Enough for pages of the log besides its head, and for contents that are blocks of their own: 780 kB of them go in one request, which
// the node begins to answer before all of it is sent.
const texts = Array.from({ length: 40 }, (_, i) => `entry ${i}${i % 3 === 1 ? " long".repeat(12_000) : ""}`);
const clients = ["url", "kubo-rpc-client"] as const;

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip || !canRun)("in Chromium", async () => {
  const page = tabOfGroup<typeof commands>(import.meta.url);
  const { run } = page;
  let open: Awaited<ReturnType<typeof startKubo>>;
  let closed: Awaited<ReturnType<typeof startKubo>>;

  beforeAll(async () => {
    [open, closed] = await Promise.all([
      // What the README says to set.
      startKubo({
        config: {
          "API.HTTPHeaders": {
            "Access-Control-Allow-Origin": [page.origin],
            "Access-Control-Allow-Methods": ["POST"],
          },
          "Gateway.HTTPHeaders": { "Access-Control-Allow-Headers": ["Cache-Control"] },
        },
      }),
      startKubo(),
    ]);
  });

  afterAll(async () => {
    await Promise.all([open?.stop(), closed?.stop()]);
  });

  describe.each(places)("%s", (where) => {
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
    const session = await page.tab.context().newCDPSession(page.tab);
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
    "if the RPC does not allow the page, the error names what to set (%s)",
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
