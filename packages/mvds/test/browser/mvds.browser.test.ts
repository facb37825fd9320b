// A node in a page of Chromium, and one in Node.js.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type MvdsNode, openNode } from "@remote-log/mvds";
import { type WebSocketTransport, webSocketTransport } from "@remote-log/mvds/websocket";
import { until } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { canRun, places, tabOfGroup } from "../../../../tools/browser-tests/in-chromium.ts";
import { bundlePackage } from "../../../core/test/browser/bundle.ts";
import type { commands } from "./commands.ts";

const GROUP = new Uint8Array(32).fill(7);

interface Server {
  readonly url: string;
  readonly node: MvdsNode;
  readonly transport: WebSocketTransport;
  readonly delivered: string[];
  /** While it is not there, it accepts no connection. */
  isThere: boolean;
  /** Ends all connections. */
  disconnect(): void;
}

/** A node that others dial, by whose names they are told apart. */
async function serve(member: string): Promise<Server> {
  const sockets = new WebSocketServer({ host: "127.0.0.1", port: 0, maxPayload: 2 ** 20 });
  await once(sockets, "listening");
  const transport = webSocketTransport();
  const delivered: string[] = [];
  const node = await openNode({
    database: new MemoryLevel<Uint8Array, Uint8Array>(),
    transport,
    epochMilliseconds: 20,
    order: "consistent",
    onMessage: ({ peer, body }) => void delivered.push(`${peer} ${new TextDecoder().decode(body)}`),
  });
  await node.setGroup(GROUP, [member]);
  const end = (): void => {
    for (const socket of sockets.clients) socket.terminate();
  };
  const server: Server = {
    url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`,
    node,
    transport,
    delivered,
    isThere: true,
    disconnect: end,
  };
  sockets.on("connection", (socket: WebSocket, { url }) => {
    if (server.isThere) transport.add(url!.slice(1), socket);
    else socket.terminate();
  });
  atEnd(async () => {
    await node.close();
    transport.close();
    end();
    sockets.close();
  });
  return server;
}

const textsOf = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name} ${i}`);
const send = async (node: MvdsNode, texts: readonly string[]): Promise<void> => {
  for (const text of texts) await node.send(GROUP, new TextEncoder().encode(text));
};
const isSilent = (status: { readonly waiting: object }): boolean => Object.keys(status.waiting).length === 0;

test.each(["@remote-log/mvds", "@remote-log/mvds/websocket"])(
  "the bundle of %s has nothing that browsers lack",
  async (name) => {
    const { outputs } = await bundlePackage(name);
    const imports = Object.values(outputs).flatMap((output) => output.imports);
    expect(imports.filter(({ external }) => external)).toEqual([]);
  },
);

describe.skipIf(!canRun)("in Chromium", () => {
  const page = tabOfGroup<typeof commands>(import.meta.url);
  const { run } = page;

  test.each(places)("a node exchanges messages with one in Node.js (%s)", async (where) => {
    const server = await serve("page");
    const [ours, theirs] = [textsOf("from Node", 50), textsOf("from Chromium", 50)];
    await send(server.node, ours);
    const delivered = await run(
      where,
      "exchange",
      `exchange ${where}`,
      "page",
      server.url,
      theirs,
      ours.length,
    );
    expect(delivered).toEqual(ours);
    expect(server.delivered).toEqual(theirs.map((text) => `page ${text}`));
    expect(server.node.status()).toMatchObject({ waiting: {} });
  });

  test("what was not sent outlasts a reload, and what was delivered is not delivered again", async () => {
    const server = await serve("tab");
    const open = (): Promise<void> => run("runHere", "open", "reloaded", "tab", server.url);
    const counted = async (): Promise<string> =>
      `${server.delivered.length} ${(await run("runHere", "delivered")).length}`;
    const progress = { progress: () => server.delivered.length, stallMilliseconds: 240_000 };
    await page.tab.reload();
    await open();
    await send(server.node, ["first"]);
    await run("runHere", "send", ["one"]);
    await until(
      async () =>
        (await counted()) === "1 1" &&
        isSilent(server.node.status()) &&
        isSilent(await run("runHere", "status")),
      { what: "both messages", ...progress },
    );
    server.isThere = false;
    server.disconnect();
    await until(async () => (await run("runHere", "peers")).length === 0, {
      what: "the end of it",
      ...progress,
    });
    await run("runHere", "send", ["two", "three"]);
    await send(server.node, ["second"]);
    expect((await run("runHere", "status")).waiting).toEqual({ server: 2 });

    await page.tab.reload();
    await open();
    expect((await run("runHere", "status")).waiting).toEqual({ server: 2 });
    server.isThere = true;
    await until(async () => (await counted()) === "3 1" && isSilent(server.node.status()), {
      what: "what was missing",
      ...progress,
    });
    expect(server.delivered).toEqual(["tab one", "tab two", "tab three"]);
    expect(await run("runHere", "delivered")).toEqual(["second"]);
    await until(async () => isSilent(await run("runHere", "status")), { what: "silence", ...progress });
  });
});
