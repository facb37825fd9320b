import { checkConformance, type OpenOptions } from "@remote-log/conformance";
import { type FaultProxy, startFaultProxy } from "@remote-log/conformance/fault-proxy";
import { NotFoundError, type StorageBackend } from "@remote-log/core";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { CASE_MS } from "./patience.ts";
import { webStorage } from "./web-storage.ts";

// The cases about faults and aborts on a real adapter, over real connections, with the proxy before a real server.

const TOKEN = "made-up-token-71d0";
const contents = new Map<string, Uint8Array>();
const { url: target } = await scriptedServer(async (request) => {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return { status: 403 };
  if (request.method === "PUT") {
    contents.set(request.path, await request.body());
    return { status: 201 };
  }
  const body = contents.get(request.path);
  return body === undefined ? { status: 404 } : { body };
});

/** Runs the cases about faults and aborts, and gives the ids of those that failed, with the reason. */
async function failures(broken: (sound: StorageBackend, proxy: FaultProxy) => Partial<StorageBackend>) {
  const create = async ({ signal }: OpenOptions) => {
    const proxy = await startFaultProxy({ target, signal });
    const sound = webStorage(proxy.url, TOKEN);
    const storage = { ...sound, ...broken(sound, proxy) };
    return { storage, requests: () => proxy.requests(), faults: proxy.faults, secrets: [TOKEN] };
  };
  const only = ["CAS-FAULT", "CAS-ABORT", "CAS-DECL"];
  const { results } = await checkConformance({ name: "web", create }, { only, timeoutMs: CASE_MS });
  expect(results.filter(({ status }) => status === "passed").length).toBeGreaterThan(15);
  return results.filter(({ status, level }) => status === "failed" && level !== "MAY").map(({ id }) => id);
}

test("a sound adapter passes every case", async () => {
  expect(await failures(() => ({}))).toEqual([]);
});

test("one that takes every missing answer for a missing content fails, with just these", async () => {
  const broken = (sound: StorageBackend): Partial<StorageBackend> => ({
    get: (address, options) =>
      sound.get(address, options).catch((cause: unknown) => {
        options?.signal?.throwIfAborted();
        throw new NotFoundError("There is none.", { operation: "storage.get", cause });
      }),
  });
  expect(await failures(broken)).toEqual(
    ["01", "04", "07", "16", "31", "36", "37", "21", "25", "29"].map((number) => `CAS-FAULT-${number}`),
  );
});

test("one that keeps the reply in its errors tells its token", async () => {
  const broken = (sound: StorageBackend): Partial<StorageBackend> => ({
    has: (address, options) =>
      sound.has(address, options).catch((error: unknown) => {
        if (error !== options?.signal?.reason)
          Object.assign(error as Error, { request: { headers: [TOKEN] } });
        throw error;
      }),
  });
  expect(await failures(broken)).toEqual(["CAS-FAULT-28"]);
});

test("one that collects what a service says to a write fails the case about that", async () => {
  const broken = (sound: StorageBackend, { url }: FaultProxy): Partial<StorageBackend> => ({
    async put(content, options = {}) {
      const address = await sound.put(content, options);
      const init = {
        method: "PUT",
        body: new Uint8Array(content),
        headers: { authorization: `Bearer ${TOKEN}` },
      };
      const reply = await fetch(`${url}/${address}`, { ...init, signal: options.signal ?? null });
      await reply.arrayBuffer();
      return address;
    },
  });
  const create = async ({ signal }: OpenOptions) => {
    const proxy = await startFaultProxy({ target, signal });
    const sound = webStorage(proxy.url, TOKEN);
    return { storage: { ...sound, ...broken(sound, proxy) }, faults: proxy.faults };
  };
  const only = ["CAS-FAULT-31", "CAS-FAULT-32", "CAS-FAULT-33"];
  const { results } = await checkConformance({ name: "web", create }, { only, timeoutMs: 2_000 });
  expect(results.map(({ id, status }) => `${id} ${status}`)).toEqual([
    "CAS-FAULT-31 passed",
    "CAS-FAULT-32 passed",
    "CAS-FAULT-33 failed",
  ]);
});
