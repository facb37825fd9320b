import { afterEach, beforeEach, expect, test } from "vitest";
import { type KeyValueService, startKeyValueService } from "./key-value-service.ts";

let service: KeyValueService;

beforeEach(async () => {
  service = await startKeyValueService({ room: 2 ** 21 });
});

afterEach(async () => {
  await service.stop();
});

async function ask(method: string, headers: Record<string, string> = {}, body?: string, key = "key") {
  const response = await fetch(service.url + key, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, etag: response.headers.get("etag"), text: await response.text() };
}

test("what was put is read, with an ETag that no earlier value had", async () => {
  const first = await ask("PUT", {}, "one");
  const second = await ask("PUT", {}, "one");
  expect([first.status, second.status]).toEqual([201, 204]);
  expect(second.etag).not.toBe(first.etag);
  expect(await ask("GET")).toEqual({ status: 200, etag: second.etag, text: "one" });
  expect(await ask("HEAD")).toEqual({ status: 200, etag: second.etag, text: "" });
});

test("what was deleted, or never there, is a 404", async () => {
  expect((await ask("GET")).status).toBe(404);
  await ask("PUT", {}, "one");
  expect((await ask("DELETE")).status).toBe(204);
  expect((await ask("DELETE")).status).toBe(404);
  expect((await ask("HEAD")).status).toBe(404);
});

test("a write under a condition that does not hold is a 412, and changes nothing", async () => {
  expect((await ask("PUT", { "if-match": '"1"' }, "no")).status).toBe(412);
  expect((await ask("PUT", { "if-match": "*" }, "no")).status).toBe(412);
  expect((await ask("GET")).status).toBe(404);
  const { etag } = await ask("PUT", { "if-none-match": "*" }, "one");
  expect((await ask("PUT", { "if-none-match": "*" }, "no")).status).toBe(412);
  expect((await ask("PUT", { "if-match": '"other"' }, "no")).status).toBe(412);
  expect((await ask("DELETE", { "if-match": '"other"' })).status).toBe(412);
  expect((await ask("GET")).text).toBe("one");
  expect((await ask("PUT", { "if-match": etag! }, "two")).status).toBe(204);
  expect((await ask("GET")).text).toBe("two");
});

test("of 20 concurrent writes under one condition exactly one is done", async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => ask("PUT", { "if-none-match": "*" }, `${i}`)),
  );
  const statuses = answers.map(({ status }) => status);
  expect([201, 412].map((status) => statuses.filter((one) => one === status).length)).toEqual([1, 19]);
});

test("a read of what the reader has already is a 304, without content", async () => {
  const { etag } = await ask("PUT", {}, "one");
  expect(await ask("GET", { "if-none-match": etag! })).toEqual({ status: 304, etag, text: "" });
  expect((await ask("GET", { "if-none-match": '"0"' })).text).toBe("one");
});

test("a value over 1 MiB is a 413, one without room a 507, and a key that is none a 400", async () => {
  expect((await ask("PUT", {}, "x".repeat(2 ** 20 + 1))).status).toBe(413);
  expect((await ask("PUT", {}, "x".repeat(2 ** 20), "a")).status).toBe(201);
  expect((await ask("PUT", {}, "x".repeat(2 ** 20), "b")).status).toBe(201);
  expect((await ask("PUT", {}, "x", "c")).status).toBe(507);
  expect((await ask("GET", {}, undefined, "c")).status).toBe(404);
  expect((await ask("GET", {}, undefined, "a/b")).status).toBe(400);
  expect((await ask("GET", {}, undefined, "k".repeat(201))).status).toBe(400);
});

test("keys are listed in order, 100 at once, and each list says whether there are more", async () => {
  expect(JSON.parse((await ask("GET", {}, undefined, "?after=")).text)).toEqual({ keys: [], more: false });
  const keys = Array.from({ length: 201 }, (_, i) => `key-${String(i).padStart(3, "0")}`);
  await Promise.all(keys.toReversed().map((key) => ask("PUT", {}, "x", key)));
  for (const [after, count, more] of [
    ["", 100, true],
    ["key-099", 100, true],
    ["key-100", 100, false],
    ["key-199", 1, false],
  ] as const) {
    const { text } = await ask("GET", {}, undefined, `?after=${after}`);
    const begin = after === "" ? 0 : keys.indexOf(after) + 1;
    expect(JSON.parse(text)).toEqual({ keys: keys.slice(begin, begin + count), more });
  }
});

test("if a token is required, a request with another one or without one is a 401", async () => {
  const guarded = await startKeyValueService({ token: "made up" });
  try {
    const status = async (headers: HeadersInit) => (await fetch(`${guarded.url}key`, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: "Bearer other" })).toBe(401);
    expect(await status({ authorization: "Bearer made up" })).toBe(404);
  } finally {
    await guarded.stop();
  }
});
