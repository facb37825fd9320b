// Runs the adapter on Helia, and prints as JSON what came of it. Helia needs a newer Node than this project does, so this
// is bundled (all but Helia and its stores) and started as a program of its own: program.mjs <folder for files>.

import { join } from "node:path";
import { ipns } from "@helia/ipns";
import {
  addressOf,
  deriveKeys,
  generateSeed,
  openReader,
  openWriter,
  rawSha256,
  showsHead,
} from "@remote-log/core";
import { embeddedRemote } from "@remote-log/ipfs/embedded";
import { FsBlockstore } from "blockstore-fs";
import { FsDatastore } from "datastore-fs";
import { createHeliaLight } from "helia";
import { MemoryLevel } from "memory-level";
import { base36 } from "multiformats/bases/base36";
import { CID } from "multiformats/cid";

const ENTRIES = 200;
const [, , folder] = process.argv;

/** Every 20th has a block of its own. */
const contents = Array.from({ length: ENTRIES }, (_, i) =>
  new Uint8Array(i % 20 === 0 ? 9000 : 100).fill(i % 251),
);

/** A Helia that has started, and our remote on it. */
async function start({ helia: init = {}, ...options }) {
  const helia = await createHeliaLight(init).start();
  const names = ipns(helia);
  const { blockstore, datastore, pins } = helia;
  const remote = await embeddedRemote({ blockstore, datastore, pins, routings: names.routers, ...options });
  return { helia, names, remote };
}

/** Publishes all entries in five pieces, and does something again and again meanwhile. */
async function publish(remote, seed, meanwhile = async () => undefined) {
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new MemoryLevel(),
    remotes: [remote],
    publish: "manual",
  });
  let over = false;
  const repeated = (async () => {
    let times = 0;
    for (; !over; times++) {
      await meanwhile();
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    return times;
  })();
  for (let from = 0; from < ENTRIES; from += ENTRIES / 5) {
    await writer.appendAll(contents.slice(from, from + ENTRIES / 5));
    await writer.publish();
  }
  over = true;
  const { logId } = writer;
  await writer.close();
  return { logId, times: await repeated };
}

/** How many entries a reader gets that are as they were written, and the head, in hexadecimal. */
async function read(remote, logId) {
  const reader = await openReader({ logId, remotes: [remote] });
  let right = 0;
  for await (const { content, sequence } of reader.from(0)) {
    if (Buffer.compare(content, contents[sequence]) === 0) right++;
  }
  const head = Buffer.from(reader.head).toString("hex");
  await reader.close();
  return { right, head };
}

async function codeOf(promise) {
  return promise.then(
    () => "none",
    ({ code }) => code,
  );
}

/** What Helia itself says the name points at. */
async function resolve(names, name, options) {
  let value;
  for await (const step of names.resolve(CID.parse(name, base36).multihash, options)) value = step.value;
  return value;
}

/** Whether the block under a path is what a name holds, with a head in it. */
async function holds({ blockstore }, path, head) {
  const block = await Array.fromAsync(await blockstore.get(CID.parse(path.slice("/ipfs/".length))));
  return showsHead(Buffer.concat(block), Buffer.from(head, "hex"));
}

async function blocksOf({ blockstore }) {
  let blocks = 0;
  for await (const _ of blockstore.getAll()) blocks++;
  return blocks;
}

