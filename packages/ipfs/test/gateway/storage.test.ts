import { Address, addressOf, rawSha256 } from "@remote-log/core";
import { type GatewayStorageOptions, gatewayStorage } from "@remote-log/ipfs/gateway";
import { answer, begun, endless, failure, NEVER, redirect, type ScriptedServer } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";

const RAW = "application/vnd.ipld.raw";
const hello = new TextEncoder().encode("hello");
const address = await addressOf(hello, rawSha256);

function opened({ url }: Pick<ScriptedServer, "url">, options: Partial<GatewayStorageOptions> = {}) {
  return gatewayStorage({ url, ...options });
}

test("a content is asked for as a raw block, and what comes is checked", async () => {
  const web = await scriptedServer(answer(200, RAW, hello));
  const storage = opened({ url: `${web.url}/below/` }, { headers: { authorization: "Bearer hush-hush" } });
  expect(await storage.get(address)).toEqual(hello);
  expect(web.requests).toMatchObject([
    {
      method: "GET",
      url: `/below/ipfs/${address}?format=raw`,
      headers: { accept: RAW, authorization: "Bearer hush-hush" },
    },
  ]);
});

test("wrong bytes may be an old mistake of a cache: they are asked for once more, past it", async () => {
  const web = await scriptedServer(() => answer(200, RAW, web.requests.length === 1 ? "jelly" : hello));
  expect(await opened(web).get(address)).toEqual(hello);
  expect(web.requests.map(({ headers }) => headers["cache-control"])).toEqual([undefined, "no-cache"]);
});

test.each(["jelly", "hell", "hello, and more", ""])("%j is no content of that address", async (text) => {
  const web = await scriptedServer(answer(200, RAW, text));
  expect(await failure(opened(web).get(address))).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(web.requests.length).toBe(2);
});

test.each([200, 404, 410])("a web page with status %d says nothing about a content", async (status) => {
  const web = await scriptedServer(answer(status, "text/html; charset=utf-8", "<h1>Log in</h1>"));
  for (const doing of [() => opened(web).get(address), () => opened(web).has(address)]) {
    const error = await failure(doing());
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE" });
    expect(error.message).toContain("a web page");
  }
});

test.each([
  [404, "ERR_NOT_FOUND"],
  [410, "ERR_NOT_FOUND"],
  [401, "ERR_DENIED"],
  [403, "ERR_DENIED"],
  [451, "ERR_DENIED"],
  [408, "ERR_TIMEOUT"],
  [504, "ERR_TIMEOUT"],
  [429, "ERR_UNREACHABLE"],
  [500, "ERR_UNREACHABLE"],
  [503, "ERR_UNREACHABLE"],
  [412, "ERR_UNREACHABLE"],
])("the status %d is %s", async (status, code) => {
  const web = await scriptedServer(answer(status, "text/plain", "not today"));
  const error = await failure(opened(web).get(address));
  const retry = status === 412 || code === "ERR_NOT_FOUND" || code === "ERR_DENIED" ? "never" : "safe";
  expect(error).toMatchObject({ code, retry });
  if (code !== "ERR_NOT_FOUND") expect(error.message).toContain("not today");
});

test("what Go says of a path that nobody serves is no absence: it is the RPC's port, say", async () => {
  const web = await scriptedServer(answer(404, "text/plain; charset=utf-8", "404 page not found\n"));
  const error = await failure(opened(web).get(address));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(error.message).toContain("8080");
});

test.each([
  [301, "never"],
  [302, "safe"],
  [303, "safe"],
  [307, "safe"],
  [308, "never"],
] as const)("a redirect (%d) is not followed, and says what to do", async (status, retry) => {
  const target = await scriptedServer(answer(200, RAW, hello));
  const web = await scriptedServer(redirect(status, target.url));
  for (const doing of [() => opened(web).get(address), () => opened(web).has(address)]) {
    const error = await failure(doing());
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry, reason: "redirect" });
    expect(error.message).toContain("127.0.0.1 in place of localhost");
  }
  expect(target.requests).toEqual([]);
});

