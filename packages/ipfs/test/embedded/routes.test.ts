import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import {
  type DatastoreKeyLike,
  datastoreRoute,
  type RoutingLike,
  routingRoute,
} from "@remote-log/ipfs/embedded";
import { MemoryDatastore } from "datastore-core";
import { createIPNSRecord, marshalIPNSRecord } from "ipns";
import { describe, expect, it, vi } from "vitest";
import { IpnsName } from "../../src/record/ipns-name.ts";
import { allOf } from "./all-of.ts";

const HOUR = 3_600_000;
const { signal } = new AbortController();
const alice = await keyOf(1);
const bob = await keyOf(2);

async function keyOf(number: number) {
  const key = await generateKeyPairFromSeed("Ed25519", new Uint8Array(32).fill(number));
  return { key, name: IpnsName.fromPublicKey(key.publicKey.raw) };
}

interface RecordParts {
  readonly sequence: bigint;
  readonly value?: string;
  readonly lifetime?: number;
  readonly of?: typeof alice;
}

async function record({ sequence, value = "/ipfs/bafkqaaa", lifetime = HOUR, of = alice }: RecordParts) {
  return marshalIPNSRecord(
    await createIPNSRecord(of.key, value, sequence, lifetime, { v1Compatible: false, ttlNs: 0n }),
  );
}

describe("a datastore", () => {
  it("gives the record that it was given, also to another route over it, and none where there is none", async () => {
    const datastore = new MemoryDatastore();
    const route = datastoreRoute({ datastore });
    expect(await route.get(alice.name, { signal })).toBeUndefined();
    const bytes = await record({ sequence: 1n });
    await route.put?.(alice.name, bytes, { signal });
    await route.put?.(alice.name, bytes, { signal });
    expect(await datastoreRoute({ datastore }).get(alice.name, { signal })).toEqual(bytes);
    expect(await route.get(bob.name, { signal })).toBeUndefined();
    const keys = (await allOf(datastore.query({}))).map(({ key }) => `${key}`);
    expect(keys).toEqual([`/remote-log/ipns/${alice.name}`]);
  });

  it("keeps and gives bytes of its own", async () => {
    const route = datastoreRoute({ datastore: new MemoryDatastore() });
    const bytes = await record({ sequence: 1n });
    const given = Uint8Array.from(bytes);
    const putting = route.put?.(alice.name, given, { signal });
    given.fill(0);
    await putting;
    (await route.get(alice.name, { signal }))?.fill(0);
    expect(await route.get(alice.name, { signal })).toEqual(bytes);
  });

  it.each([
    ["an older one", { sequence: 6n }],
    [
      "another one of the same number",
      { sequence: 7n, value: "/ipfs/bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e" },
    ],
  ])("refuses %s than the record that it has, and stays as it is", async (_, parts) => {
    const route = datastoreRoute({ datastore: new MemoryDatastore() });
    const held = await record({ sequence: 7n });
    await route.put?.(alice.name, held, { signal });
    const putting = route.put?.(alice.name, await record(parts), { signal });
    await expect(putting).rejects.toMatchObject({ code: "ERR_NAME_CONFLICT", operation: "names.update" });
    expect(await route.get(alice.name, { signal })).toEqual(held);
  });

  it("knows the number of a record that has expired, too", async () => {
    const route = datastoreRoute({ datastore: new MemoryDatastore() });
    await route.put?.(alice.name, await record({ sequence: 7n, lifetime: -HOUR }), { signal });
    const putting = route.put?.(alice.name, await record({ sequence: 6n }), { signal });
    await expect(putting).rejects.toMatchObject({ code: "ERR_NAME_CONFLICT" });
  });

  it("of records that say the same keeps the one that is valid for longer", async () => {
    const route = datastoreRoute({ datastore: new MemoryDatastore() });
    const longer = await record({ sequence: 7n, lifetime: 2 * HOUR });
    for (const bytes of [await record({ sequence: 7n }), longer, await record({ sequence: 7n })]) {
      await route.put?.(alice.name, bytes, { signal });
    }
    expect(await route.get(alice.name, { signal })).toEqual(longer);
  });

  it.each([
    [
      "damaged bytes",
      async () => (await record({ sequence: 9n })).map((byte, i) => (i === 60 ? byte ^ 1 : byte)),
    ],
    ["a record of another name", () => record({ sequence: 9n, of: bob })],
    ["more than a record can be", async () => new Uint8Array(20_000)],
  ])("that holds %s takes any record of the name instead", async (_, junk) => {
    const datastore = new MemoryDatastore();
    const route = datastoreRoute({ datastore });
    await route.put?.(alice.name, await record({ sequence: 0n }), { signal });
    for (const { key } of await allOf(datastore.query({}))) await datastore.put(key, await junk());
    const bytes = await record({ sequence: 1n });
    await route.put?.(alice.name, bytes, { signal });
    expect(await route.get(alice.name, { signal })).toEqual(bytes);
  });

  it("is never given a record of another name", async () => {
    const datastore = new MemoryDatastore();
    const putting = datastoreRoute({ datastore }).put?.(alice.name, await record({ sequence: 1n, of: bob }), {
      signal,
    });
    await expect(putting).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
    expect(await allOf(datastore.query({}))).toEqual([]);
  });

  it("that gives more than a record can be is refused", async () => {
    const datastore = { put: () => undefined, get: () => new Uint8Array(20_000) };
    const getting = datastoreRoute({ datastore }).get(alice.name, { signal });
    await expect(getting).rejects.toMatchObject({ code: "ERR_TOO_LARGE", limit: 10_240 });
  });

  it("that takes its time has the highest record in the end, in whichever order they came", async () => {
    const store = new Map<string, Uint8Array>();
    // Every call takes a moment, so that looking and writing could pass each other.
    const slow = <T>(work: () => T) => new Promise<T>((resolve) => setTimeout(() => resolve(work()), 1));
    const datastore = {
      get: (key: DatastoreKeyLike) => slow(() => store.get(`${key}`) ?? new Uint8Array(0)),
      put: (key: DatastoreKeyLike, value: Uint8Array) => slow(() => store.set(`${key}`, value)),
    };
    const routes = [datastoreRoute({ datastore }), datastoreRoute({ datastore })];
    const records = await Promise.all([8n, 3n, 5n, 1n, 7n, 2n].map((sequence) => record({ sequence })));
    await Promise.allSettled(
      records.map(async (bytes, i) => routes[i % 2]?.put?.(alice.name, bytes, { signal })),
    );
    expect(await routes[0]?.get(alice.name, { signal })).toEqual(records[0]);
  });

  it("that is silent holds up the one who waits until its signal, and nobody after that", async () => {
    const store = new MemoryDatastore();
    let silent = true;
    let asked = 0;
    const datastore = {
      get: (key: DatastoreKeyLike) => {
        asked++;
        return silent ? new Promise<never>(() => undefined) : store.get(key as never);
      },
      put: (key: DatastoreKeyLike, value: Uint8Array) => store.put(key as never, value),
    };
    const route = datastoreRoute({ datastore });
    const controller = new AbortController();
    const first = route.put?.(alice.name, await record({ sequence: 1n }), { signal: controller.signal });
    const newer = await record({ sequence: 2n });
    const second = route.put?.(alice.name, newer, { signal });
    await vi.waitFor(() => expect(asked).toBe(1), { timeout: 60_000 });
    silent = false;
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(first).rejects.toBe(reason);
    await second;
    expect(await route.get(alice.name, { signal })).toEqual(newer);
  });

  it.each([
    ["EACCES: permission denied", "ERR_DENIED"],
    ["ENOSPC: no space left on device", "ERR_QUOTA"],
    ["Database is not open", "ERR_UNREACHABLE"],
  ])("that fails with %s is not taken for an empty one", async (message, code) => {
    const fail = () => Promise.reject(Object.assign(new Error(message), { name: "NotFoundError" }));
    const broken = { put: fail, get: () => Promise.reject(new Error(message)) };
    await expect(datastoreRoute({ datastore: broken }).get(alice.name, { signal })).rejects.toMatchObject({
      code,
    });
  });
});

