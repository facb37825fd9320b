import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { checkConformance, type OpenOptions } from "@remote-log/conformance";
import { type FaultProxy, startFaultProxy } from "@remote-log/conformance/fault-proxy";
import { NotFoundError, type StorageBackend } from "@remote-log/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CASE_MS } from "./patience.ts";
import { webStorage } from "./web-storage.ts";

// The cases about faults and aborts on a real adapter, over real connections, with the proxy before a real server.

const TOKEN = "made-up-token-71d0";
const contents = new Map<string, Uint8Array>();
let server: Server;
let target: string;

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray());
  if (request.headers.authorization !== `Bearer ${TOKEN}`) response.writeHead(403).end();
  else if (request.method === "PUT") {
    contents.set(request.url!, body);
    response.writeHead(201).end();
  } else {
    const content = contents.get(request.url!);
    response.writeHead(content === undefined ? 404 : 200).end(request.method === "GET" ? content : undefined);
  }
}

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
    ["01", "04", "07", "16", "21", "25", "29"].map((number) => `CAS-FAULT-${number}`),
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
