// Hypercore: two cores over one connection.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import Hypercore from "hypercore";
import { BATCH, checkPayloads, ENTRIES, NEWEST } from "../payloads.mjs";
import { appends, overLinks } from "../timing.mjs";

export async function measure(bench) {
  const { folder, payloads } = bench;
  const contents = payloads(ENTRIES).map((bytes) => Buffer.from(bytes));
  let cores = 0;
  await appends(bench, "without fsync", async () => {
    const core = await openCore(join(folder, `core-${cores++}`));
    return {
      append: (bytes) => core.append(Buffer.from(bytes)),
      appendAll: (values) => core.append(values.map((bytes) => Buffer.from(bytes))),
      close: () => core.close(),
    };
  });
  const core = await openCore(join(folder, "core"));
  for (let at = 0; at < ENTRIES; at += BATCH) await core.append(contents.slice(at, at + BATCH));

  const server = createServer({ noDelay: true }, (socket) => piped(socket, core.replicate(false)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: target } = server.address();
  let clones = 0;
  const cloneAt = async (port, options) => {
    const clone = new Hypercore(join(folder, `clone-${clones++}`), core.key, options);
    await clone.ready();
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    piped(socket, clone.replicate(true));
    while (clone.length < ENTRIES) {
      if (clone.peers.length === 0) await once(clone, "peer-add");
      await clone.update({ wait: true });
    }
    const end = async () => {
      socket.destroy();
      await clone.close();
    };
    return { clone, end };
  };
  const catchUp = (options) => async (port) => {
    const { clone, end } = await cloneAt(port, options);
    await clone.download({ start: 0, end: clone.length }).done();
    const read = [];
    for await (const block of clone.createReadStream()) read.push(block);
    checkPayloads(read, contents);
    return end;
  };
  const newest = async (port) => {
    const { clone, end } = await cloneAt(port, {});
    const from = clone.length - NEWEST;
    const read = await Promise.all(Array.from({ length: NEWEST }, (_, i) => clone.get(from + i)));
    checkPayloads(read, contents.slice(-NEWEST));
    return end;
  };
  const count = ENTRIES;
  await overLinks(bench, { name: "catch up and keep it", count, target, read: catchUp({}) });
  const most = { inflightRange: [512, 512] };
  await overLinks(bench, { name: "the same, 512 in flight", count, target, read: catchUp(most) });
  await overLinks(bench, { name: "newest 100", count: NEWEST, target, read: newest });
  server.close();
}

async function openCore(folder) {
  const core = new Hypercore(folder);
  await core.ready();
  return core;
}

function piped(socket, stream) {
  socket.on("error", () => stream.destroy());
  stream.on("error", () => socket.destroy());
  socket.pipe(stream).pipe(socket);
}
