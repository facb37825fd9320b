import { delegatedRoute, type Fetch, LARGEST_RECORD } from "@remote-log/ipfs";
import { answer, bytes, endless, failure, NEVER, type Reply, redirect } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { alice } from "../opened-names.ts";
import { record } from "../records.ts";

const RECORD = "application/vnd.ipfs.ipns-record";
const sent = await record(alice, bytes("a head"));
const other = await record(alice, bytes("another"), { sequence: 1n });

/** A route to a router that answers every GET in one way, and every PUT in another. */
async function route(get: Reply | Promise<Reply>, put: Reply = answer(200, "text/plain")) {
  const { url, requests } = await scriptedServer(async (request) => {
    if (request.method !== "PUT") return get;
    await request.body();
    return put;
  });
  return { at: delegatedRoute({ url }), requests };
}

test("a record is read by one request, for its media type", async () => {
  const { at, requests } = await route(answer(200, RECORD, sent));
  expect(await at.get(alice.name, {})).toEqual(sent);
  expect(requests.length).toBe(1);
  const { method, url, headers } = requests[0]!;
  expect([method, url, headers.accept]).toEqual(["GET", `/routing/v1/ipns/${alice.name}`, RECORD]);
});

test("404 is none, and so is 200 with plain words; a page, a wrong path, or any other failure, is not", async () => {
  const { at } = await route(answer(404, "text/plain", "no"));
  expect(await at.get(alice.name, {})).toBeUndefined();
  const kubo = await route(answer(200, "text/plain; charset=utf-8", "delegate error: routing: not found\n"));
  expect(await kubo.at.get(alice.name, {})).toBeUndefined();
  for (const [status, type, text] of [
    [200, "text/plain", "Please sign in"],
    [200, "text/html", "<h1>routing: not found</h1>"],
    [200, "application/json", "{}"],
    [500, "text/plain", "delegate error: routing: something else"],
    [406, "text/plain", ""],
    [404, "text/html", "<h1>Not found</h1>"],
    [404, "text/plain", "404 page not found\n"],
  ] as const) {
    const failing = await route(answer(status, type, text));
    expect(await failure(failing.at.get(alice.name, {})), text).toMatchObject({ code: "ERR_UNREACHABLE" });
  }
});

test("a record is put as it is, and read back", async () => {
  const { at, requests } = await route(answer(200, RECORD, sent), {});
  await at.put(alice.name, sent, {});
  expect(await requests[0]?.body()).toEqual(sent);
  expect(requests.map(({ method }) => method)).toEqual(["PUT", "GET"]);
  expect(requests[0]?.headers["content-type"]).toBe(RECORD);
});

test("a router that says yes and shows another record is a conflict; one that shows none took nothing", async () => {
  const outdone = await route(answer(200, RECORD, other));
  expect(await failure(outdone.at.put(alice.name, sent, {}))).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  const lost = await route(answer(404, "text/plain"));
  expect(await failure(lost.at.put(alice.name, sent, {}))).toMatchObject({
    code: "ERR_UNREACHABLE",
    retry: "safe",
  });
});

test("a router that takes no records says so for good", async () => {
  for (const status of [404, 405, 501]) {
    const { at, requests } = await route(answer(200, RECORD, sent), answer(status, "text/plain"));
    expect(await failure(at.put(alice.name, sent, {}))).toMatchObject({
      code: "ERR_UNREACHABLE",
      retry: "never",
    });
    expect(requests.length).toBe(1);
  }
});

test("more than a record can have, or than is asked for, is cut off", async () => {
  const { at } = await route(endless(RECORD));
  expect(await failure(at.get(alice.name, {}))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: LARGEST_RECORD,
  });
  expect(await failure(at.get(alice.name, { maxBytes: 300 }))).toMatchObject({ limit: 300 });
  const wordy = await route(endless("text/plain"));
  const noRouter = { code: "ERR_UNREACHABLE", reason: "wrong-service" };
  expect(await failure(wordy.at.get(alice.name, {}))).toMatchObject(noRouter);
});

test("no redirect is followed", async () => {
  const { at } = await route(redirect(301, "http://127.0.0.1:1/"));
  expect(await failure(at.get(alice.name, {}))).toMatchObject({ code: "ERR_UNREACHABLE", retry: "never" });
});

test("headers go along, and are in no error, even where the router repeats them", async () => {
  const seen: unknown[] = [];
  const fetch: Fetch = async (_url, { headers }) => {
    seen.push(headers);
    const { authorization } = headers as Record<string, string>;
    return new Response(`no ${authorization}, nor ${authorization?.slice("Bearer ".length)}`, {
      status: 403,
    });
  };
  const at = delegatedRoute({
    url: "https://router.example/routing/v1/",
    headers: { authorization: "Bearer hunter2" },
    fetch,
  });
  expect(at.name).toBe("the router at https://router.example");
  for (const failing of [at.get(alice.name, {}), at.put(alice.name, sent, {})]) {
    const error = await failure(failing);
    expect(error).toMatchObject({ code: "ERR_DENIED" });
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain("hunter2");
  }
  expect(seen).toMatchObject([
    { authorization: "Bearer hunter2", accept: RECORD },
    { authorization: "Bearer hunter2" },
  ]);
});

test("an abort keeps its reason, and ends the request", async () => {
  const { at, requests } = await route(NEVER);
  const reason = new Error("gave up");
  const controller = new AbortController();
  const ending = failure(at.get(alice.name, { signal: controller.signal }));
  await expect.poll(() => requests.length).toBe(1);
  controller.abort(reason);
  expect(await ending).toBe(reason);
  await expect.poll(() => requests[0]?.signal.aborted).toBe(true);
});

test.each([
  "router.example",
  "ftp://router.example",
  "https://user:secret@router.example",
  "https://router.example?token=secret",
])("the URL %s can't be used, and is not repeated", (url) => {
  const attempt = () => delegatedRoute({ url });
  expect(attempt).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }) as Error);
  expect(attempt).not.toThrow(/secret/);
});

test("headers that HTTP can't carry are refused when the route is opened", () => {
  const attempt = () => delegatedRoute({ url: "https://router.example", headers: { "a b": "secret" } });
  expect(attempt).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }) as Error);
});
