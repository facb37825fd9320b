// Replies of any status, and redirects, which are none.

import { expect, test } from "vitest";
import { fetchAnyReply, fetchReply } from "../../src/adapter/index.ts";

function reply(response: Response): Promise<Response> {
  return fetchReply({
    url: "http://service.example/b",
    method: "GET",
    signal: new AbortController().signal,
    context: { operation: "storage.get", action: "reading the content b…" },
    fetch: async () => response,
  });
}

test.each([200, 206, 304, 404, 500])("the status %d is a reply", async (status) => {
  const response = new Response(null, { status });
  expect(await reply(response)).toBe(response);
});

test.each([
  [301, "never"],
  [302, "safe"],
  [307, "safe"],
  [308, "never"],
])("the redirect %d is refused, and not followed", async (status, retry) => {
  await expect(reply(new Response(null, { status }))).rejects.toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "redirect",
    retry,
  });
});

test("a redirect can be asked for as it is: it is not followed, and its connection ends", async () => {
  const response = new Response(null, { status: 301, headers: { location: "http://elsewhere.example/" } });
  let sent: RequestInit = {};
  const given = await fetchAnyReply({
    url: "http://service.example/b",
    method: "GET",
    signal: new AbortController().signal,
    fetch: async (_url, init) => {
      sent = init;
      return response;
    },
  });
  expect(given).toBe(response);
  expect(sent.redirect).toBe("manual");
  expect(sent.signal?.aborted).toBe(true);
});
