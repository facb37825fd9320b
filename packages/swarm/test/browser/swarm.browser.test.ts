import { type BeeServer, serverOrSkip, startBee } from "@remote-log/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun, places, tabOfGroup } from "../../../../tools/browser-tests/in-chromium.ts";
import { bundlePackage } from "../../../core/test/browser/bundle.ts";
import { topicOf } from "../feed/feed-address.ts";
import { startGateway } from "../node/read-only-gateway.ts";
import type { NodeProxy } from "../node-proxy.ts";
import type { BrowserNode, commands } from "./commands.ts";

// Enough for a page of the log besides its head, and a content that is a tree of chunks; published three times.
const texts = Array.from({ length: 40 }, (_, i) =>
  i % 19 === 5 ? `publish ${i}` : `entry ${i}${i === 7 ? " long".repeat(4_000) : ""}`,
);
const clients = ["url", "bee-js"] as const;
const { skip } = await serverOrSkip("bee");

describe.skipIf(skip || !canRun)("in Chromium", () => {
  const page = tabOfGroup<typeof commands>(import.meta.url);
  const { run } = page;
  let open: BeeServer;
  let closed: BeeServer;
  let gateway: NodeProxy;
  let node: BrowserNode;

  beforeAll(async () => {
    [open, closed] = await Promise.all([
      // What the README says to set.
      startBee({ cors: page.origin }),
      startBee({ cors: "https://elsewhere.example" }),
    ]);
    // It asks the node in the name of nobody's page.
    gateway = await startGateway(closed.url);
    node = { url: open.url, stamp: await open.buyBatch(), client: "url" };
  });

  afterAll(async () => {
    await Promise.all([open?.stop(), closed?.stop()]);
  });

  describe.each(places)("%s", (where) => {
    test.each(clients)("a log that was published with a stamp (%s) is read by its owner", async (client) => {
      const { logId, owner } = await run(where, "publish", { ...node, client }, texts);
      expect(await run(where, "read", open.url, owner, logId)).toEqual(texts);
    });
  });

  test("a gateway that lets chunks through alone is all that a reader's page needs", async () => {
    const { logId, owner } = await run("runHere", "publish", node, texts);
    const elsewhere = await startGateway(open.url);
    const uri = `swarm://${owner}/${topicOf(logId)}?gateway=${encodeURIComponent(elsewhere.url)}`;
    for (const where of places) expect(await run(where, "readUri", uri, logId)).toEqual(texts);
    expect(new Set(elsewhere.asked.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  test("a reader's page sends no preflight", async () => {
    const { logId, owner } = await run("runHere", "publish", node, texts);
    const methods: string[] = [];
    const session = await page.tab.context().newCDPSession(page.tab);
    await session.send("Network.enable");
    session.on("Network.requestWillBeSent", ({ request }) => void methods.push(request.method));
    expect(await run("runHere", "read", open.url, owner, logId)).toEqual(texts);
    await session.detach();
    expect(methods.length).toBeGreaterThan(0);
    expect(new Set(methods)).toEqual(new Set(["GET"]));
  });

  test("a page can wait until a deferred upload is in the network", async () => {
    const { pushes } = await open.counts();
    const { logId, owner } = await run("runHere", "publish", { ...node, upload: "deferred" }, texts);
    expect((await open.counts()).pushes).toBeGreaterThan(pushes + 5);
    expect(await run("runHere", "read", open.url, owner, logId)).toEqual(texts);
  });

  test("a page is told how long the batch lasts", async () => {
    expect(await run("runInWorker", "health", node)).toMatchObject({
      stamp: node.stamp,
      usable: true,
      immutable: true,
      lostOn: expect.any(Date) as Date,
    });
  });

  test("a page's own contents of several chunks come back", async () => {
    const text = "content ".repeat(3_000);
    expect(await run("runHere", "putAndGet", node, text)).toMatchObject({ has: true, read: text });
  });

  test("where the node does not allow the page, the error names what to set", async () => {
    const refused = {
      code: "ERR_UNREACHABLE",
      message: expect.stringContaining("cors-allowed-origins") as string,
    };
    const elsewhere = { ...node, url: closed.url, stamp: await closed.buyBatch() };
    await expect(run("runHere", "publish", elsewhere, ["x"])).rejects.toMatchObject(refused);
    await expect(run("runHere", "read", closed.url, "ab".repeat(20), "0".repeat(64))).rejects.toMatchObject(
      refused,
    );
    // The same node behind a gateway that allows everybody.
    const uri = `swarm://${"ab".repeat(20)}/${"cd".repeat(32)}?gateway=${gateway.url}`;
    await expect(run("runHere", "readUri", uri, "0".repeat(64))).rejects.toMatchObject({
      code: "ERR_NOT_FOUND",
    });
  });
});

test("the bundle for browsers holds the core, hashes, curves and addresses, and nothing of a client", async () => {
  const { inputs, outputs } = await bundlePackage("@remote-log/swarm");
  const packages = Object.keys(inputs).map(
    (path) =>
      /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(path)?.[1] ?? path.split("/src/")[0],
  );
  expect(new Set(packages)).toEqual(
    new Set([
      "<stdin>",
      "@noble/ciphers",
      "@noble/curves",
      "@noble/hashes",
      // Of keyrings, which the core loads on demand.
      "@noble/post-quantum",
      "@scure/base",
      "@stablelib/binary",
      "@stablelib/chacha",
      "@stablelib/constant-time",
      "@stablelib/int",
      "@stablelib/poly1305",
      "@stablelib/wipe",
      "@stablelib/xchacha20",
      "age-encryption",
      "hash-wasm",
      "multiformats",
      "packages/core",
      "packages/swarm",
      "sha256-uint8array",
    ]),
  );
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  expect(imports.filter(({ external }) => external)).toEqual([]);
});
