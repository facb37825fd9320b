import { generateSeed, memoryReaderStore, openReader, openWriter } from "@remote-log/core";
import { s3Remote } from "@remote-log/s3";
import { bytes } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { BUCKET, clientFor, newPrefix, ownServer } from "./clients.ts";

const server = await ownServer();

function opened(prefix = newPrefix()) {
  const { client, requests } = clientFor(server);
  const remote = s3Remote({ client, bucket: BUCKET, prefix });
  /** Counts the requests of a piece of work. */
  const cost = async (work: () => Promise<unknown>): Promise<number> => {
    const before = requests();
    await work();
    return requests() - before;
  };
  return { prefix, remote, cost, requests };
}

test("every operation is one request, once the service is known", async () => {
  const { remote, cost } = opened();
  const { storage, names } = remote;
  let revision = await names.update("log", bytes("one"), { expected: null });
  const address = await storage.put(bytes("content"));
  expect(await cost(() => storage.put(bytes("another")))).toBe(1);
  expect(await cost(() => storage.get(address))).toBe(1);
  expect(await cost(() => storage.has(address))).toBe(1);
  expect(await cost(() => storage.delete!(address))).toBe(1);
  expect(await cost(() => storage.has(address))).toBe(1);
  const update = async () => {
    revision = await names.update("log", bytes("two"), { expected: revision });
  };
  expect(await cost(update)).toBe(1);
  expect(await cost(() => names.resolve("log"))).toBe(1);
  expect(await cost(() => names.resolve("log", { known: revision }))).toBe(1);
});

test("resolving a name that did not change brings no body", async () => {
  const { remote, prefix } = opened();
  const known = await remote.names.update("log", new Uint8Array(10_000), { expected: null });
  server.requests.clear();
  expect(await remote.names.resolve("log", { known })).toEqual({ status: "unchanged", revision: known });
  const requests = server.requests.list().filter(({ key }) => key.startsWith(prefix));
  expect(requests).toMatchObject([{ status: 304, bytesOut: 0 }]);
});

/** A log of some entries of 256 bytes, published at once, and its writer. */
async function published(entries: number) {
  const place = opened();
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [place.remote],
    publish: "manual",
    settings: { visibility: "public" },
  });
  const content = new Uint8Array(256);
  for (let i = 0; i < entries; i++) await writer.append(content);
  await writer.publish();
  return { ...place, writer };
}

test("160 appends, each published by itself, cost 2 requests each, and 46 more for pages and index", async () => {
  const { writer, cost } = await published(0);
  const spent = await cost(async () => {
    for (let i = 0; i < 160; i++) {
      await writer.append(new Uint8Array(256));
      await writer.publish();
    }
  });
  // The update, and reading it back, which makes "published" into "confirmed"; 19 full pages of 8 entries (the rest is in
  // the head), and 4 index nodes, each of which is read back.
  expect(spent).toBe(160 * 2 + 2 * (19 + 4));
  await writer.close();
});

test("catching up on 1,000 entries is 33 requests, and seeing that nothing is new is 1", async () => {
  const { writer, prefix } = await published(1000);
  const { remote, cost } = opened(prefix);
  const reader = await openReader({ logId: writer.logId, remotes: [remote], store: memoryReaderStore() });
  let seen = 0;
  const spent = await cost(async () => {
    for await (const entry of reader.from(0)) seen += entry.sequence >= 0 ? 1 : 0;
  });
  expect(seen).toBe(1000);
  // The head, 3 bundles of 256 entries, 28 pages of 8 (the last 8 entries are in the head), and an index node.
  expect(spent).toBe(1 + 3 + 28 + 1);
  expect(await cost(() => reader.sync())).toBe(1);
  await reader.close();
  await writer.close();
});
