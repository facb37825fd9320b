// Yjs: an array in a document, and the document over one connection.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { LeveldbPersistence } from "y-leveldb";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";
import { BATCH, checkPayloads, ENTRIES } from "../payloads.mjs";
import { appends, overLinks } from "../timing.mjs";

export async function measure(bench) {
  const { folder, payloads } = bench;
  const contents = payloads(ENTRIES);
  await appends(bench, "in memory", async () => {
    const { log } = openLog();
    return {
      append: async (content) => log.push([content]),
      appendAll: async (values) => log.push(values),
      close: async () => undefined,
    };
  });
  let folders = 0;
  await appends(bench, "without fsync", () => openStored(join(folder, `stored-${folders++}`)));
  const { doc, log } = openLog();
  for (let at = 0; at < ENTRIES; at += BATCH) log.push(contents.slice(at, at + BATCH));

  const server = createServer({ noDelay: true }, (socket) => synced(socket, doc));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const catchUp = async (port) => {
    const copy = openLog();
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    synced(socket, copy.doc);
    const came = new Promise((resolve) => copy.doc.once("update", resolve));
    const encoder = encoding.createEncoder();
    sync.writeSyncStep1(encoder, copy.doc);
    send(socket, encoder);
    await came;
    checkPayloads(copy.log.toArray(), contents);
    return async () => socket.destroy();
  };
  const target = server.address().port;
  await overLinks(bench, { name: "catch up and keep it", count: ENTRIES, target, read: catchUp });
  server.close();
}

/** A document each update of which y-leveldb stores. */
async function openStored(folder) {
  const persistence = new LeveldbPersistence(folder);
  const { doc, log } = openLog();
  let update;
  doc.on("update", (bytes) => {
    update = bytes;
  });
  const appendAll = (values) => {
    log.push(values);
    return persistence.storeUpdate("log", update);
  };
  return { append: (content) => appendAll([content]), appendAll, close: () => persistence.destroy() };
}

function openLog() {
  const doc = new Y.Doc();
  // Somebody listens, as a provider would: each change is encoded.
  doc.on("update", () => undefined);
  return { doc, log: doc.getArray("log") };
}

/** Answers what comes through a socket: messages of the sync protocol, each with its length before it. */
function synced(socket, doc) {
  let chunks = [];
  let bytes = 0;
  let needed = 4;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < needed) return;
    let held = Buffer.concat(chunks);
    while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
      const end = 4 + held.readUInt32BE(0);
      const decoder = decoding.createDecoder(new Uint8Array(held.subarray(4, end)));
      held = held.subarray(end);
      const encoder = encoding.createEncoder();
      sync.readSyncMessage(decoder, encoder, doc, socket);
      if (encoding.length(encoder) > 0) send(socket, encoder);
    }
    chunks = [held];
    bytes = held.length;
    needed = held.length < 4 ? 4 : 4 + held.readUInt32BE(0);
  });
}

function send(socket, encoder) {
  const message = encoding.toUint8Array(encoder);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  socket.write(Buffer.concat([length, message]));
}
