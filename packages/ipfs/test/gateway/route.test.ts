import { gatewayRoute } from "@remote-log/ipfs/gateway";
import {
  answer,
  begun,
  endless,
  failure,
  NEVER,
  randomBytes,
  redirect,
  type ScriptedServer,
} from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { IpnsName } from "../../src/record/ipns-name.ts";

const RECORD = "application/vnd.ipfs.ipns-record";
const name = IpnsName.fromPublicKey(randomBytes(32));
const record = randomBytes(300);

function read({ url }: Pick<ScriptedServer, "url">, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  return gatewayRoute({ url }).get(name, signal === undefined ? {} : { signal });
}

test("a record is asked for as such, past every cache of this runtime", async () => {
  const web = await scriptedServer(answer(200, RECORD, record));
  expect(await read(web)).toEqual(record);
  expect(web.requests).toMatchObject([
    {
      method: "GET",
      url: `/ipns/${name}?format=ipns-record`,
      headers: { accept: RECORD, "cache-control": "no-cache" },
    },
  ]);
  expect(gatewayRoute({ url: web.url })).toMatchObject({ name: `the gateway at ${web.url}` });
});

test.each([
  [404, "nothing of that name"],
  [410, ""],
  [500, "routing: not found\n"],
])("%d with %j says that there is no record", async (status, text) => {
  expect(await read(await scriptedServer(answer(status, "text/plain; charset=utf-8", text)))).toBeUndefined();
});

test.each([
  [500, "text/plain", "something else was not found", "ERR_UNREACHABLE"],
  [500, "text/plain", "context deadline exceeded", "ERR_TIMEOUT"],
  [502, "text/plain", "routing: not found", "ERR_UNREACHABLE"],
  [504, "text/plain", "", "ERR_TIMEOUT"],
  [503, "text/plain", "", "ERR_UNREACHABLE"],
  [429, "text/plain", "", "ERR_UNREACHABLE"],
  [400, "text/plain", "invalid cid", "ERR_UNREACHABLE"],
  [403, "text/plain", "", "ERR_DENIED"],
  [404, "text/html", "<h1>Not found</h1>", "ERR_UNREACHABLE"],
  [404, "text/plain", "404 page not found", "ERR_UNREACHABLE"],
  [200, "text/html", "<h1>Log in</h1>", "ERR_UNREACHABLE"],
  [200, "application/octet-stream", "a head, not a record", "ERR_UNREACHABLE"],
])("%d, %s, %j is a failure, and no absence", async (status, type, text, code) => {
  expect(await failure(read(await scriptedServer(answer(status, type, text))))).toMatchObject({ code });
});

test("what has no type is no record", async () => {
  const web = await scriptedServer({ body: record });
  expect(await failure(read(web))).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("a redirect is not followed, and says what to do", async () => {
  const target = await scriptedServer(answer(200, RECORD, record));
  const web = await scriptedServer(redirect(301, target.url));
  const error = await failure(read(web));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "never" });
  expect(error.message).toContain("without subdomains");
  expect(target.requests).toEqual([]);
});

test("more than the largest record is not read to its end", async () => {
  const web = await scriptedServer(endless(RECORD));
  expect(await failure(read(web))).toMatchObject({ code: "ERR_TOO_LARGE", limit: 10 * 1024 });
  const route = gatewayRoute(web);
  for (const [maxBytes, limit] of [
    [1000, 1000],
    [50_000, 10 * 1024],
  ] as const) {
    const reading = route.get(name, { maxBytes });
    expect(await failure(reading)).toMatchObject({ code: "ERR_TOO_LARGE", limit });
  }
});

test.each([
  ["before the answer", NEVER],
  ["while the body comes", begun(RECORD)],
])("an abort %s ends it with its own reason", async (_, script) => {
  const web = await scriptedServer(script);
  const controller = new AbortController();
  const ending = failure(read(web, controller.signal));
  await expect.poll(() => web.requests.length).toBe(1);
  controller.abort("enough");
  expect(await ending).toBe("enough");
});

test("nobody who listens is ERR_UNREACHABLE", async () => {
  const error = await failure(read({ url: "http://127.0.0.1:1" }));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
});
