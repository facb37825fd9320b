// A device in a process of its own. It gets its plan as JSON, tells its parent how far it is, and writes what it delivers to a file.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { mvdsMessageId } from "@remote-log/core";
import { openNode } from "@remote-log/mvds";
import { ClassicLevel } from "classic-level";
import { openLogs } from "./logs.mjs";

const plan = JSON.parse(process.argv[2]);
const { name, peer, folder, count, window = Number.POSITIVE_INFINITY } = plan;
const GROUP = new Uint8Array(32).fill(7);
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const tell = (word) => new Promise((resolve) => process.send(word, resolve));

// What a life before this one delivered.
const file = join(folder, "delivered");
writeFileSync(file, "", { flag: "a" });
const delivered = new Set(
  readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.slice(0, 64)),
);

function onMessage({ id, parents, body }) {
  const hash = createHash("sha256").update(body).digest("hex");
  appendFileSync(file, `${[hex(id), hash, ...parents.map(hex)].join(" ")}\n`);
  delivered.add(hex(id));
  process.send({ delivered: delivered.size });
}

async function send(node, end) {
  for (let i = 0; i < end; i++) {
    while (i >= delivered.size + window) await wait(2);
    const body = Buffer.from(`${name} ${i} `.repeat(1 + ((i * 37) % 150)));
    const timestamp = BigInt(1_800_000_000 + i);
    const id = mvdsMessageId({ groupId: GROUP, timestamp, body, parents: [], ephemeral: false });
    // A life before this one may have sent it.
    if ((await node.message(id)) === undefined) await node.send(GROUP, body, { timestamp });
    process.send({ sent: i + 1 });
  }
}

const settings = {
  database: new ClassicLevel(join(folder, "node")),
  order: "consistent",
  onMessage,
  onEvent: ({ kind, error }) => {
    // A peer that was killed, or a log that has not begun yet.
    if (kind !== "acknowledged") process.send({ event: kind, error: error?.message });
  },
};

/** Is there until its parent says that it may end. */
async function live(transport) {
  const node = await openNode({ ...settings, transport, epochMilliseconds: 20 });
  await node.setGroup(GROUP, [peer]);
  await send(node, plan.sends);
  while (delivered.size < count || Object.keys(node.status().waiting).length > 0) await wait(5);
  const ended = once(process, "message");
  await tell({ done: true });
  await ended;
  await node.close();
}

/** Reads what the others have published, sends, publishes, and ends. */
async function visit() {
  const logs = await openLogs(plan);
  const { writer, readers } = logs;
  const node = await openNode({
    ...settings,
    logs: { writer, readers, pollMilliseconds: 2 ** 30 },
    epochMilliseconds: 2 ** 30,
  });
  await node.setGroup(GROUP, [peer]);
  const failures = (await node.syncLogs()).filter(({ error }) => error !== undefined);
  if (failures.length > 0) throw failures[0].error;
  await send(node, plan.sends);
  await node.syncLogs();
  await writer.publish();
  const { waiting } = node.status();
  await node.close();
  await logs.close();
  await tell({
    visited: {
      logId: writer.logId,
      key: writer.readKey && hex(writer.readKey.toBytes()),
      waiting,
      requests: logs.requests(),
    },
  });
}

if (plan.place !== undefined) await visit();
else if (plan.stick !== undefined) {
  const { folderTransport } = await import("@remote-log/mvds/folder");
  await live(folderTransport({ root: plan.stick, self: name, peers: [peer], pollMilliseconds: 20 }));
} else {
  const { webSocketTransport } = await import("@remote-log/mvds/websocket");
  const { default: WebSocket, WebSocketServer } = await import("ws");
  const transport = webSocketTransport({ WebSocket, retryMilliseconds: 20, longestRetryMilliseconds: 100 });
  let server;
  if (plan.url === undefined) {
    server = new WebSocketServer({ host: "127.0.0.1", port: 0, maxPayload: 2 ** 20 });
    server.on("connection", (socket) => transport.add(peer, socket));
    await once(server, "listening");
    await tell({ url: `ws://127.0.0.1:${server.address().port}` });
  } else transport.dial(peer, plan.url);
  await live(transport);
  transport.close();
  for (const socket of server?.clients ?? []) socket.terminate();
  server?.close();
}
process.disconnect();
