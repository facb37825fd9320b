// What a request costs on the real services: the figures of src/services/cost-models.ts.

import { deriveKeys, type Remote } from "@remote-log/core";
import { ipfsRemote } from "@remote-log/ipfs";
import { LightS3Client, openS3Remote } from "@remote-log/s3/light";
import { createBucket, serverOrSkip, startBee, startKubo, startMinio } from "@remote-log/servers";
import { swarmRemote } from "@remote-log/swarm";
import { atEnd } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { type CostModel, IPNS, type Operation, S3, SWARM } from "../../src/services/cost-models.ts";
import { type Counted, CountedWire } from "./counted-wire.ts";

const OPERATIONS = ["put", "get", "has", "update", "resolve", "unchanged"] as const;
const SEED = new Uint8Array(32).fill(5);

/** What each operation costs with contents of this many bytes. */
async function costs(wire: CountedWire, remote: Remote, size: number): Promise<Record<Operation, Counted>> {
  const { storage, names } = remote;
  const name = remote.name ?? "name";
  const content = (i: number): Uint8Array => new Uint8Array(size).fill(i);
  const addresses: Awaited<ReturnType<typeof storage.put>>[] = [];
  // The first ones find out what the service can do.
  await storage.put(content(200));
  const before = await names.resolve(name);
  let revision = await names.update(name, content(200), {
    expected: before.status === "found" ? before.revision : null,
  });
  const put = await wire.costOf(20, async (i) => addresses.push(await storage.put(content(i))));
  const get = await wire.costOf(20, (i) => storage.get(addresses[i]!));
  const has = await wire.costOf(20, (i) => storage.has(addresses[i]!));
  const update = await wire.costOf(10, async (i) => {
    revision = await names.update(name, content(100 + i), { expected: revision });
  });
  const resolve = await wire.costOf(10, () => names.resolve(name));
  const unchanged = await wire.costOf(10, () => names.resolve(name, { known: revision }));
  return { put, get, has, update, resolve, unchanged };
}

/** What a model says that is not so on the wire, with contents of two sizes. */
async function differences(model: CostModel, wire: CountedWire, remote: Remote): Promise<string[]> {
  const found: string[] = [];
  const [small, large] = [await costs(wire, remote, 500), await costs(wire, remote, 2500)];
  for (const operation of OPERATIONS) {
    const { requests, bytes, copies = 1 } = model[operation];
    const { requests: sent, bytes: all } = small[operation];
    // A `has` carries nothing anywhere but on Swarm, which reads the chunk.
    const expected = operation === "has" && model.name !== "Swarm" ? 0 : copies;
    const perByte = (large[operation].bytes - all) / 2000;
    const others = all - 500 * perByte;
    if (Math.abs(perByte - expected) > 0.15) found.push(`${operation} sends the content ${perByte} times`);
    if (Math.abs(others - bytes) > 0.1 * bytes) found.push(`${operation} takes ${others} other bytes`);
    if (Math.abs(sent - requests) > 0.4) found.push(`${operation} takes ${sent} requests`);
  }
  return found;
}

describe.skipIf((await serverOrSkip("minio")).skip)("S3", () => {
  test("requests cost on MinIO what the model says", async () => {
    const server = await startMinio();
    atEnd(() => server.stop());
    await createBucket(server, "sizes");
    const { wire, url } = await CountedWire.to(server.endpoint);
    atEnd(async () => wire.close());
    const { region, credentials } = server;
    const client = new LightS3Client({ endpoint: url, region, credentials: async () => credentials });
    const remote = await openS3Remote({ client, bucket: "sizes", prefix: "p" });
    expect(await differences(S3, wire, remote)).toEqual([]);
  });
});

describe.skipIf((await serverOrSkip("kubo")).skip)("IPNS", () => {
  test("requests cost on Kubo what the model says", async () => {
    const server = await startKubo();
    atEnd(() => server.stop());
    const { wire, url } = await CountedWire.to(server.rpc);
    atEnd(async () => wire.close());
    const remote = await ipfsRemote({ label: "ipfs", node: url, nameKey: deriveKeys(SEED).ipns });
    expect(await differences(IPNS, wire, remote)).toEqual([]);
  });
});

describe.skipIf((await serverOrSkip("bee")).skip)("Swarm", () => {
  test("requests cost on Bee what the model says", async () => {
    const server = await startBee();
    atEnd(() => server.stop());
    const stamp = await server.buyBatch({ depth: 24 });
    const { wire, url } = await CountedWire.to(server.url);
    atEnd(async () => wire.close());
    const remote = swarmRemote({ bee: url, stamp, nameKey: deriveKeys(SEED).swarm });
    expect(await differences(SWARM, wire, remote)).toEqual([]);
  });
});