test("no more is read than allowed, whether it is said beforehand or not", async () => {
  const web = await scriptedServer(endless(RAW));
  const reading = opened(web).get(address, { maxBytes: 1000 });
  expect(await failure(reading)).toMatchObject({ code: "ERR_TOO_LARGE", limit: 1000 });
  const limited = opened(web, { largestContent: 500 }).get(address);
  expect(await failure(limited)).toMatchObject({ code: "ERR_TOO_LARGE", limit: 500 });
  const declared = await scriptedServer({
    headers: { "content-type": RAW, "content-length": "6" },
    ending: "hold",
  });
  expect(await failure(opened(declared).get(address, { maxBytes: 5 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
  });
});

test.each([
  ["no answer", NEVER],
  ["half an answer", begun(RAW)],
])("%s in time is ERR_TIMEOUT", async (_, script) => {
  const web = await scriptedServer(script);
  const storage = opened(web, { searchMilliseconds: 100 });
  const error = await failure(storage.get(address));
  expect(error).toMatchObject({ code: "ERR_TIMEOUT", retry: "safe" });
  expect(error.message).toContain(`${address}`);
  if (script === NEVER) expect(await failure(storage.has(address))).toMatchObject({ code: "ERR_TIMEOUT" });
});

test("has asks for the gateway's own store, and takes 412 for a no", async () => {
  const web = await scriptedServer(answer(412, "text/plain", "not in local datastore"));
  expect(await opened(web).has(address)).toBe(false);
  expect(web.requests).toMatchObject([
    {
      method: "HEAD",
      url: `/ipfs/${address}?format=raw`,
      headers: { accept: RAW, "cache-control": "only-if-cached" },
    },
  ]);
});

test("a gateway that looks further all the same says yes to what it can show", async () => {
  const web = await scriptedServer(answer(200, RAW, hello));
  expect(await opened(web).has(address)).toBe(true);
});

test("the no of a cache on the way, which has to be 504, is no absence", async () => {
  const web = await scriptedServer(answer(504, "text/plain"));
  expect(await failure(opened(web).has(address))).toMatchObject({ code: "ERR_TIMEOUT" });
});

test("if that header may not be sent, has asks without it", async () => {
  const web = await scriptedServer(answer(200, RAW, hello));
  const storage = opened(web, {
    fetch: (url, init) => {
      // As browsers do, where the gateway does not allow the header.
      if (new Headers(init.headers).has("cache-control"))
        return Promise.reject(new TypeError("Failed to fetch"));
      return fetch(url, init);
    },
  });
  expect(await storage.has(address)).toBe(true);
  expect(web.requests.length).toBe(1);
});

test("a content cannot be stored, and nothing is sent", async () => {
  const web = await scriptedServer(answer(200, RAW, hello));
  expect(await failure(opened(web).put(hello))).toMatchObject({
    code: "ERR_UNSUPPORTED",
    reason: "read-only",
  });
  expect(web.requests).toEqual([]);
});

test("an address of another kind is refused before anything is sent", async () => {
  const web = await scriptedServer(answer(200, RAW, hello));
  const other = Address.create(0x70, 0x12, address.digest);
  for (const doing of [() => opened(web).get(other), () => opened(web).has(other)]) {
    expect(await failure(doing())).toMatchObject({ code: "ERR_INTEGRITY" });
  }
  expect(web.requests).toEqual([]);
});

test("nobody who listens is ERR_UNREACHABLE", async () => {
  const storage = opened({ url: "http://127.0.0.1:1" });
  for (const doing of [() => storage.get(address), () => storage.has(address)]) {
    expect(await failure(doing())).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  }
});

test("an abort ends it with its own reason, and close with ERR_CLOSED", async () => {
  const web = await scriptedServer(NEVER);
  const storage = opened(web);
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = Promise.all([
    failure(storage.get(address, { signal })),
    failure(storage.has(address, { signal })),
  ]);
  await expect.poll(() => web.requests.length).toBe(2);
  controller.abort("enough");
  expect(await aborted).toEqual(["enough", "enough"]);
  const waiting = failure(storage.get(address));
  await expect.poll(() => web.requests.length).toBe(3);
  await storage.close?.();
  expect(await waiting).toMatchObject({ code: "ERR_CLOSED" });
  for (const doing of [() => storage.get(address), () => storage.has(address), () => storage.put(hello)]) {
    expect(await failure(doing())).toMatchObject({ code: "ERR_CLOSED" });
  }
});

test.each([
  "",
  "gateway.example",
  "ftp://gateway.example",
  "https://me:hush-hush@gateway.example",
  "https://gateway.example/?token=hush-hush",
  "https://gateway.example/#hush-hush",
  "https://gateway.example?",
])("the URL %j is refused, and not repeated", (url) => {
  const refused = expect.objectContaining({
    code: "ERR_INVALID_INPUT",
    message: expect.not.stringContaining("hush-hush") as string,
  });
  expect(() => gatewayStorage({ url })).toThrow(refused);
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 31])("the limit %d is refused", (limit) => {
  const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT" });
  const url = "https://gateway.example";
  expect(() => gatewayStorage({ url, searchMilliseconds: limit })).toThrow(refused);
  expect(() => gatewayStorage({ url, largestContent: limit })).toThrow(refused);
});
