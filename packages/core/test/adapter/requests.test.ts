// How a request is sent, which replies it gives, and which words of a service it hides.

import { expect, onTestFinished, test, vi } from "vitest";
import {
  type Fetch,
  fetchReply,
  HttpFailure,
  readErrorText,
  sendRequest,
  withoutHeaderValues,
} from "../../src/adapter/index.ts";

const context = { operation: "storage.get", action: "reading the content b…" };

/** A request whose reply a test gives; `sent` is what `fetch` was given. */
function requestFor(response: Response) {
  const fetch = vi.fn<Fetch>(async () => response);
  const { signal } = new AbortController();
  const request = { url: "http://service.example/b", method: "GET", signal, context, fetch };
  return { request, sent: () => fetch.mock.calls[0]![1] };
}

/** A reply whose body tells whether it was given up. */
function replyWithBody(status: number) {
  const cancel = vi.fn<() => void>();
  const response = new Response(new ReadableStream({ cancel }), { status });
  return { response, cancel };
}

test("a request takes no cookies, no cached reply, no redirect, and does not say where it comes from", async () => {
  const { request, sent } = requestFor(new Response("body"));
  await fetchReply(request);
  expect(sent()).toMatchObject({
    method: "GET",
    cache: "no-store",
    credentials: "omit",
    redirect: "manual",
    referrerPolicy: "no-referrer",
  });
  expect(sent()).not.toHaveProperty("body");
});

test("the fetch of the runtime is used if the request has none, as it is at that moment", async () => {
  const fetch = vi.fn<Fetch>(async () => new Response("of the runtime"));
  vi.stubGlobal("fetch", fetch);
  onTestFinished(() => void vi.unstubAllGlobals());
  const { request } = requestFor(new Response("of the request"));
  const { fetch: _own, ...rest } = request;
  expect(await (await sendRequest(rest)).text()).toBe("of the runtime");
  expect(await (await sendRequest(request)).text()).toBe("of the request");
  expect(fetch).toHaveBeenCalledOnce();
});

test("just the status 200 is accepted, if the caller does not say which", async () => {
  const { request } = requestFor(new Response("body"));
  expect(await (await sendRequest(request)).text()).toBe("body");
  const created = requestFor(new Response("made", { status: 201 })).request;
  await expect(sendRequest(created)).rejects.toMatchObject({
    name: "HttpFailure",
    status: 201,
    text: "made",
  });
  const { response } = replyWithBody(201);
  expect(await sendRequest(requestFor(response).request, [200, 201])).toBe(response);
});

test("a failure tells its class by its name, also where classes are renamed", () => {
  expect(new HttpFailure(500, "no").name).toBe("HttpFailure");
});

test("a reply without a body ends its exchange; one with a body does not, and the caller's signal ends both", async () => {
  const empty = requestFor(new Response(null, { status: 204 }));
  await fetchReply(empty.request);
  expect(empty.sent().signal!.aborted).toBe(true);
  expect(empty.request.signal.aborted).toBe(false);
  const full = requestFor(new Response("body"));
  const controller = new AbortController();
  await fetchReply({ ...full.request, signal: controller.signal });
  expect(full.sent().signal!.aborted).toBe(false);
  controller.abort("gave up");
  expect(full.sent().signal!.reason).toBe("gave up");
});

test("a runtime that can't join signals hands the caller's own to fetch", async () => {
  const any = Object.getOwnPropertyDescriptor(AbortSignal, "any")!;
  Reflect.deleteProperty(AbortSignal, "any");
  onTestFinished(() => void Object.defineProperty(AbortSignal, "any", any));
  const { request, sent } = requestFor(new Response(null));
  await fetchReply(request);
  expect(sent().signal).toBe(request.signal);
});

test.each([
  [299, "reply"],
  [300, "redirect"],
  [399, "redirect"],
  [400, "reply"],
])("the status %d is a %s", async (status, what) => {
  const { response, cancel } = replyWithBody(status);
  const outcome = await fetchReply(requestFor(response).request).catch((error: unknown) => error);
  if (what === "reply") expect(outcome).toBe(response);
  else expect(outcome).toMatchObject({ code: "ERR_UNREACHABLE", reason: "redirect" });
  // Nobody else can give up the body of a reply that nobody gets.
  expect(cancel).toHaveBeenCalledTimes(what === "reply" ? 0 : 1);
});

test("a redirect that a browser hides, with its status, is a redirect", async () => {
  // What a browser gives for `redirect: "manual"`.
  const hidden = Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });
  expect(hidden.status).toBe(0);
  await expect(fetchReply(requestFor(hidden).request)).rejects.toMatchObject({
    reason: "redirect",
    // It may be that of a network that wants a password first.
    retry: "safe",
  });
});

test.each([
  ["Accept", "application/json"],
  ["Accept-Encoding", "identity"],
  ["Cache-Control", "no-transform"],
  ["Content-Type", "application/octet-stream"],
])("what the header %s says is no secret", (name, value) => {
  expect(withoutHeaderValues(`not ${value}`, { [name]: value })).toBe(`not ${value}`);
});

test.each([
  ["of four characters is one", "wxyz", "wxyz was refused", "… was refused"],
  ["of three characters is none", "xyz", "xyz was refused", "xyz was refused"],
  ["that is empty hides nothing", "", "it was refused", "it was refused"],
  ["with white space around it is the same", "  Bearer hunter2 ", "got Bearer hunter2.", "got …."],
  ["is one without its scheme, too", "  Bearer hunter2 ", "hunter2 is not known", "… is not known"],
])("a header's value %s", (_what, value, text, shown) => {
  expect(withoutHeaderValues(text, { Authorization: value })).toBe(shown);
});

test("the words of a refusal are read up to 16 KiB, and not if there is a byte more", async () => {
  const options = { operation: "storage.get", signal: new AbortController().signal };
  const words = "w".repeat(16 * 1024);
  expect(await readErrorText(new Response(words), options)).toBe(words);
  expect(await readErrorText(new Response(`${words}w`), options)).toBe("");
});