describe("a routing of Helia's shape", () => {
  const notFound = () => Object.assign(new Error("Not Found"), { name: "NotFoundError" });
  const failedWith = (...errors: Error[]) =>
    Object.assign(new AggregateError(errors, "Failed to get value key"), { name: "GetFailedError" });
  const routing = (parts: Partial<RoutingLike>): RoutingLike => ({
    put: async () => undefined,
    get: () => Promise.reject(notFound()),
    ...parts,
  });

  it("is given the routing key of the specification, the record as it is, and the signal", async () => {
    const put = vi.fn<RoutingLike["put"]>();
    const bytes = await record({ sequence: 1n });
    await routingRoute(routing({ put })).put?.(alice.name, bytes, { signal });
    expect(put).toHaveBeenCalledWith(alice.name.routingKey, bytes, {
      signal: expect.any(AbortSignal) as AbortSignal,
    });
  });

  it("gives the record that it has", async () => {
    const bytes = await record({ sequence: 1n });
    const get = vi.fn<RoutingLike["get"]>(async () => bytes);
    expect(await routingRoute(routing({ get })).get(alice.name, { signal })).toEqual(bytes);
    expect(get).toHaveBeenCalledWith(alice.name.routingKey, {
      signal: expect.any(AbortSignal) as AbortSignal,
    });
  });

  it.each([
    ["what is not found", notFound()],
    ["routers none of which found it", failedWith(notFound(), notFound())],
    ["no routers", failedWith()],
  ])("has no record where it fails with %s", async (_, error) => {
    const route = routingRoute(routing({ get: () => Promise.reject(error) }));
    expect(await route.get(alice.name, { signal })).toBeUndefined();
  });

  it.each([
    ["no peers", new Error("no peers")],
    ["one router that did not answer", failedWith(notFound(), new Error("dial failed"))],
  ])("may have one where it fails with %s", async (_, error) => {
    const route = routingRoute(routing({ get: () => Promise.reject(error) }), "the DHT");
    await expect(route.get(alice.name, { signal })).rejects.toMatchObject({
      code: "ERR_UNREACHABLE",
      message: expect.stringContaining("by the DHT") as string,
    });
  });

  it("that fails to publish has not published", async () => {
    const route = routingRoute(routing({ put: () => Promise.reject(new Error("dial failed")) }));
    const putting = route.put?.(alice.name, await record({ sequence: 1n }), { signal });
    await expect(putting).rejects.toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  });

  it("that gives more than a record can be is refused", async () => {
    const route = routingRoute(routing({ get: async () => new Uint8Array(20_000) }));
    await expect(route.get(alice.name, { signal })).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
  });

  it("that is silent ends with its signal, with its own reason", async () => {
    const route = routingRoute(routing({ get: () => new Promise<never>(() => undefined) }));
    const controller = new AbortController();
    const getting = route.get(alice.name, { signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(getting).rejects.toBe(reason);
  });
});
