// What is asked of a node about blocks, and what its answers mean.

import { addressOf, rawSha256 } from "@remote-log/core";
import { ipfsStorage, type KuboClient } from "@remote-log/ipfs";
import { answer, cut, failure, randomBytes, type Script } from "@remote-log/test-kit";
import { atEnd, scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { rpcNode } from "../../src/node/rpc.ts";

const MEBIBYTE = 1024 * 1024;
const web = await scriptedServer(cut());
const content = randomBytes(10);
const address = await addressOf(content, rawSha256);
const wrongService = { code: "ERR_UNREACHABLE", reason: "wrong-service" };

/** A storage on what answers in this way in place of a node; and the last request. */
function on(script: Script, options: { readonly pin?: boolean; readonly largestContent?: number } = {}) {
  web.become(script);
  const storage = ipfsStorage({ node: web.url, ...options });
  atEnd(() => storage.close());
  return storage;
}

/** What was asked last: the command, and its parameters. */
function asked() {
  const { path, query } = web.requests.at(-1)!;
  return { path, query: Object.fromEntries(query) };
}

const says = (value: unknown) => answer(200, "application/json", `${JSON.stringify(value)}\n`);
const refuses = (message: string) =>
  answer(500, "application/json", JSON.stringify({ Message: message, Type: "error" }));

/** Answers a `block/put` as Kubo does: with the CID of each file. */
const stores: Script = async (request) => {
  const form = await new Response(Buffer.from(await request.body()), {
    headers: { "content-type": request.headers["content-type"]! },
  }).formData();
  const files = await Promise.all(form.getAll("file").map((file) => (file as File).arrayBuffer()));
  const cids = await Promise.all(files.map((file) => addressOf(new Uint8Array(file), rawSha256)));
  return answer(
    200,
    "application/json",
    cids.map((cid) => `${JSON.stringify({ Key: `${cid}` })}\n`).join(""),
  );
};

test("a storage on a node says what it can do", () => {
  const { name, capabilities } = on(cut());
  expect({ name, ...capabilities }).toMatchObject({
    name: "ipfs",
    readYourWrites: true,
    absence: "local",
    presence: "passing",
    localReads: true,
    putMany: { contents: 16, bytes: MEBIBYTE },
  });
});

test("a content is put as a raw block, which is said to be large only if it is", async () => {
  const storage = on(stores, { largestContent: 2 * MEBIBYTE });
  const raw = { "cid-codec": "raw", mhtype: "sha2-256", pin: "true" };
  for (const [length, more] of [
    [10, {}],
    [MEBIBYTE, {}],
    [MEBIBYTE + 1, { "allow-big-block": "true" }],
  ] as const) {
    await storage.put(randomBytes(length));
    expect(asked(), `${length}`).toEqual({ path: "/api/v0/block/put", query: { ...raw, ...more } });
  }
  await storage.putMany!([content, randomBytes(20)]);
  expect(asked()).toEqual({ path: "/api/v0/block/put", query: raw });
});

test("one large block of several is said to be large", async () => {
  const node = rpcNode({ node: web.url });
  const { Blocks } = await import("../../src/node/blocks.ts");
  web.become(stores);
  const call = {
    signal: new AbortController().signal,
    context: { operation: "storage.putMany", action: "putting" },
  };
  await new Blocks(node).putMany([content, randomBytes(MEBIBYTE + 1)], false, call);
  expect(asked().query).toMatchObject({ "allow-big-block": "true", pin: "false" });
});

test("a content is read by its CID, and has to be the one that belongs to it", async () => {
  const storage = on(answer(200, "application/octet-stream", content));
  expect(await storage.get(address)).toEqual(content);
  expect(asked()).toMatchObject({ path: "/api/v0/block/get", query: { arg: `${address}` } });
  web.become(answer(200, "application/octet-stream", randomBytes(10)));
  expect(await failure(storage.get(address, { maxBytes: 10 }))).toMatchObject({ code: "ERR_INTEGRITY" });
});

test("a local read asks the node's own store alone, and says what that lacks", async () => {
  const storage = on(answer(200, "application/octet-stream", content));
  expect(await storage.get(address, { local: true })).toEqual(content);
  expect(asked()).toEqual({ path: "/api/v0/block/get", query: { arg: `${address}`, offline: "true" } });
  web.become(answer(200, "application/octet-stream", randomBytes(10)));
  expect(await failure(storage.get(address, { local: true }))).toMatchObject({ code: "ERR_INTEGRITY" });
  web.become(refuses(`block was not found locally (offline): ipld: could not find ${address}`));
  expect(await failure(storage.get(address, { local: true }))).toMatchObject({ code: "ERR_NOT_FOUND" });
});

test("a node that searched in vain is told as such", async () => {
  const error = await failure(on(answer(504, "text/plain", "Gateway Timeout")).get(address));
  expect(error).toMatchObject({ code: "ERR_TIMEOUT", reason: "search" });
  expect(error.message).toContain(`The node at ${web.url} did not find`.slice(1));
});

test("whether a block is there is asked of the node alone, and an answer is one about this block", async () => {
  const storage = on(says({ Key: `${address}`, Size: 10 }));
  expect(await storage.has(address)).toBe(true);
  const query = { arg: `${address}`, offline: "true" };
  expect(asked()).toEqual({ path: "/api/v0/block/stat", query });
  const line = JSON.stringify({ Key: `${address}` });
  for (const body of [`${line}\n${line}\n`, "null\n", "7\n", "{}\n", "", JSON.stringify({ Pins: [] })]) {
    web.become(answer(200, "application/json", body));
    expect(await failure(storage.has(address)), body).toMatchObject(wrongService);
  }
});

test("an answer has at most 16 KiB", async () => {
  const line = JSON.stringify({ Key: `${address}` });
  const storage = on(answer(200, "application/json", line.padEnd(16_384)));
  expect(await storage.has(address)).toBe(true);
  web.become(answer(200, "application/json", line.padEnd(16_385)));
  expect(await failure(storage.has(address))).toMatchObject(wrongService);
});

test("an answer that breaks off is no wrong service", async () => {
  const storage = on(
    cut({ headers: { "content-type": "application/json", "content-length": "100" }, body: '{"Key":' }),
  );
  const error = await failure(storage.has(address));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(error).not.toMatchObject({ reason: "wrong-service" });
});

test("a pin is taken away by its CID, and that none is there is no failure", async () => {
  const storage = on(says({ Pins: [`${address}`] }));
  await storage.release(address);
  expect(asked()).toEqual({ path: "/api/v0/pin/rm", query: { arg: `${address}` } });
  web.become(refuses("not pinned or pinned indirectly"));
  await storage.release(address);
  for (const value of [{}, { Pins: [] }, { Pins: "none" }]) {
    web.become(says(value));
    expect(await failure(storage.release(address)), JSON.stringify(value)).toMatchObject(wrongService);
  }
});

test("a storage that pins nothing asks for no pin, and takes none away", async () => {
  const storage = on(stores, { pin: false });
  await storage.put(content);
  expect(asked().query).toMatchObject({ pin: "false" });
  const before = web.requests.length;
  await storage.release(address);
  expect(web.requests.length).toBe(before);
});

test("a refusal for want of rights says what the node said, and what to give", async () => {
  const refused = await failure(on(answer(403, "text/plain", "403 - Forbidden")).has(address));
  expect(refused.message).toContain("it answered 403 (403 - Forbidden). Give the headers");
  expect(refused.message).not.toContain("those of the client");
  const silent = await failure(on(answer(401, "text/plain", "")).has(address));
  expect(silent.message).toContain("it answered 401. Give");
});

/** A client that shows nothing but blocks, and gives this for each. */
function clientOf(block: Uint8Array): KuboClient {
  const no = () => Promise.reject(new Error("It is not asked."));
  return { block: { put: no, get: async () => block, stat: no } };
}

test("what a client reads is held to the limit, and to the address", async () => {
  const storage = ipfsStorage({ node: clientOf(randomBytes(200)) });
  atEnd(() => storage.close());
  expect("putMany" in storage).toBe(false);
  expect(await failure(storage.get(address, { maxBytes: 100 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 100,
  });
  expect(await failure(storage.get(address, { maxBytes: 200 }))).toMatchObject({ code: "ERR_INTEGRITY" });
  const error = await failure(storage.put(content));
  expect(error.message).toContain("the node of the client");
});

test("half a client is none", () => {
  const half = { block: { put: () => undefined, get: () => undefined } } as unknown as KuboClient;
  expect(() => ipfsStorage({ node: half })).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
});

test.each([
  ["https://example.org/api/v0/kubo", "https://example.org/api/v0/kubo"],
  ["https://example.org/kubo/api/v0/", "https://example.org/kubo"],
])("a node at %s is asked below %s", (node, url) => {
  expect(rpcNode({ node }).url).toBe(url);
});

test.each([
  ["http://:hunter2@127.0.0.1:5001", /credentials/],
  ["http://hunter2@127.0.0.1:5001", /credentials/],
])("%s holds credentials, and is not repeated", (node, why) => {
  expect(() => rpcNode({ node })).toThrow(why);
  expect(() => rpcNode({ node })).not.toThrow(/hunter2/);
});

/** Does something on a runtime that lacks a global value. */
async function without<T>(name: "Blob" | "FormData" | "fetch", work: () => T | Promise<T>): Promise<T> {
  const own = Object.getOwnPropertyDescriptor(globalThis, name)!;
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: undefined });
  try {
    return await work();
  } finally {
    Object.defineProperty(globalThis, name, own);
  }
}

test("a runtime that lacks what is needed is told so before anything is sent", async () => {
  const lacks = (name: string) => ({ code: "ERR_UNSUPPORTED", message: expect.stringContaining(name) });
  expect(await failure(without("fetch", () => rpcNode({ node: web.url })))).toMatchObject({
    ...lacks("fetch"),
    operation: "ipfs.open",
  });
});

test("several contents are sent as they are, whatever they hold, without a Blob or FormData of the runtime", async () => {
  const lines = new TextEncoder().encode("\r\n--\r\nContent-Disposition: form-data\r\n\r\n");
  const contents = [new Uint8Array(0), lines, randomBytes(3000), new Uint8Array([13, 10])];
  const addresses = await Promise.all(contents.map((one) => addressOf(one, rawSha256)));
  const cids = addresses.map((cid) => `${JSON.stringify({ Key: `${cid}` })}\n`).join("");
  let sent = new Response();
  const storage = on(async (request) => {
    const headers = { "content-type": request.headers["content-type"]! };
    sent = new Response(Buffer.from(await request.body()), { headers });
    return answer(200, "application/json", cids);
  });
  const outcomes = await without("FormData", () => without("Blob", () => storage.putMany!(contents)));
  expect(outcomes).toEqual(addresses.map((value) => ({ status: "fulfilled", value })));
  const files = (await sent.formData()).getAll("file") as File[];
  expect(await Promise.all(files.map(async (file) => new Uint8Array(await file.arrayBuffer())))).toEqual(
    contents,
  );
  // A boundary that could be foreseen could be part of a content.
  const before = sent.headers.get("content-type");
  await storage.putMany!(contents);
  expect(sent.headers.get("content-type")).not.toBe(before);
});