/** One Helia in memory: while garbage is collected without a break, and after that. */
async function collected() {
  const seed = generateSeed();
  const { helia, names, remote } = await start({ nameKey: deriveKeys(seed).ipns });
  const records = [];
  const local = names.routers[0];
  const { put } = local;
  local.put = (key, record, options) => {
    records.push([key, record]);
    return put.call(local, key, record, options);
  };
  const { logId, times } = await publish(remote, seed, () => helia.gc());
  const { blockstore, datastore } = helia;
  const readers = await embeddedRemote({ blockstore, datastore, name: remote.name });
  const before = await read(readers, logId);
  await helia.gc();
  const after = await read(readers, logId);
  const resolved = await resolve(names, remote.name, { offline: true });
  // Helia's own store takes an older record in the place of a newer one.
  await local.put(...records[0]);
  const rolledBack = await resolve(names, remote.name, { offline: true });
  const resolvedByAll = await read(
    await embeddedRemote({ ...helia, routings: [local], name: remote.name }),
    logId,
  );
  const released = await remote.storage.put(crypto.getRandomValues(new Uint8Array(100)));
  await helia.gc();
  const pinned = await remote.storage.has(released);
  await remote.storage.release(released);
  await helia.gc();
  const result = {
    collections: times,
    before,
    after,
    blocks: await blocksOf(helia),
    resolved: await holds(helia, resolved, after.head),
    older: { resolved: rolledBack === resolved, read: resolvedByAll },
    absence: remote.storage.capabilities.absence,
    released: {
      pinned,
      has: await remote.storage.has(released),
      get: await codeOf(remote.storage.get(released)),
    },
    neverPublished: (await remote.names.resolve("another name")).status,
  };
  await helia.stop();
  return result;
}

/** Helia over files: closed, and opened again by a reader. */
async function reopened() {
  const init = () => ({
    blockstore: new FsBlockstore(join(folder, "blocks")),
    datastore: new FsDatastore(join(folder, "data")),
  });
  const seed = generateSeed();
  const writer = await start({ helia: init(), nameKey: deriveKeys(seed).ipns });
  const { logId } = await publish(writer.remote, seed);
  await writer.helia.stop();
  const reader = await start({ helia: init(), name: writer.remote.name });
  const reading = await read(reader.remote, logId);
  const resolved = await resolve(reader.names, writer.remote.name);
  const result = { ...reading, resolved: await holds(reader.helia, resolved, reading.head) };
  await reader.helia.stop();
  return result;
}

/** Two Helias that share a routing, and a way for the second to ask the first for blocks. */
async function apart() {
  const table = new Map();
  const shared = {
    async put(key, record) {
      table.set(Buffer.from(key).toString("hex"), record);
    },
    async get(key) {
      const record = table.get(Buffer.from(key).toString("hex"));
      if (record === undefined) throw Object.assign(new Error("Not Found"), { name: "NotFoundError" });
      return record;
    },
  };
  const seed = generateSeed();
  const alice = await start({ nameKey: deriveKeys(seed).ipns, routings: [shared] });
  const { logId } = await publish(alice.remote, seed);

  let asked = 0;
  const fromAlice = {
    name: "from-alice",
    async retrieve(cid, { validateFn, signal }) {
      asked++;
      const pieces = await Array.fromAsync(alice.helia.blockstore.get(cid, { signal, offline: true }));
      const block = Buffer.concat(pieces);
      await validateFn(block);
      return block;
    },
  };
  const bob = await start({
    helia: { blockBrokers: [() => fromAlice] },
    name: alice.remote.name,
    routings: [shared],
    searchMilliseconds: 5_000,
  });
  const first = await read(bob.remote, logId);
  const askedFirst = asked;
  const again = await read(bob.remote, logId);
  const askedAgain = asked - askedFirst;
  const nowhere = await addressOf(crypto.getRandomValues(new Uint8Array(100)), rawSha256);
  const failed = await codeOf(bob.remote.storage.get(nowhere));
  fromAlice.retrieve = () => new Promise(() => undefined);
  const impatient = await embeddedRemote({
    blockstore: bob.helia.blockstore,
    datastore: bob.helia.datastore,
    name: alice.remote.name,
    searchMilliseconds: 50,
  });
  const result = {
    first,
    again,
    asked: { first: askedFirst, again: askedAgain },
    blocks: { alice: await blocksOf(alice.helia), bob: await blocksOf(bob.helia) },
    nowhere: {
      has: await bob.remote.storage.has(nowhere),
      failed,
      silent: await codeOf(impatient.storage.get(nowhere)),
    },
  };
  await alice.helia.stop();
  await bob.helia.stop();
  return result;
}

const report = {
  node: process.version,
  collected: await collected(),
  reopened: await reopened(),
  apart: await apart(),
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
