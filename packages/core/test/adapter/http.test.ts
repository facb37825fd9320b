// What a refusal of an HTTP service keeps.

import { expect, test, vi } from "vitest";
import { HttpFailure, sendRequest, withoutHeaderValues } from "../../src/adapter/index.ts";

const context = { operation: "storage.get", action: "reading the content b… at http://service.example" };

function failureFor(body: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return sendRequest({
    url: "http://service.example/b",
    method: "GET",
    headers,
    signal: new AbortController().signal,
    context,
    fetch: async () => new Response(body, { status: 500 }),
  }).catch((error: unknown) => error);
}

test.each([
  ["plain text", "block was not found locally\n", "block was not found locally"],
  ["Kubo's JSON", '{"Message":"routing: not found","Code":0,"Type":"error"}', "routing: not found"],
  ["Bee's JSON", '{"code":500,"message":"chunk not found"}', "chunk not found"],
  ["JSON without a message", '{"code":500}', '{"code":500}'],
  ["nothing", "", ""],
])("an HTTP failure keeps the service's own words: %s", async (_what, body, text) => {
  const failure = await failureFor(body);
  expect(failure).toBeInstanceOf(HttpFailure);
  expect(failure).toMatchObject({ status: 500, text });
});

test("the words of a service don't repeat the values of the request's headers", async () => {
  const failure = await failureFor("no such user: hunter2", { authorization: "Basic hunter2" });
  expect(failure).toMatchObject({ text: "no such user: …" });
});

test.each([
  [301, "never"],
  [302, "safe"],
  [303, "safe"],
  [307, "safe"],
  [308, "never"],
])(
  "a redirect (%d) is refused with a reason of its own; one that may pass is worth another try",
  async (status, retry) => {
    const redirect = sendRequest({
      url: "http://service.example/b",
      method: "GET",
      signal: new AbortController().signal,
      context,
      fetch: async () => new Response(null, { status, headers: { location: "http://other.example/" } }),
    });
    await expect(redirect).rejects.toMatchObject({
      code: "ERR_UNREACHABLE",
      retry,
      reason: "redirect",
    });
  },
);

test("an adapter whose client sends the requests cleans the words of the service by itself", () => {
  const headers = { Accept: "application/json", Authorization: "Basic hunter2" };
  expect(withoutHeaderValues("hunter2 wants application/json", headers)).toBe("… wants application/json");
});

test("a refusal whose words are too many, or never end, has its status alone, and its body is given up", async () => {
  vi.useFakeTimers();
  try {
    const cancel = vi.fn<() => void>();
    const long = (): ReadableStream =>
      new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(1000)), cancel });
    const silent = (): ReadableStream =>
      new ReadableStream({ pull: () => new Promise(() => undefined), cancel });
    for (const body of [long(), silent()]) {
      const refused = sendRequest({
        url: "http://service.example/b",
        method: "PUT",
        signal: new AbortController().signal,
        context,
        fetch: async () => new Response(body, { status: 403 }),
      }).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await refused).toMatchObject({ status: 403, text: "" });
    }
    expect(cancel).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});
