/// <reference lib="dom" />

import { type EngineStatus, type MvdsNode, openNode } from "@remote-log/mvds";
import { type WebSocketTransport, webSocketTransport } from "@remote-log/mvds/websocket";
import { BrowserLevel } from "browser-level";

const GROUP = new Uint8Array(32).fill(7);

let open: { readonly node: MvdsNode; readonly transport: WebSocketTransport } | undefined;
const delivered: string[] = [];

/** What the tests ask a page or a worker to do: a node with its state in IndexedDB, and the browser's own WebSocket. */
export const commands = {
  async open(database: string, self: string, url: string): Promise<void> {
    const transport = webSocketTransport({ retryMilliseconds: 20, longestRetryMilliseconds: 100 });
    const node = await openNode({
      database: new BrowserLevel<Uint8Array, Uint8Array>(database),
      transport,
      epochMilliseconds: 20,
      order: "consistent",
      onMessage: ({ body }) => void delivered.push(new TextDecoder().decode(body)),
    });
    await node.setGroup(GROUP, ["server"]);
    transport.dial("server", `${url}/${self}`);
    open = { node, transport };
  },

  async send(texts: readonly string[]): Promise<void> {
    for (const text of texts) await current().node.send(GROUP, new TextEncoder().encode(text));
  },

  /** What was delivered since the page was loaded. */
  async delivered(): Promise<readonly string[]> {
    return delivered;
  },

  async status(): Promise<EngineStatus> {
    return current().node.status();
  },

  async peers(): Promise<readonly string[]> {
    return current().transport.peers;
  },

  /** Opens a node, sends, waits until `count` messages have come and nothing waits, and closes it. */
  async exchange(
    database: string,
    self: string,
    url: string,
    texts: readonly string[],
    count: number,
  ): Promise<readonly string[]> {
    await commands.open(database, self, url);
    const { node, transport } = current();
    const before = delivered.length;
    await commands.send(texts);
    while (delivered.length < before + count || Object.keys(node.status().waiting).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await node.close();
    transport.close();
    return delivered.slice(before);
  },
};

function current(): NonNullable<typeof open> {
  if (open === undefined) throw new Error("No node is open here.");
  return open;
}
