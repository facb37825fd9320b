// What a service says of when to come back, from its header to the error that a caller sees.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  type Call,
  defineStorage,
  failureOf,
  type OperationContext,
  parseRetryAfter,
  sendRequest,
} from "../../src/adapter/index.ts";
import { storageDriver } from "./fake-drivers.ts";

test.each([
  ["7", 7000],
  [" 0 ", 0],
  ["999999999999", 86_400_000],
  ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
  ["soon", undefined],
  ["", undefined],
  [null, undefined],
])("Retry-After: %j", (header, milliseconds) => {
  expect(parseRetryAfter(header)).toBe(milliseconds);
});

test("a date is as far away as it is", () => {
  const asked = parseRetryAfter(new Date(Date.now() + 30_000).toUTCString());
  expect(asked).toBeGreaterThan(20_000);
  expect(asked).toBeLessThanOrEqual(30_000);
});

test("what a service asks for is in the error, however the adapter translates its failures", async () => {
  const response = (): Response =>
    new Response("Slow down.", { status: 503, headers: { "retry-after": "12" } });
  const request = ({ signal, context }: Call): Promise<Response> => {
    const fetch = async (): Promise<Response> => response();
    return sendRequest({ url: "http://service.example", method: "PUT", signal, context, fetch });
  };
  const { driver } = storageDriver({
    put: async (_content: Uint8Array, call: Call) => {
      await request(call);
      throw new Error("It was accepted.");
    },
    // A client that keeps the reply.
    get: async () => {
      throw Object.assign(new Error("503"), { response: response() });
    },
    has: async () => {
      throw new Error("cut off");
    },
    translate: (_error: unknown, context: OperationContext) => failureOf("busy", context),
  });
  const storage = defineStorage(driver);
  const content = Uint8Array.of(1);
  expect(await failure(storage.put(content))).toMatchObject({
    retry: "safe",
    retryAfterMilliseconds: 12_000,
  });
  const address = await defineStorage(storageDriver().driver).put(content);
  expect(await failure(storage.get(address))).toMatchObject({ retryAfterMilliseconds: 12_000 });
  expect(await failure(storage.has(address))).toMatchObject({ retryAfterMilliseconds: undefined });
});
